// ./dev bench realtime: sockets' memory, a broadcast's delay and its cost in CPU, a thousand clients that come back
// at once; against npm's socket.io doing the same for the same client on the same machine. The client is bare `ws`
// with Socket.IO's few bytes of text, so that it costs little beside the servers.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import readline from 'node:readline';
import { fileURLToPath, pathToFileURL } from 'node:url';
import WebSocket from 'ws';

const root = fileURLToPath(new URL('..', import.meta.url));
const idleSockets = Number(process.env.KONTOR_BENCH_SOCKETS ?? 10_000);
const members = 1000;
const openAtOnce = 200; // handshakes in flight: the listen queue of a Node server is short
const ticksPerSecond = 100; // Linux: USER_HZ
const median = (values) => values.slice().sort((a, b) => a - b)[values.length >> 1];
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

class Side {
  static async start(name, command, ...args) {
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = await once(readline.createInterface(child.stdout), 'line');
    const side = new Side();
    Object.assign(side, { name, child, port: Number(/--port (\d+)/.exec(line)[1]), clients: [] });
    return side;
  }

  async stop() {
    for (const client of this.clients) client.terminate();
    this.child.kill('SIGTERM');
    if (this.child.exitCode === null) await once(this.child, 'exit');
  }

  memory_bytes() {
    return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${this.child.pid}/status`, 'utf8'))[1]) * 1024;
  }

  cpu_seconds() {
    const fields = readFileSync(`/proc/${this.child.pid}/stat`, 'utf8').split(') ')[1].split(' ');
    return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
  }

  // A socket that has joined the namespace. `hear` gets every text message after that.
  open(hear = () => {}) {
    return new Promise((resolve, reject) => {
      const socket = new WebSocket(`ws://127.0.0.1:${this.port}/normal/?EIO=4&transport=websocket`, { perMessageDeflate: false });
      let joined = false;
      socket.on('error', reject);
      socket.on('message', (data) => {
        const text = data.toString();
        if (text === '2') return socket.send('3');
        if (text[0] === '0') return socket.send('40');
        if (joined) return hear(text);
        if (text.startsWith('42["auth"')) {
          joined = true;
          resolve(socket);
        }
        return undefined;
      });
      this.clients.push(socket);
    });
  }

  async openMany(count, hear, atOnce = openAtOnce) {
    const sockets = [];
    while (sockets.length < count) {
      const some = Array.from({ length: Math.min(atOnce, count - sockets.length) }, () => this.open(hear));
      sockets.push(...await Promise.all(some));
    }
    return sockets;
  }

  async closeAll() {
    for (const client of this.clients) client.terminate();
    this.clients = [];
    await pause(500);
  }
}

async function memory(side) {
  const before = side.memory_bytes();
  await side.openMany(idleSockets);
  await pause(1000);
  const each = (side.memory_bytes() - before) / idleSockets;
  await side.closeAll();
  return each;
}

// A room of `members`; one sender. Paced messages tell the delay, bursts the cost.
async function broadcast(side) {
  const delays = [];
  let delivered = 0;
  let wake = () => {};
  let wanted = Infinity;
  const hear = (text) => {
    if (!text.startsWith('42["news"')) return;
    if (measuring) delays.push(performance.now() - Number(/,(\d+)/.exec(text)[1]) / 1000);
    if (++delivered >= wanted) wake();
  };
  let measuring = true;
  const sockets = await side.openMany(members, hear);
  for (const socket of sockets) socket.send('420["join","room"]');
  const sender = await side.open();
  await pause(1000);
  const all = async (count, send) => {
    delivered = 0;
    wanted = count;
    const done = new Promise((resolve) => { wake = resolve; });
    send();
    await done;
  };
  for (let i = 0; i < 50; ++i) {
    await all(members, () => sender.send(`42["emit-room","room","news",${Math.round(performance.now() * 1000)}]`));
    await pause(20);
  }
  measuring = false;
  const burst = 20;
  const rounds = 20;
  const cpu = side.cpu_seconds();
  for (let i = 0; i < rounds; ++i) {
    await all(members * burst, () => {
      for (let j = 0; j < burst; ++j) sender.send(`42["emit-room","room","news",${j},"${'x'.repeat(100)}"]`);
    });
  }
  const perCpuSecond = (members * burst * rounds) / (side.cpu_seconds() - cpu);
  await side.closeAll();
  delays.sort((a, b) => a - b);
  return { p99: delays[Math.floor(delays.length * 0.99)], perCpuSecond };
}

// `members` clients lose their connection and all come back at the same moment.
async function comeBack(side) {
  await side.openMany(members);
  await side.closeAll();
  const began = performance.now();
  await side.openMany(members, () => {}, members);
  const took = performance.now() - began;
  await side.closeAll();
  return took;
}

async function measure(start) {
  const side = await start();
  try {
    const each = await memory(side); // first: later the server has memory to use again
    const { p99, perCpuSecond } = await broadcast(side);
    return { each, p99, perCpuSecond, back_ms: await comeBack(side) };
  } finally {
    await side.stop();
  }
}

export async function realtime(fixture = path.join(root, 'build/release/tests/realtime/fixture')) {
  const sides = {
    kontor: () => Side.start('kontor', fixture, '--port', '0', '--client-port', '0'),
    'npm socket.io': () => Side.start('npm socket.io', process.execPath, path.join(root, 'bench/realtime_node.mjs')),
  };
  const rounds = Number(process.env.KONTOR_BENCH_ROUNDS ?? 3);
  const results = { kontor: [], 'npm socket.io': [] };
  for (let round = 0; round < rounds; ++round) {
    for (const [name, start] of Object.entries(sides)) results[name].push(await measure(start));
  }
  const figure = (name, member) => median(results[name].map((result) => result[member]));
  const rows = [
    ['a connected socket, KB over the idle server', 'each', (value) => (value / 1024).toFixed(1), '≤ 12'],
    [`to all ${members} of a room, p99 ms`, 'p99', (value) => value.toFixed(0), '≤ 100'],
    ['deliveries per CPU second', 'perCpuSecond', (value) => Math.round(value).toLocaleString('en'), '≥ 5 times'],
    [`${members} reconnect at once, ms`, 'back_ms', (value) => value.toFixed(0), '≤ 5,000'],
  ];
  console.log('| | kontor | npm socket.io | wanted |\n|---|---|---|---|');
  for (const [what, member, text, wanted] of rows) {
    console.log(`| ${what} | ${text(figure('kontor', member))} | ${text(figure('npm socket.io', member))} | ${wanted} |`);
  }
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) await realtime(process.argv[2]);
