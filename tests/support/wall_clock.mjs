// The wall clock of a program under test, by Debian's libfaketime: set while it runs, or made to run faster. Its monotonic
// clock stays the machine's, as it does when somebody sets the time.
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

export class WallClock {
  static async open() {
    const clock = new WallClock(await mkdtemp(path.join(tmpdir(), 'kontor-clock-')));
    await clock.shift(0);
    return clock;
  }

  constructor(folder) {
    this.folder = folder;
    this.file = path.join(folder, 'time');
  }

  // The command before a program whose clock this is. ($LIB is the loader's word for where this machine's libraries are.)
  get wrapper() {
    return ['env', 'LD_PRELOAD=/usr/$LIB/faketime/libfaketimeMT.so.1', `FAKETIME_TIMESTAMP_FILE=${this.file}`, 'FAKETIME_NO_CACHE=1', 'DONT_FAKE_MONOTONIC=1', 'FAKETIME_DONT_FAKE_MONOTONIC=1', 'NO_FAKE_STAT=1'];
  }

  // So many seconds off the true time from now on.
  async shift(seconds) {
    this.shift_ms = seconds * 1000;
    await this.#write(`${seconds < 0 ? '-' : '+'}${Math.abs(seconds)}`);
  }

  // For programs that start from now on: `factor` times as fast as the true time, from their start on.
  async hurry(factor) {
    await this.#write(`+0 x${factor}`);
  }

  now_ms() {
    return Date.now() + this.shift_ms;
  }

  close() {
    return rm(this.folder, { recursive: true, force: true });
  }

  // Whole or not at all: the program may read it at any moment.
  async #write(text) {
    await writeFile(`${this.file}.new`, `${text}\n`);
    await rename(`${this.file}.new`, this.file);
  }
}
