#!/bin/bash
# Runs a command with a PostgreSQL of its own: Debian's binaries, a temporary directory, a unix socket and no port.
# KONTOR_TEST_POSTGRES holds its URL. Afterwards the server is stopped and the directory removed.
# usage: tools/with_postgres.sh COMMAND [ARGUMENTS…]
set -euo pipefail

bin=${POSTGRES_BIN:-$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)}
if [ ! -x "$bin/initdb" ]; then
  echo "PostgreSQL's server is not installed: apt-get install postgresql-15" >&2
  exit 1
fi

# The path of a socket may have 107 bytes, so the directory can't be deep.
directory=$(mktemp -d /tmp/kontor-postgres.XXXXXX)

# The server refuses to run as root.
as_server=()
if [ "$(id -u)" = 0 ]; then
  as_server=(runuser -u postgres --)
  chown postgres "$directory"
fi

cleanup() {
  cd /  # the server's user may have no right to the directory we were called from
  if [ -e "$directory/data/postmaster.pid" ]; then
    "${as_server[@]}" "$bin/pg_ctl" stop -D "$directory/data" -m immediate -s || true
  fi
  rm -rf "$directory"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

cd "$directory"
"${as_server[@]}" "$bin/initdb" -D "$directory/data" -U postgres -A trust -E UTF8 --locale=C --no-sync >"$directory/initdb.log" ||
  { cat "$directory/initdb.log" >&2; exit 1; }
cat >>"$directory/data/postgresql.conf" <<CONF
listen_addresses = ''
unix_socket_directories = '$directory'
max_connections = 200
deadlock_timeout = 50ms
CONF
"${as_server[@]}" "$bin/pg_ctl" start -D "$directory/data" -l "$directory/server.log" -s -w ||
  { cat "$directory/server.log" >&2; exit 1; }
cd "$OLDPWD"

export KONTOR_TEST_POSTGRES="postgres:///postgres?host=$directory&user=postgres"
"$@"
