// A root to install packages into: this machine's files are seen in it, what is written stays in memory and is gone with
// it. For Linux's root only, as it mounts an overlay in a mount namespace of its own.
import { execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const environment = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C.UTF-8', DEBIAN_FRONTEND: 'noninteractive' };

// Mounts it at $1, shows in it the folder $2 as /mnt and what was written as /media, and stays there until its input ends.
// An empty /run hides this machine's systemd from the package's scripts.
const hold = `
mount -t tmpfs tmpfs "$1"
mkdir "$1/upper" "$1/work" "$1/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$1/upper,workdir=$1/work" "$1/root"
mount --rbind /dev "$1/root/dev"
mount --rbind /proc "$1/root/proc"
mount --bind "$2" "$1/root/mnt"
mount --bind "$1/upper" "$1/root/media"
mount -t tmpfs tmpfs "$1/root/run"
mount -t tmpfs tmpfs "$1/root/tmp"
exec chroot "$1/root" sh -ec '[ -s /var/lib/dpkg/status ] || { echo "it has no packages" >&2; exit 1; }; echo ready; exec cat'`;
const words = (place, shown) => ['unshare', ['--mount', 'sh', '-ec', hold, 'hold', place, shown]];

export class ThrowAwayRoot {
  // Why there can be none here; false if there can.
  static whyNot() {
    const place = mkdtempSync(path.join(tmpdir(), 'kontor-root-'));
    const { status, stderr, error } = spawnSync(...words(place, tmpdir()), { input: '', encoding: 'utf8' });
    rmdirSync(place);
    return status !== 0 && `no root to throw away: ${error?.message ?? stderr.trim()}`;
  }

  static async open(shown) {
    const root = new ThrowAwayRoot();
    root.place = mkdtempSync(path.join(tmpdir(), 'kontor-root-'));
    root.holder = spawn(...words(root.place, shown), { stdio: ['pipe', 'pipe', 'inherit'] });
    root.ended = once(root.holder, 'exit');
    const ready = await Promise.race([once(root.holder.stdout, 'data'), root.ended.then(() => false)]);
    if (!ready) {
      rmdirSync(root.place);
      throw new Error('there is no root to throw away');
    }
    return root;
  }

  // Gives what a command in there prints.
  async run(...command) {
    return (await run(...this.#inside(command), { env: environment })).stdout;
  }

  // Starts one that stays; what it prints can be read.
  spawn(...command) {
    return spawn(...this.#inside(command), { env: environment, stdio: ['ignore', 'pipe', 'inherit'] });
  }

  // The files in there that are named like that and aren't this machine's.
  async written(pattern) {
    return (await this.run('find', '/media', '-name', pattern, '!', '-type', 'c')).split('\n').filter(Boolean);
  }

  async close() {
    this.holder.stdin.end();
    await this.ended;
    rmdirSync(this.place); // it is empty: nothing was ever mounted there for the rest of the machine
  }

  #inside(command) {
    return ['nsenter', ['--target', this.holder.pid, '--mount', '--root', '--wd', ...command].map(String)];
  }
}
