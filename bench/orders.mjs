// ./dev bench orders: durable orders a second, spread over ten thousand products and all of one (a flash sale), on both
// engines; beside them, on SQLite, a bare loop that runs the same statements with commits of the same size.
import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { millionOrders } from './million_orders.mjs';
import { fillShop } from './prepare.mjs';
import { Kontor, root } from './sides.mjs';
import { median, wrk } from './wrk.mjs';

const run = promisify(execFile);
const say = (text) => console.error(text);
const whole = (value) => Math.round(value).toLocaleString('en');

async function counts(shop) {
  const text = await (await fetch(`${shop.url}/metrics`)).text();
  const of = (name) => Number(new RegExp(`^kontor_store_${name}_total (\\S+)`, 'm').exec(text)[1]);
  return { commits: of('commits'), writes: of('writes') };
}

// Orders carts that were filled before: {rps, p99, bad, group}.
async function measure(shop, kind, connections, { rounds, seconds }) {
  const results = [];
  for (let round = 0; round < rounds; ++round) {
    await wrk(shop.url, ['carts', shop.folder, kind], { connections: 64, seconds: 2 * seconds });
    const before = await counts(shop);
    const result = await wrk(shop.url, ['order', shop.folder], { connections, seconds, threads: Math.min(2, connections) });
    const after = await counts(shop);
    results.push({ ...result, group: (after.writes - before.writes) / (after.commits - before.commits) });
    say(`${shop.name}, ${kind}, ${connections}: ${whole(result.rps)}/s, p99 ${result.p99} ms${result.bad ? `, ${result.bad} BAD` : ''}`);
  }
  return {
    rps: median(results.map(({ rps }) => rps)),
    p99: median(results.map(({ p99 }) => p99)),
    group: median(results.map(({ group }) => group)),
    bad: results.reduce((sum, { bad }) => sum + bad, 0),
  };
}

// The same statements on the stopped shop's database, in groups as large as the server's were.
async function bareLoop(shop, group, { rounds, seconds }) {
  await wrk(shop.url, ['carts', shop.folder, 'filled'], { connections: 64, seconds: 2 * seconds });
  await shop.stop();
  const rates = [];
  let statements = 0;
  for (let round = 0; round < rounds; ++round) {
    const { stdout } = await run(path.join(root, 'build/release/bare_orders'), [shop.folder, Math.max(1, Math.round(group))]);
    const [rate, count] = stdout.trim().split(' ').map(Number);
    rates.push(rate);
    statements = count;
  }
  await shop.start();
  return { rps: median(rates), statements };
}

export async function benchOrders(folder, postgresUrl, times) {
  await rm(folder, { recursive: true, force: true });
  const rows = [];
  const row = (...cells) => rows.push(cells.map(String));
  for (const engine of ['sqlite', 'postgres']) {
    const shop = new Kontor(`Kontor, ${engine}`, path.join(folder, engine), engine === 'postgres' ? await postgresUrl('kontor_bench_orders') : undefined);
    try {
      say(`filling ${shop.name}`);
      await fillShop(shop);
      const spread = {};
      for (const connections of [1, 64, 512]) {
        spread[connections] = await measure(shop, 'filled', connections, times);
        const { rps, p99, bad, group } = spread[connections];
        row(engine, `${connections} connections`, `${whole(rps)} orders/s`, `p99 ${p99.toFixed(1)} ms`, `${group.toFixed(1)} writes a commit`, bad ? `${bad} bad` : '');
      }
      const flash = await measure(shop, 'flash', 512, times);
      row(engine, 'flash sale, 512 connections', `${whole(flash.rps)} orders/s`, `p99 ${flash.p99.toFixed(1)} ms`, `${(flash.rps / spread[512].rps).toFixed(2)} × spread out`, engine === 'sqlite' ? 'wanted ≥ 0.5' : '');
      if (engine === 'sqlite') {
        const bare = await bareLoop(shop, spread[64].group, times);
        row(engine, `bare loop, ${bare.statements} statements an order`, `${whole(bare.rps)} orders/s`, '', `server at 64: ${(spread[64].rps / bare.rps).toFixed(2)} × of it`, 'wanted ≥ 0.5');
      }
    } finally {
      await shop.stop();
    }
  }
  for (const cells of await millionOrders(path.join(folder, 'million'), postgresUrl)) row(...cells);
  const widths = rows[0].map((_, i) => Math.max(...rows.map((cells) => (cells[i] ?? '').length)));
  for (const cells of rows) console.log(cells.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join('  ').trimEnd());
}
