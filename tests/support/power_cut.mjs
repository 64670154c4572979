// What is on the disk when the power goes: strace records each write to the files of an SQLite database and each fsync, and
// a model of the disk tells what they hold at any moment if only what was synced is kept.
import { spawn } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { copyFile, mkdtemp, readdir, readFile, readlink, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { once } from 'node:events';

const calls = ['pwrite64', 'ftruncate', 'fdatasync', 'fsync'];
const write_bytes_max = 1 << 20; // strace shows so much of one; SQLite writes pages and frames of 4 KB

// In seconds, as strace tells it.
export const wallTime = () => (performance.timeOrigin + performance.now()) / 1000;

export class DiskRecorder {
  // Records what the program does to the files `names` of `folder`, which it has open and has synced.
  static async attach(pid, folder, names) {
    const recorder = new DiskRecorder(await mkdtemp(path.join(tmpdir(), 'kontor-disk-')), names);
    for (const name of names) await copyFile(path.join(folder, name), recorder.#at(name));
    recorder.files = await openFiles(pid, folder, names);
    recorder.strace = spawn('strace', ['-f', '-ttt', '-T', '-xx', '-s', String(write_bytes_max), '-e', `trace=${calls.join()}`, '-o', recorder.#at('calls'), '-p', String(pid)], { stdio: ['ignore', 'ignore', 'pipe'] });
    await new Promise((resolve, reject) => {
      let said = '';
      recorder.strace.stderr.setEncoding('utf8').on('data', (text) => /attached/.test(said += text) && resolve());
      recorder.strace.once('exit', () => reject(new Error(`strace: ${said}`)));
    });
    return recorder;
  }

  constructor(folder, names) {
    this.folder = folder;
    this.names = names;
  }

  // Ends it: [{name, call, began, ended, offset, bytes}] in the order in which they ended.
  async stop() {
    const exited = once(this.strace, 'exit');
    this.strace.kill('SIGINT');
    await exited;
    const [unfinished, deeds] = [new Map(), []];
    for await (const line of createInterface({ input: createReadStream(this.#at('calls'), 'latin1') })) {
      const [, thread, at, rest] = /^(\d+)\s+([\d.]+) (.*)$/.exec(line) ?? [];
      if (!rest) continue;
      if (rest.endsWith('<unfinished ...>')) {
        unfinished.set(thread, { began: Number(at), text: rest });
        continue;
      }
      const resumed = /^<\.\.\. \w+ resumed>(.*)$/.exec(rest);
      const begin = resumed ? unfinished.get(thread) : { began: Number(at), text: '' };
      if (!begin) continue; // it began before we looked
      const deed = this.#deed(begin.text + (resumed ? resumed[1] : rest), begin.began);
      if (deed) deeds.push(deed);
    }
    return deeds.sort((a, b) => a.ended - b.ended);
  }

  // The files as they were when it began: name → bytes.
  async before() {
    return new Map(await Promise.all(this.names.map(async (name) => [name, await readFile(this.#at(name))])));
  }

  close() {
    return rm(this.folder, { recursive: true, force: true });
  }

  #at(name) {
    return path.join(this.folder, name);
  }

  #deed(text, began) {
    const [, call, fd] = /^(\w+)\((\d+)/.exec(text) ?? [];
    const name = this.files.get(fd);
    const [, result, took] = /= (-?\d+).*<([\d.]+)>$/.exec(text) ?? [];
    if (!name || !took || Number(result) < 0) return undefined;
    const deed = { name, call, began, ended: began + Number(took) };
    if (call === 'pwrite64') {
      const [, hex, size, offset] = /^\w+\(\d+, "((?:\\x..)*)"(?:\.\.\.)?.*?, (\d+), (\d+)\)/.exec(text.replace(' <unfinished ...>', '')) ?? [];
      deed.bytes = Buffer.from(hex.replaceAll('\\x', ''), 'hex');
      deed.offset = Number(offset);
      if (deed.bytes.length !== Number(size) || Number(result) !== Number(size)) throw new Error(`a write that can't be told: ${text.slice(0, 200)}`);
    }
    if (call === 'ftruncate') deed.size = Number(/^\w+\(\d+, (\d+)/.exec(text)[1]);
    return deed;
  }
}

async function openFiles(pid, folder, names) {
  const files = new Map();
  for (const fd of await readdir(`/proc/${pid}/fd`)) {
    const target = await readlink(`/proc/${pid}/fd/${fd}`).catch(() => '');
    if (path.dirname(target) === folder && names.includes(path.basename(target))) files.set(fd, path.basename(target));
  }
  return files;
}

// A disk that keeps what was written before a sync began, once that sync has ended, and of the rest what `keeps(write)` says.
export class Disk {
  constructor(before, deeds, { keeps = () => false, syncs = () => true } = {}) {
    this.durable = new Map([...before].map(([name, bytes]) => [name, Buffer.from(bytes)]));
    this.pending = new Map([...before.keys()].map((name) => [name, []]));
    this.deeds = deeds;
    this.keeps = keeps;
    this.syncs = syncs;
    this.next = 0;
  }

  // Goes on to that moment; later ones only.
  runUntil(time) {
    for (; this.next < this.deeds.length && this.deeds[this.next].ended <= time; ++this.next) {
      const deed = this.deeds[this.next];
      const pending = this.pending.get(deed.name);
      if (deed.call === 'pwrite64' || deed.call === 'ftruncate') {
        pending.push(deed);
      } else if (this.syncs(this.next)) {
        const before = pending.filter(({ ended }) => ended <= deed.began);
        this.pending.set(deed.name, pending.filter(({ ended }) => ended > deed.began));
        this.durable.set(deed.name, before.reduce(apply, this.durable.get(deed.name)));
      }
    }
  }

  // Writes what is there if the power goes now into `folder`.
  async cut(folder) {
    for (const [name, bytes] of this.durable) {
      const kept = this.pending.get(name).filter(this.keeps);
      await writeFile(path.join(folder, name), kept.reduce(apply, kept.length > 0 ? Buffer.from(bytes) : bytes));
    }
  }
}

function apply(bytes, { call, offset, bytes: written, size }) {
  const wanted = call === 'ftruncate' ? size : Math.max(bytes.length, offset + written.length);
  const image = wanted > bytes.length ? Buffer.concat([bytes, Buffer.alloc(wanted - bytes.length)]) : bytes.subarray(0, wanted);
  if (call === 'pwrite64') written.copy(image, offset);
  return image;
}
