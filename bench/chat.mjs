// ./dev bench chat: messages that are on disk when they are acknowledged, over 200 connections, against a bare loop of
// the same writes in commits of the same size; and what ten thousand sockets that chat cost the catalogue's readers.
// Then what ./dev bench realtime measures. The clients write their frames
// themselves (RFC 6455, section 5.2): what they cost is taken from the server, as both share the cores.
import { execFile } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import { promisify } from 'node:util';
import { realtime } from './realtime.mjs';
import { Kontor, root } from './sides.mjs';
import { median, wrk } from './wrk.mjs';

const run = promisify(execFile);
const folder = path.join(root, 'build/bench/chat');
const connections = 200;
const sockets = Number(process.env.KONTOR_BENCH_SOCKETS ?? 10_000);
const socketsEach = 20; // devices of one person
const secondsBetween = 20; // messages of one socket
const seconds = Number(process.env.KONTOR_BENCH_SECONDS ?? 5);
const rounds = Number(process.env.KONTOR_BENCH_ROUNDS ?? 3);
const password = 'correct horse battery';
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const say = (text) => console.error(text);

async function call(shop, method, target, body, token) {
  const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) };
  const answer = await fetch(shop.url + target, { method, headers, body: body && JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${method} ${target}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}

// People with a conversation each: [{token, conversation}].
async function invite(shop, count) {
  const people = [];
  for (let begin = 0; begin < count; begin += 20) {
    people.push(...await Promise.all(Array.from({ length: Math.min(20, count - begin) }, async (_, i) => {
      const email = `talker-${begin + i}@example.com`;
      const { access_token: token } = await call(shop, 'POST', '/v1/auth/register', { email, password, name: 'Talker' });
      const { id: conversation } = await call(shop, 'POST', '/v1/conversations', { kind: 'support' }, token);
      return { token, conversation };
    })));
  }
  return people;
}

let serial = 0;

const upgrade = (host) => [`GET /socket.io/?EIO=4&transport=websocket HTTP/1.1`, `host: ${host}`, 'connection: Upgrade', 'upgrade: websocket',
  'sec-websocket-version: 13', 'sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==', '', ''].join('\r\n');

// A text of up to 64 KB, masked with zeros.
function frameOf(text) {
  const length = Buffer.byteLength(text);
  const head = length < 126 ? [0x81, 0x80 | length] : [0x81, 0xfe, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([...head, 0, 0, 0, 0]), Buffer.from(text)]);
}

// The first frame of what came, if it is whole: {text, rest}.
function readFrame(bytes) {
  if (bytes.length < 2) return undefined;
  const begin = bytes[1] < 126 ? 2 : 4;
  if (bytes.length < begin) return undefined;
  const end = begin + (begin === 2 ? bytes[1] : bytes.readUInt16BE(2));
  return bytes.length < end ? undefined : { text: bytes.toString('utf8', begin, end), rest: bytes.subarray(end) };
}

// One device of a person. say() resolves when the message is durable.
class Device {
  static open(shop, { token, conversation }) {
    const device = new Device();
    device.conversation = conversation;
    return new Promise((resolve, reject) => {
      const { hostname, port, host } = new URL(shop.url);
      device.socket = net.connect(Number(port), hostname).setNoDelay().on('error', reject);
      device.socket.write(upgrade(host));
      device.hear = (text) => {
        if (text[0] === '0') device.send(`40${JSON.stringify({ token })}`);
        else if (text.startsWith('40')) resolve(device);
        else if (text.startsWith('44')) reject(new Error(text));
      };
      let rest;
      device.socket.on('data', (bytes) => {
        if (!rest) bytes = bytes.subarray(bytes.indexOf('\r\n\r\n') + 4); // the answer to the upgrade comes whole
        rest = rest?.length ? Buffer.concat([rest, bytes]) : bytes;
        for (let frame; (frame = readFrame(rest)); rest = frame.rest) device.take(frame.text);
      });
    });
  }

  send(text) {
    this.socket.write(frameOf(text));
  }

