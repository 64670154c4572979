// ./dev bench: how fast, against nginx with the same bytes and against the Node server, on this machine, in one run.
// The sides take turns (A B A B…) and the table shows medians, so that a noisy minute hits all of them.
import { execFileSync } from 'node:child_process';
import { mkdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { benchImport } from './import.mjs';
import { loginFlood } from './login_flood.mjs';
import { million } from './million.mjs';
import { benchNodes } from './nodes.mjs';
import { benchOrders } from './orders.mjs';
import { overload } from './overload.mjs';
import { benchSearch } from './search.mjs';
import { copyAnswers, expressTargets, fillShop } from './prepare.mjs';
import { Express, Kontor, Nginx, root, workers } from './sides.mjs';
import { median, wrk } from './wrk.mjs';

const folder = path.join(root, 'build/bench');
const rounds = Number(process.env.KONTOR_BENCH_ROUNDS ?? 3);
const seconds = Number(process.env.KONTOR_BENCH_SECONDS ?? 5);
const connections = 64;
const warm_ups_max = 6;
const steady = 1.1; // a warm-up that isn't faster than the one before by this much was the last

const say = (text) => console.error(text);
const lines = async (file) => (await readFile(file, 'utf8')).trim().split('\n');
const whole = (value) => Math.round(value).toLocaleString('en');

// Where a database for this run can be made on PostgreSQL: the peers' own server if it is there (durable, and the
// same for both sides; started here), else the one that tools/with_postgres.sh started.
async function postgresUrl(name = 'kontor_bench') {
  if (Express.present) await Express.setUp();
  const server = Express.present ? 'postgres://peers:peers@127.0.0.1:5544/postgres' : process.env.KONTOR_TEST_POSTGRES;
  for (const sql of [`drop database if exists ${name}`, `create database ${name}`]) {
    execFileSync('psql', ['-X', '-q', '-d', server, '-c', sql], { stdio: ['ignore', 'ignore', 'inherit'] });
  }
  return server.replace(/^(postgres(?:ql)?:\/\/[^/?]*)(\/[^?]*)?/, `$1/${name}`);
}

const rows = [];
function report(what, side, value, ratio = '', wanted = '') {
  rows.push([what, side, value, ratio, wanted]);
}

// Each I/O thread keeps answers of its own: ten thousand products are warm once every thread has read them all.
async function warmUp(url, words) {
  let before = 0;
  for (let i = 0; i < warm_ups_max; ++i) {
    const { rps } = await wrk(url, words, { connections, seconds });
    if (rps < before * steady) return;
    before = rps;
  }
}

// Measures `cases` ({side, url, words, before?, per}) by turns. `per`: requests to one whole.
async function byTurns(what, cases, { warm = false } = {}) {
  const results = cases.map(() => []);
  if (warm) for (const { url, words } of cases) await warmUp(url, words);
  for (let round = 0; round < rounds; ++round) {
    for (const [i, { side, url, words, before, per = 1 }] of cases.entries()) {
      await before?.();
      const result = await wrk(url, words, { connections, seconds });
      results[i].push({ ...result, rps: result.rps / per });
      say(`${what}, ${side}: ${whole(result.rps / per)}/s, p50 ${result.p50} ms, p99 ${result.p99} ms${result.bad ? `, ${result.bad} BAD` : ''}`);
    }
  }
  return results.map((list) => ({
    rps: median(list.map(({ rps }) => rps)),
    p50: median(list.map(({ p50 }) => p50)),
    p99: median(list.map(({ p99 }) => p99)),
    reads: { p50: median(list.map(({ reads }) => reads.p50)), p99: median(list.map(({ reads }) => reads.p99)) },
    bad: list.reduce((sum, { bad }) => sum + bad, 0),
  }));
}

const shown = ({ rps, p50, p99, bad }) => `${whole(rps)}/s  p50 ${p50.toFixed(2)}  p99 ${p99.toFixed(2)} ms${bad ? `  ${bad} bad` : ''}`;
const times = (a, b) => (a.rps / b.rps).toFixed(2);

async function measureReads(shops, nginx, peers) {
  for (const [what, name, wanted] of [['product read', 'product', 0.6], ['list of 20', 'list', 0.5]]) {
    const cases = [
      { side: 'nginx', url: nginx.url, words: ['targets', nginx.folder, `${name[0]}.txt`] },
      ...shops.map((shop) => ({ side: shop.name, url: shop.url, words: ['targets', shop.folder, `${name}.txt`] })),
      ...peers.map((peer) => ({ side: peer.name, url: peer.url, words: ['targets', folder, `express-${name}.txt`] })),
    ];
    const results = await byTurns(what, cases, { warm: true });
    cases.forEach(({ side }, i) => {
      const ratio = i === 0 ? '' : `${times(results[i], results[0])} × nginx`;
      report(what, side, shown(results[i]), ratio, shops.some((shop) => shop.name === side) ? `≥ ${wanted} × nginx` : '');
    });
  }
}

async function measureWrites(shops, peers) {
  const open = (shop, ...words) => () => wrk(shop.url, ['carts', shop.folder, ...words], { connections, seconds: 2 * seconds });
  const kinds = [
    { what: 'add to cart', words: ['add'], per: 1, before: (shop) => open(shop), peer: 'express-add' },
    { what: 'place order', words: ['order'], per: 1, before: (shop) => open(shop, 'filled') },
    { what: 'checkout (add, order, read)', words: ['checkout'], per: 3, before: (shop) => open(shop), peer: 'express-checkout', wanted: { sqlite: 5, postgres: 2 } },
  ];
  for (const shop of shops) {
    // Alone: what another's followers have still to do would count against it.
    for (const other of shops) await other.stop();
    await shop.start();
    for (const { what, words, per, before, peer, wanted } of kinds) {
      const other = peer && peers.find(({ engine }) => engine === shop.engine);
      const cases = [{ side: shop.name, url: shop.url, words: [...words, shop.folder], per, before: before(shop) }];
      if (other) cases.push({ side: other.name, url: other.url, words: [peer, other.folder], per });
      const results = await byTurns(what, cases);
      const goal = wanted ? `≥ ${wanted[shop.engine]} × Node` : '';
      report(what, shop.name, shown(results[0]), other ? `${times(results[0], results[1])} × Node` : '', goal);
      if (other) report(what, other.name, shown(results[1]));
      const { p50, p99 } = results[0].reads;
      if (p50) report('the reads among these', shop.name, `p50 ${p50.toFixed(2)}  p99 ${p99.toFixed(2)} ms`, `p99 = ${(p99 / p50).toFixed(1)} × p50`, '≤ 3 × p50');
    }
  }
}

async function measurePeople(shop) {
  const [me] = await byTurns('own profile', [{ side: shop.name, url: shop.url, words: ['me', shop.folder] }]);
  report('own profile, signed in', shop.name, shown(me));
  const login = await wrk(shop.url, ['login', shop.folder], { connections: 8, seconds });
  report('log in (all of it is Argon2id, 19 MiB)', shop.name, shown(login));
}

async function measureStart(shops) {
  for (const shop of shops) {
    const starts = [];
    let resident = 0;
    for (let i = 0; i < 5; ++i) {
      await shop.stop();
      starts.push(await shop.start());
      await new Promise((resolve) => setTimeout(resolve, 1000));
      resident = await shop.resident_mb();
    }
    report('exec to first answer', shop.name, `${median(starts).toFixed(0)} ms`, '', '≤ 150 ms');
    report('idle memory', shop.name, `${resident.toFixed(0)} MB`, '', '≤ 60 MB');
  }
}

function print() {
  const widths = rows[0].map((_, i) => Math.max(...rows.map((row) => row[i].length)));
  const line = (row) => row.map((cell, i) => cell.padEnd(widths[i])).join('  ').trimEnd();
  console.log(`\n${workers} workers or I/O threads each, ${connections} connections, access logs to files, ${rounds} runs of ${seconds} s, medians`);
  console.log(line(['what', 'server', 'measured', 'ratio', 'wanted'].map((head, i) => head.padEnd(widths[i]))));
  for (const row of rows) console.log(line(row));
}

async function main() {
  if (process.argv[2] === 'million') {
    await million(path.join(root, 'build/bench-million'), postgresUrl);
    return;
  }
  if (process.argv[2] === 'login-flood') {
    await loginFlood(path.join(root, 'build/bench-flood'), { rounds, seconds });
    return;
  }
  if (process.argv[2] === 'import') {
    await benchImport(path.join(root, 'build/bench-import'), Number(process.argv[3] ?? 50_000), postgresUrl);
    return;
  }
  if (process.argv[2] === 'orders') {
    await benchOrders(path.join(root, 'build/bench-orders'), postgresUrl, { rounds, seconds });
    return;
  }
  if (process.argv[2] === 'nodes') {
    await benchNodes(path.join(root, 'build/bench-nodes'), { rounds, seconds });
    return;
  }
  if (process.argv[2] === 'overload') {
    await overload(path.join(root, 'build/bench-overload'), postgresUrl, { rounds, seconds });
    return;
  }
  if (process.argv[2] === 'search') {
    await benchSearch(path.join(root, 'build/bench-search'), process.argv[3] === 'million');
    return;
  }
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const shops = [
    Object.assign(new Kontor('Kontor, sqlite', path.join(folder, 'sqlite')), { engine: 'sqlite' }),
    Object.assign(new Kontor('Kontor, postgres', path.join(folder, 'postgres'), undefined), { engine: 'postgres' }),
  ];
  shops[1].database = await postgresUrl();
  const peers = [];
  if (Express.present) {
    peers.push(new Express('sqlite'), new Express('postgres'));
    await expressTargets(folder);
  } else {
    say(`no ${Express.folder}: figures without the Node server`);
  }
  const nginx = new Nginx(path.join(folder, 'nginx'));
  const all = [...shops, nginx, ...peers];
  try {
    for (const shop of shops) {
      say(`filling ${shop.name}`);
      await fillShop(shop);
    }
    const bytes = {};
    for (const name of ['product', 'list']) bytes[name] = await copyAnswers(shops[0], await lines(path.join(shops[0].folder, `${name}.txt`)), nginx.folder, name[0]);
    say(`a product is ${bytes.product} bytes, a list ${bytes.list}`);
    for (const side of [nginx, ...peers]) await side.start();
    await measureStart(shops);
    await measureReads(shops, nginx, peers);
    await measurePeople(shops[0]);
    await measureWrites(shops, peers);
  } finally {
    for (const side of all) await side.stop();
    if (rows.length > 0) print();
  }
}

await main();
