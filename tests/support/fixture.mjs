// The conformance program as a process of the test's own, and clients for it that are done when the test is.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import readline from 'node:readline';
import { fileURLToPath } from 'node:url';
import WebSocket from 'ws';
import { sanitizer_bytes } from './server.mjs';

const heap_holes_bytes = 24_000_000;
export const unsent_bytes_max = 4_000_000; // that may wait for one client: src/realtime/limits.hpp

const root = fileURLToPath(new URL('../..', import.meta.url));

function binary() {
  const build = process.env.KONTOR_BIN ? path.dirname(path.resolve(process.env.KONTOR_BIN)) : path.join(root, 'build/release');
  const file = path.join(build, 'tests/realtime/fixture');
  if (!existsSync(file)) throw new Error(`${file} isn't there: run ./dev build release, or set KONTOR_BIN`);
  return file;
}

// The id in the answer to a CONNECT.
export const socketId = (answer) => /"sid":"([\w-]+)"/.exec(answer)[1];

export class Fixture {
  static async start({ threads = 1, deflate = false } = {}) {
    const words = ['--port', '0', '--client-port', '0', '--threads', String(threads), ...(deflate ? ['--deflate'] : [])];
    const child = spawn(binary(), words, {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = await once(readline.createInterface(child.stdout), 'line');
    const [, port, clientPort] = line.match(/--port (\d+) --client-port (\d+)/);
    return new Fixture(child, Number(port), Number(clientPort));
  }

  constructor(child, port, clientPort) {
    Object.assign(this, { child, port, clientPort, url: `http://127.0.0.1:${port}`, clientUrl: `http://127.0.0.1:${clientPort}` });
  }

  async stop() {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    this.child.kill('SIGTERM');
    await once(this.child, 'exit');
  }

  isAlive() {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  memory_bytes() {
    return Number(readFileSync(`/proc/${this.child.pid}/status`, 'utf8').match(/VmRSS:\s+(\d+) kB/)[1]) * 1024;
  }

  // Since then it has grown by what may wait in it and the holes of a heap, not by what has passed through it.
  assertFlat(before_bytes, { waiting_bytes, hint = '' }) {
    const grown_bytes = this.memory_bytes() - before_bytes;
    assert.ok(grown_bytes < waiting_bytes + heap_holes_bytes + sanitizer_bytes, `it grew by ${grown_bytes} bytes ${hint}`);
  }

  // --- polling, by hand ---

  fetch(path_, query, options) {
    const parameters = new URLSearchParams({ EIO: '4', transport: 'polling', ...query });
    return fetch(`${this.url}${path_}?${parameters}`, options);
  }

  async openPolling(path_ = '/engine.io/') {
    const text = await (await this.fetch(path_)).text();
    return JSON.parse(text.slice(1)).sid;
  }

  // --- WebSocket, by hand ---

  webSocket(path_ = '/engine.io/', query = {}, options = {}) {
    const parameters = new URLSearchParams({ EIO: '4', transport: 'websocket', ...query });
    return new Wire(new WebSocket(`${this.url.replace('http', 'ws')}${path_}?${parameters}`, options));
  }

  // A WebSocket that has joined a namespace, and its `id` there; its welcome and what the fixture emits then are read.
  async join(path_ = '/normal/', namespace = '/') {
    const wire = this.webSocket(path_);
    await wire.next(); // Engine.IO's
    wire.send(namespace === '/' ? '40' : `40${namespace},`);
    wire.id = socketId(await wire.next());
    await wire.next(); // the fixture's `auth`
    return wire;
  }

  // Hears who leaves /normal/: watchman.gone(id) waits for that socket's end and says why it is gone.
  async watchman() {
    const wire = await this.join();
    wire.send('420["join","gone"]');
    await wire.next();
    wire.gone = async (wanted) => {
      for (;;) {
        const [, id, reason] = JSON.parse((await wire.next(20_000)).slice(2));
        if (id === wanted) return reason;
      }
    };
    return wire;
  }
}

// Messages of a WebSocket in their order, awaited one by one; pings are answered and not seen.
export class Wire {
  constructor(socket) {
    this.socket = socket;
    this.messages = [];
    this.closed = null; // {code}
    this.pongs = 0;
    this.waiting = new Set(); // of until(): what wakes each
    this.answersPings = true;
    socket.on('message', (data, binary) => {
      if (!binary && data.toString() === '2' && this.answersPings) return this.send('3');
      this.messages.push(binary ? data : data.toString());
      this.wake();
    });
    socket.on('pong', () => {
      this.pongs += 1;
      this.wake();
    });
    socket.on('open', () => this.wake());
    socket.on('close', (code) => {
      this.closed = { code };
      this.wake();
    });
    socket.on('error', () => {});
  }

  wake() {
    for (const done of [...this.waiting]) done();
  }

  send(data) {
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(data);
  }

  next(timeout_ms = 5_000) {
    return this.until(() => this.messages.shift(), timeout_ms, 'a message');
  }

  async opened() {
    await this.until(() => this.socket.readyState === WebSocket.OPEN || undefined, 5_000, 'the WebSocket to open');
  }

  close(timeout_ms = 5_000) {
    return this.until(() => this.closed ?? undefined, timeout_ms, 'the close');
  }

  end() {
    this.socket.terminate();
  }

  async until(probe, timeout_ms, what) {
    const deadline = Date.now() + timeout_ms;
    for (;;) {
      const found = probe();
      if (found !== undefined) return found;
      const left = deadline - Date.now();
      if (left <= 0) throw new Error(`waited ${timeout_ms} ms for ${what}`);
      await new Promise((resolve) => {
        const done = () => {
          clearTimeout(timer);
          this.waiting.delete(done);
          resolve();
        };
        const timer = setTimeout(done, left);
        this.waiting.add(done);
      });
    }
  }
}

// Resolves with the arguments of the next `event` of an official client.
export function nextEvent(socket, event, timeout_ms = 5_000) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no ${event} within ${timeout_ms} ms`)), timeout_ms);
    socket.once(event, (...args) => {
      clearTimeout(timer);
      resolve(args);
    });
  });
}