  take(text) {
    if (text === '2') return this.send('3');
    if (!text.startsWith('43')) return this.hear(text);
    if (!/^43\d+\[{"ok":true/.test(text)) throw new Error(text);
    this.acknowledged();
  }

  say() {
    const message = { conversation_id: this.conversation, text: 'Is my order on its way?', client_id: String(++serial) };
    return new Promise((resolve) => {
      this.acknowledged = resolve;
      this.send(`42${serial}${JSON.stringify(['message:send', message])}`);
    });
  }
}

async function openAll(shop, people, each) {
  const devices = [];
  for (let begin = 0; begin < people.length; begin += 20) {
    const some = people.slice(begin, begin + 20).flatMap((person) => Array.from({ length: each }, () => Device.open(shop, person)));
    devices.push(...await Promise.all(some));
  }
  return devices;
}

async function commitsAndWrites(shop) {
  const text = await (await fetch(`${shop.url}/metrics`)).text();
  return ['commits', 'writes'].map((name) => Number(new RegExp(`^kontor_store_${name}_total (\\S+)`, 'm').exec(text)[1]));
}

async function open(name, setUp = async () => {}) {
  const place = path.join(folder, name);
  await rm(place, { recursive: true, force: true });
  await mkdir(place, { recursive: true });
  const shop = new Kontor(name, place);
  shop.flags.push('--hash-target-ms', '0', '--chat-messages-burst', '1000000', '--chat-messages-per-minute', '60000',
    '--connections-max', '20000');
  await setUp(shop);
  await shop.start();
  return shop;
}

// {messages a second, messages in one commit} of that many devices that write one after the other.
async function durable(shop, devices) {
  let count = 0;
  const end = performance.now() + seconds * 1000;
  const [commits, writes] = await commitsAndWrites(shop);
  const began = performance.now();
  await Promise.all(devices.map(async (device) => {
    while (performance.now() < end) {
      await device.say();
      ++count;
    }
  }));
  const took = (performance.now() - began) / 1000;
  const [commitsAfter, writesAfter] = await commitsAndWrites(shop);
  return { rate: count / took, together: (writesAfter - writes) / (commitsAfter - commits) };
}

async function measureDurable(loop) {
  const shop = await open('durable');
  const results = [];
  try {
    const devices = await openAll(shop, await invite(shop, connections), 1);
    await durable(shop, devices); // warm
    for (let round = 0; round < rounds; ++round) {
      const ours = await durable(shop, devices);
      const place = path.join(folder, 'bare');
      await rm(place, { recursive: true, force: true });
      const bare = new Kontor('bare', place);
      await mkdir(place, { recursive: true });
      await bare.command('migrate');
      const words = [`sqlite:${path.join(place, 'data/kontor.db')}`, String(Math.round(ours.together)), String(seconds)];
      const { stdout } = await run(loop, words);
      results.push({ ...ours, bare: Number(stdout) });
      say(`durable messages: ${Math.round(ours.rate)}/s, ${ours.together.toFixed(1)} in a commit; bare loop ${stdout.trim()}/s`);
    }
    for (const { socket } of devices) socket.destroy();
  } finally {
    await shop.stop();
  }
  const rate = median(results.map((result) => result.rate));
  const bare = median(results.map((result) => result.bare));
  return [`durable messages a second, ${connections} connections`, `${Math.round(rate).toLocaleString('en')}, bare loop ${Math.round(bare).toLocaleString('en')}`,
    (rate / bare).toFixed(2), '≥ 0.5'];
}

async function measureCatalogue() {
  const shop = await open('catalogue', (fresh) => fresh.command('demo', '--from', path.join(root, 'demo')));
  try {
    const { data } = await call(shop, 'GET', '/v1/products?limit=100');
    await writeFile(path.join(shop.folder, 'paths.txt'), data.map(({ slug }) => `/v1/products/${slug}\n`).join(''));
    const read = () => wrk(shop.url, ['paced', shop.folder, 'paths.txt'], { connections: 64, seconds });
    await read(); // warm
    const devices = await openAll(shop, await invite(shop, Math.ceil(sockets / socketsEach)), socketsEach);
    const results = { quiet: [], chatting: [] };
    let said = 0;
    for (let round = 0; round < rounds; ++round) {
      results.quiet.push(await read());
      let next = 0;
      const chatting = setInterval(() => {
        for (let i = 0; i < devices.length / secondsBetween / 100; ++i) void devices[next++ % devices.length].say().then(() => ++said);
      }, 10);
      await pause(1000);
      results.chatting.push(await read());
      clearInterval(chatting);
      await pause(1000);
      const [quiet, busy] = [results.quiet.at(-1), results.chatting.at(-1)];
      say(`catalogue: p99 ${quiet.p99} ms at ${Math.round(quiet.rps)}/s quiet, ${busy.p99} ms at ${Math.round(busy.rps)}/s while ${devices.length} sockets chat (${said} messages)`);
    }
    for (const { socket } of devices) socket.destroy();
    const [quiet, busy] = [results.quiet, results.chatting].map((list) => median(list.map(({ p99 }) => p99)));
    return [`catalogue p99 ms while ${sockets} sockets chat (each every ${secondsBetween} s)`, `${busy.toFixed(2)}, without ${quiet.toFixed(2)}`, (busy / quiet).toFixed(2), '≤ 2'];
  } finally {
    await shop.stop();
  }
}

const loop = path.join(process.env.KONTOR_BIN ? path.dirname(process.env.KONTOR_BIN) : path.join(root, 'build/release'), 'chat_loop');
const rows = [await measureDurable(loop), await measureCatalogue()];
console.log('| | figures | ratio | wanted |\n|---|---|---|---|');
for (const row of rows) console.log(`| ${row.join(' | ')} |`);
console.log();
await realtime();
