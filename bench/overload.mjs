// ./dev bench overload (RE-13): 2,000 connections that order without pause, which is many times what the shop can take:
// what it still sells against its best, how soon the others are refused, how the health check fares, and its memory.
import { execFile } from 'node:child_process';
import { mkdir, rm } from 'node:fs/promises';
import http from 'node:http';
import path from 'node:path';
import { promisify } from 'node:util';
import { fillShop } from './prepare.mjs';
import { Kontor } from './sides.mjs';
import { median, wrk } from './wrk.mjs';

const run = promisify(execFile);
const products = 1000;
const connections = { best: 64, overload: 2000 };
const pause_ms = { order: 20, health: 20 };
const say = (text) => console.error(text);
const whole = (value) => Math.round(value).toLocaleString('en');
const percentile = (list, part) => [...list].sort((a, b) => a - b)[Math.min(list.length - 1, Math.floor(list.length * part))];

// Each once, however often it was asked for.
async function sold(shop) {
  const [program, words] = shop.database ? ['psql', ['-X', '-At', '-d', shop.database, '-c']] : ['sqlite3', ['-cmd', '.timeout 10000', path.join(shop.folder, 'data/kontor.db')]];
  return Number((await run(program, [...words, 'select count(*) from orders'])).stdout);
}

// One request on a connection of its own that stays: {status, ms, retry_after}.
function ask(agent, url, method, body) {
  const began = performance.now();
  return new Promise((resolve, reject) => {
    const request = http.request(url, { agent, method, headers: body && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) } }, (answer) => {
      answer.resume().on('end', () => resolve({ status: answer.statusCode, ms: performance.now() - began, retry_after: answer.headers['retry-after'] }));
    });
    request.on('error', reject).end(body);
  });
}

// Asks again and again, with a pause, until `ended()`.
async function probe(url, method, body, pause, ended) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  const answers = [];
  while (!ended()) {
    answers.push(await ask(agent, url, method, body));
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
  agent.destroy();
  return answers;
}

// Sells for so many seconds over so many connections: {rate, health: [], orders: [], resident_mb}.
async function sell(shop, count, seconds) {
  await wrk(shop.url, ['carts', shop.folder, 'filled'], { connections: 64, seconds: 2 * seconds });
  let [ended, resident_mb] = [false, 0];
  const before = await sold(shop);
  const began = performance.now();
  const probes = [
    probe(`${shop.url}/healthz`, 'GET', undefined, pause_ms.health, () => ended),
    // A cart that isn't there: refused as an order is, or told so.
    probe(`${shop.url}/v1/orders`, 'POST', '{"cart_id":"crt_01ARZ3NDEKTSV4RRFFQ69G5FAV"}', pause_ms.order, () => ended),
  ];
  const watch = setInterval(() => shop.resident_mb().then((mb) => (resident_mb = Math.max(resident_mb, mb)), () => {}), 200);
  await wrk(shop.url, ['order', shop.folder, 'again'], { connections: count, seconds });
  const rate = ((await sold(shop)) - before) / ((performance.now() - began) / 1000);
  ended = true;
  clearInterval(watch);
  const [health, orders] = await Promise.all(probes);
  return { rate, health, refused: orders.filter(({ status }) => status === 503), resident_mb };
}

export async function overload(folder, postgresUrl, { rounds, seconds }) {
  await rm(folder, { recursive: true, force: true });
  for (const engine of ['sqlite', 'postgres']) {
    await mkdir(path.join(folder, engine), { recursive: true });
    const shop = new Kontor(`Kontor, ${engine}`, path.join(folder, engine), engine === 'postgres' ? await postgresUrl('kontor_bench_overload') : undefined);
    try {
      await fillShop(shop, products);
      const runs = [];
      for (let round = 0; round < rounds; ++round) {
        const best = await sell(shop, connections.best, seconds);
        const over = await sell(shop, connections.overload, seconds);
        say(`${shop.name}: ${whole(best.rate)} and ${whole(over.rate)} orders/s`);
        runs.push({ best, over, part: over.rate / best.rate });
      }
      const all = (pick) => runs.flatMap(({ over }) => pick(over));
      const [refused, health] = [all((over) => over.refused), all((over) => over.health)];
      const ill = health.filter(({ status }) => status !== 200).length;
      console.log(`${shop.name}, ${connections.overload} connections against ${connections.best}:`);
      console.log(`  orders a second      ${whole(median(runs.map(({ over }) => over.rate)))}, best ${whole(median(runs.map(({ best }) => best.rate)))}: ${median(runs.map(({ part }) => part)).toFixed(2)} ×   (wanted ≥ 0.8)`);
      console.log(refused.length === 0 ? '  nobody was refused' : `  refused: ${refused.length} of the probes, ${refused.every(({ retry_after }) => retry_after) ? 'all with Retry-After' : 'NOT ALL WITH RETRY-AFTER'}, p99 ${percentile(refused.map(({ ms }) => ms), 0.99).toFixed(0)} ms   (wanted < 50)`);
      console.log(`  health check p99     ${percentile(health.map(({ ms }) => ms), 0.99).toFixed(0)} ms, ${ill} of ${health.length} not 200   (wanted < 100, none)`);
      console.log(`  memory               ${Math.max(...runs.map(({ over }) => over.resident_mb)).toFixed(0)} MB, ${Math.max(...runs.map(({ best }) => best.resident_mb)).toFixed(0)} MB at ${connections.best} connections`);
    } finally {
      await shop.stop();
    }
  }
}
