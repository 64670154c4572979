// ./dev bench nodes: durable orders a second of 1, 2 and 3 nodes on one PostgreSQL, beside the database's own limit: pgbench
// with the very statements that placing an order sends, in a pipeline, over as many connections to the same server.
import { execFile } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { fillShop } from './prepare.mjs';
import { numberedShop, statementsOfAnOrder } from './order_statements.mjs';
import { Kontor } from './sides.mjs';
import { median, wrk } from './wrk.mjs';

const run = promisify(execFile);
const products = 1000;
const nodeCounts = [1, 2, 3];
const databaseConnections = 36; // of all nodes together, and of pgbench
const httpConnections = 96;
const say = (text) => console.error(text);
const whole = (value) => Math.round(value).toLocaleString('en');

const cartsPerSecond = 250; // of one connection: more than it can order
const warmUps = 2; // each side's load for so many times as long as it is measured

// Orders a second. `from`: the first cart that isn't ordered. Warms up for as long as nodes have their carts filled.
async function pgbench(shop, script, seconds, from) {
  const order = async (first, time) => {
    const { stdout } = await run('pgbench', ['-n', '-M', 'prepared', '-f', script, '-D', `i=${first}`, '-c', String(databaseConnections), '-j', '2', '-T', String(time), shop.database]);
    return Number(/^tps = ([\d.]+)/m.exec(stdout)[1]);
  };
  await order(from, warmUps * seconds);
  return order(from + cartsPerSecond * warmUps * seconds, seconds);
}

// The goods from the `i`th of `count` places in the catalogue on. From one place, the shoppers of all nodes would want the same
// thing at the same moment, one after the other.
const goodsFrom = (goods, i, count) => [...goods.slice((i * goods.length) / count), ...goods.slice(0, (i * goods.length) / count)];

// Starts `count` nodes, has each place orders of carts that were filled before, all at once: orders a second of all.
async function ordersOf(count, folder, database, goods, seconds) {
  const nodes = [];
  try {
    for (let i = 0; i < count; ++i) {
      const node = new Kontor(`node ${i + 1}`, path.join(folder, `${count}-${i + 1}`), database);
      node.flags.push('--database-connections', String(databaseConnections / count));
      await mkdir(node.folder, { recursive: true });
      await writeFile(path.join(node.folder, 'variants.txt'), `${goodsFrom(goods, i, count).join('\n')}\n`);
      await node.start();
      nodes.push(node);
    }
    const each = (words, time) => Promise.all(nodes.map((node) => wrk(node.url, [...words.slice(0, 1), node.folder, ...words.slice(1)], { connections: httpConnections / count, seconds: time })));
    await each(['carts', 'filled'], warmUps * seconds);
    const results = await each(['order'], seconds);
    const bad = results.reduce((sum, one) => sum + one.bad, 0);
    if (bad > 0) say(`${count} nodes: ${bad} BAD answers`);
    return results.reduce((sum, { rps }) => sum + rps, 0);
  } finally {
    for (const node of nodes) await node.stop();
  }
}

export async function benchNodes(folder, { rounds, seconds }) {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const server = process.env.KONTOR_TEST_POSTGRES; // a server of our own, because its log is read
  const shop = new Kontor('shop', path.join(folder, 'shop'), server.replace('/postgres?', '/kontor_bench_nodes?'));
  process.env.KONTOR_SECRET = 'the same for all nodes of this bench';
  const sql = async (text, database = shop.database) => (await run('psql', ['-X', '-q', '-At', '-v', 'ON_ERROR_STOP=1', '-d', database, '-c', text])).stdout.trim();
  await sql('create database kontor_bench_nodes', server);
  try {
    await fillShop(shop, products);
    const statements = await statementsOfAnOrder(shop, sql, path.join(new URL(server.replace(':///', '://localhost/')).searchParams.get('host'), 'server.log'));
    await shop.stop();
    const script = path.join(folder, 'place_order.sql');
    await writeFile(script, statements.script);
    say(`${statements.count} statements an order: ${script}`);
    const carts = cartsPerSecond * (warmUps + 1) * seconds; // of each connection in a round
    await numberedShop(sql, statements, { carts: carts * rounds, connections: databaseConnections });
    const goods = (await readFile(path.join(shop.folder, 'variants.txt'), 'utf8')).trim().split('\n');
    const limits = [];
    const rates = new Map(nodeCounts.map((count) => [count, []]));
    for (let round = 0; round < rounds; ++round) {
      const sides = [
        async () => limits.push(await pgbench(shop, script, seconds, round * carts)),
        ...nodeCounts.map((count) => async () => rates.get(count).push(await ordersOf(count, folder, shop.database, goods, seconds))),
      ];
      if (round % 2 === 1) sides.reverse(); // the database grows, and a machine gets warm
      for (const side of sides) await side();
      say(`pgbench ${whole(limits.at(-1))}; ${nodeCounts.map((count) => `${count}: ${whole(rates.get(count).at(-1))}`).join(', ')}`);
    }
    const limit = median(limits);
    console.log(`pgbench, ${statements.count} statements in one pipeline, ${databaseConnections} connections: ${whole(limit)} orders/s`);
    for (const [count, list] of rates) {
      console.log(`${count} node${count > 1 ? 's' : ' '}  ${whole(median(list))} orders/s  ${(median(list) / limit).toFixed(2)} × of it${count === 1 ? '' : `, ${(median(list) / median(rates.get(1))).toFixed(2)} × one node`}  (wanted ≥ 0.6)`);
    }
  } finally {
    await shop.stop();
  }
}
