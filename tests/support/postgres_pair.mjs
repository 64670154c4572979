// A PostgreSQL primary with a synchronous standby, on unix sockets of a temporary folder; the primary can be killed and the
// standby promoted. Like tools/with_postgres.sh, as the user postgres where the tests run as root.
import { execFile } from 'node:child_process';
import { appendFile, chown, mkdtemp, readFile, readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { eventually } from './eventually.mjs';

const run = promisify(execFile);
const user = 'postgres';
const ports = { primary: 5432, standby: 5433 };

async function findPrograms() {
  if (process.env.POSTGRES_BIN) return process.env.POSTGRES_BIN;
  const versions = (await readdir('/usr/lib/postgresql')).sort((x, y) => Number(x) - Number(y));
  return `/usr/lib/postgresql/${versions.at(-1)}/bin`;
}

export class PostgresPair {
  static async open() {
    const pair = new PostgresPair();
    pair.programs = await findPrograms();
    pair.folder = await mkdtemp('/tmp/kontor-pair-'); // the path of a socket may have 107 bytes
    if (process.getuid() === 0) {
      const { stdout } = await run('id', ['-u', user]);
      await chown(pair.folder, Number(stdout), (await stat(pair.folder)).gid);
    }
    try {
      await pair.#begin();
    } catch (error) {
      await pair.close();
      throw error;
    }
    return pair;
  }

  // Whichever of the two takes writes.
  get url() {
    const both = (words) => words.join(',');
    return `postgres:///postgres?host=${both([this.folder, this.folder])}&port=${both(Object.values(ports))}&user=${user}&target_session_attrs=read-write`;
  }

  async killPrimary() {
    const pid = Number((await readFile(this.#place('primary', 'postmaster.pid'), 'utf8')).split('\n')[0]);
    process.kill(pid, 'SIGKILL');
  }

  async promote() {
    await this.#do('pg_ctl', 'promote', '-D', this.#place('standby'), '-s', '-w');
  }

  async close() {
    for (const name of Object.keys(ports)) {
      await this.#do('pg_ctl', 'stop', '-D', this.#place(name), '-m', 'immediate', '-s').catch(() => {}); // it may be dead
    }
    await rm(this.folder, { recursive: true, force: true });
  }

  async #begin() {
    const connection = ['-h', this.folder, '-p', String(ports.primary), '-U', user];
    await this.#do('initdb', '-D', this.#place('primary'), '-U', user, '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync');
    await this.#configure('primary');
    await this.#start('primary');
    await this.#do('pg_basebackup', ...connection, '-D', this.#place('standby'), '-R', '--no-sync', '-c', 'fast');
    await this.#configure('standby');
    await this.#start('standby');
    const ask = async (sql) => (await run('psql', ['-X', '-q', '-At', ...connection, '-d', 'postgres', '-c', sql])).stdout.trim();
    await ask("alter system set synchronous_standby_names = '*'");
    await ask('select pg_reload_conf()');
    await eventually(async () => (await ask('select sync_state from pg_stat_replication')) === 'sync', 'the standby');
  }

  #configure(name) {
    return appendFile(this.#place(name, 'postgresql.conf'),
      `listen_addresses = ''\nunix_socket_directories = '${this.folder}'\nport = ${ports[name]}\nmax_connections = 100\n`);
  }

  #start(name) {
    return this.#do('pg_ctl', 'start', '-D', this.#place(name), '-l', path.join(this.folder, `${name}.log`), '-s', '-w');
  }

  #place(name, ...rest) {
    return path.join(this.folder, name, ...rest);
  }

  #do(program, ...words) {
    const as = process.getuid() === 0 ? ['runuser', '-u', user, '--'] : [];
    const [command, ...all] = [...as, path.join(this.programs, program), ...words];
    return run(command, all, { cwd: '/' });
  }
}
