// ./dev bench chat: messages that are on disk when they are acknowledged, over 200 connections, against a bare loop of
// the same writes in commits of the same size; and what ten thousand sockets that chat cost the catalogue's readers.
// Then what ./dev bench realtime measures. The clients are bare `ws`, so that they cost little beside the server.
import { execFile } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import WebSocket from 'ws';
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

// One device of a person. say() resolves when the message is durable.
class Device {
  static async open(shop, { token, conversation }) {
    const device = new Device();
    device.conversation = conversation;
    device.socket = new WebSocket(`${shop.url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`, { perMessageDeflate: false });
    await new Promise((resolve, reject) => {
      device.socket.on('error', reject);
      device.socket.on('message', (data) => {
        const text = data.toString();
        if (text === '2') device.socket.send('3');
        else if (text[0] === '0') device.socket.send(`40${JSON.stringify({ token })}`);
        else if (text.startsWith('40')) resolve();
        else if (text.startsWith('44')) reject(new Error(text));
        else if (text.startsWith('43')) device.heard(text);
      });
    });
    return device;
  }

  heard(text) {
    if (!/^43\d+\[{"ok":true/.test(text)) throw new Error(text);
    this.acknowledged();
  }

  say() {
    const message = { conversation_id: this.conversation, text: 'Is my order on its way?', client_id: String(++serial) };
    return new Promise((resolve) => {
      this.acknowledged = resolve;
      this.socket.send(`42${serial}${JSON.stringify(['message:send', message])}`);
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
    for (const { socket } of devices) socket.terminate();
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
    for (const { socket } of devices) socket.terminate();
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
