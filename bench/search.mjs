// ./dev bench search [million]: how good the order of results is, what searches cost, how long an index takes. Relevance
// is measured on the Home Depot judgements and cost on the Thai catalogue of ../shared/data (its README says what they are);
// what isn't there is left out. With `million`, the Thai catalogue is repeated until it has a million products.
import { existsSync } from 'node:fs';
import { mkdir, readFile, readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { call } from './prepare.mjs';
import { pipe } from './million.mjs';
import { Kontor, root } from './sides.mjs';

const data = path.join(root, '../shared/data');
const unzip = async (file) => gunzipSync(await readFile(path.join(data, file)));
const quoted = (text) => `'${text.replaceAll("'", "''")}'`;
const say = (text) => console.error(text);

// RFC 4180, as far as these files go.
function rowsOf(text) {
  const rows = [];
  for (const [, line] of text.matchAll(/((?:"(?:[^"]|"")*"|[^"\n])*)\n/g)) {
    rows.push([...line.matchAll(/("(?:[^"]|"")*"|[^,"]*)(?:,|\r?$)/g)].map(([, cell]) =>
      (cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell)));
  }
  return rows.slice(1);
}

// `products`: {title, sku, price, brand}. The rows go in by SQL, `times` over, as the API would take its time.
async function fill(folder, products, times = 1) {
  const shop = new Kontor('Kontor', folder);
  shop.flags = ['--kept-bytes-max', '0'];
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await shop.command('migrate');
  const rows = products.map(({ title, sku, price, brand }, n) =>
    `(${n}, ${quoted(title)}, ${quoted(sku)}, ${price}, ${brand ? quoted(brand) : 'null'})`);
  const values = [];
  for (let i = 0; i < rows.length; i += 500) values.push(`insert into given values ${rows.slice(i, i + 500).join(',')};`);
  const number = `(t.n * ${products.length} + g.n)`;
  const from = 'from given g cross join times t';
  await pipe('sqlite3', ['-bail', path.join(folder, 'data/kontor.db')], `pragma synchronous = off; begin;
create temp table given (n integer, title text, sku text, price integer, brand text);
create temp table times (n integer);
insert into times with recursive t(n) as (select 0 union all select n + 1 from t where n < ${times - 1}) select n from t;
${values.join('\n')}
insert into products (id, slug, title, title_key, description, status, brand, attributes, options, currency, price_min, price_max, in_stock, created_at, updated_at)
select printf('prd_0%025d', ${number}), 'product-' || ${number}, g.title, lower(g.title), '', 'active', g.brand, '{}', '[]', 'EUR', g.price, g.price, 1,
  1700000000000 + ${number}, 1700000000000 + ${number} ${from};
insert into variants (id, product_id, sku, title, options, price, position, on_hand)
select printf('var_0%025d', ${number}), printf('prd_0%025d', ${number}), g.sku || '-' || t.n, null, '{}', g.price, 0, 10 ${from};
commit; analyze;`);
  return shop;
}

// Starts the shop, waits until the index is complete and tells how long both took.
async function startAndIndex(shop) {
  const log = path.join(shop.folder, 'access.log');
  const started = performance.now();
  const start_ms = await shop.start();
  while (!(await readFile(log, 'utf8')).includes('search: the index is complete')) {
    if (shop.child.exitCode !== null) throw new Error(`kontor ended: see ${log}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return { start_ms, index_s: (performance.now() - started) / 1000 };
}

const search = async (shop, words, more = '') =>
  (await call(shop.url, 'GET', `/v1/products?q=${encodeURIComponent(words.slice(0, 200))}${more}`)).json;

// One client, one request after the other. The times are the server's own, out of its access log.
async function timed(shop, queries, ask) {
  const log = path.join(shop.folder, 'access.log');
  const flushed = () => new Promise((resolve) => setTimeout(resolve, 1500)); // the log is written once a second
  await flushed();
  const begin = (await stat(log)).size;
  for (const query of queries) await ask(query);
  await flushed();
  const lines = (await readFile(log)).subarray(begin).toString();
  const times = [...lines.matchAll(/ GET \/v1\/\S+ 200 \d+B (\d+)us /g)].map(([, us]) => Number(us) / 1000).sort((a, b) => a - b);
  if (times.length < queries.length) throw new Error(`${times.length} of ${queries.length} requests are in ${log}`);
  const at = (share) => times[Math.min(times.length - 1, Math.floor(times.length * share))];
  return { p50: at(0.5), p99: at(0.99) };
}

const rows = [];
const report = (what, measured, wanted = '') => rows.push([what, measured, wanted]);
const shown = ({ p50, p99 }) => `p50 ${p50.toFixed(2)}  p99 ${p99.toFixed(2)} ms`;

// NDCG@10 over the whole corpus as the data's README defines it: gain = relevance - 1, unjudged = 0, queries with at
// least five judgements.
async function relevance(folder) {
  const text = async (name) => new TextDecoder('latin1').decode(await unzip(`search/home-depot/${name}.csv.gz`));
  const products = rowsOf(await text('products')).map(([sku, title]) => ({ title, sku, price: 1000 }));
  const judgements = new Map();
  for (const [, uid, , query, mean] of rowsOf(await text('judgements-a'))) {
    if (!judgements.has(query)) judgements.set(query, new Map());
    judgements.get(query).set(uid, Number(mean) - 1);
  }
  const shop = await fill(folder, products);
  try {
    await startAndIndex(shop);
    const gain = (gains) => gains.slice(0, 10).reduce((sum, value, i) => sum + value / Math.log2(i + 2), 0);
    let total = 0, empty = 0;
    const queries = [...judgements].filter(([, judged]) => judged.size >= 5);
    const times = await timed(shop, queries, async ([query, judged]) => {
      const { data: found } = await search(shop, query.trim(), '&limit=10');
      if (found.length === 0) ++empty;
      const ideal = gain([...judged.values()].sort((a, b) => b - a));
      const own = gain(found.map(({ variants }) => judged.get(variants[0].sku.replace(/-0$/, '')) ?? 0));
      total += ideal > 0 ? own / ideal : 0;
    });
    report(`NDCG@10, ${queries.length} queries on ${products.length} products`, (total / queries.length).toFixed(4), '≥ 0.40');
    report('queries without a result', String(empty), '≤ 10');
    report('their time', shown(times), 'p50 ≤ 2, p99 ≤ 15 ms');
  } finally {
    await shop.stop();
  }
}

async function thaiProducts() {
  const folder = 'catalog-load/thai-homegoods';
  const products = [];
  for (const file of (await readdir(path.join(data, folder))).filter((name) => name.endsWith('.json.gz')).sort()) {
    for (const item of JSON.parse(await unzip(path.join(folder, file)))) {
      const title = (item.name_th || item.name || '').replace(/[\u0000-\u001f]/g, ' ').trim().slice(0, 300);
      if (title === '') continue;
      const price = Math.round(Number(String(item.price ?? 0).replaceAll(',', '')) * 100) || 100;
      products.push({ title, sku: `${item.sku || 'none'}-${products.length}`, price, brand: String(item.brand ?? '').trim().slice(0, 100) });
    }
  }
  return products;
}

// Queries as customers of these products might type them: a part of a name.
function partsOf(products, count) {
  return Array.from({ length: count }, (_, i) => {
    const words = products[(i * 7919) % products.length].title.split(/\s+/);
    return words.slice(i % 2, (i % 2) + 1 + (i % 3)).join(' ') || words[0];
  });
}

async function cost(folder, products, times) {
  const count = (products.length * times).toLocaleString('en');
  say(`filling a shop with ${count} products`);
  const shop = await fill(folder, products, times);
  try {
    const { index_s } = await startAndIndex(shop);
    report(`index of ${count} products`, `${index_s.toFixed(1)} s`, times === 1 ? '< 30 s' : '');
    report('memory after it', `${(await shop.resident_mb()).toFixed(0)} MB`, times === 1 ? '' : '< 700 MB');
    await shop.stop();
    report('exec to first answer', `${(await shop.start()).toFixed(0)} ms`, times === 1 ? '' : '≤ 300 ms');
    const queries = partsOf(products, 2000);
    report('search, asked for the first time', shown(await timed(shop, queries, (query) => search(shop, query))));
    report('search', shown(await timed(shop, queries, (query) => search(shop, query))), 'p50 ≤ 2, p99 ≤ 15 ms');
    report('search with facets', shown(await timed(shop, queries.slice(0, 500), (query) => search(shop, query, '&facets=brand,price'))));
    report('suggestions', shown(await timed(shop, queries.slice(0, 500), (query) => call(shop.url, 'GET', `/v1/search/suggest?q=${encodeURIComponent(query.slice(0, 200))}`))));
    report('memory', `${(await shop.resident_mb()).toFixed(0)} MB`, times === 1 ? '' : '< 700 MB');
  } finally {
    await shop.stop();
  }
}

export async function benchSearch(folder, withMillion) {
  try {
    if (existsSync(path.join(data, 'search/home-depot'))) await relevance(path.join(folder, 'home-depot'));
    else say(`no ${data}/search/home-depot: relevance is left out`);
    if (existsSync(path.join(data, 'catalog-load/thai-homegoods'))) {
      const products = await thaiProducts();
      await cost(path.join(folder, 'thai'), products, 1);
      if (withMillion) await cost(path.join(folder, 'million'), products, Math.ceil(1_000_000 / products.length));
    } else {
      say(`no ${data}/catalog-load: cost is left out`);
    }
  } finally {
    const widths = [0, 1].map((i) => Math.max(0, ...rows.map((row) => row[i].length)));
    for (const [what, measured, wanted] of rows) console.log(`${what.padEnd(widths[0])}  ${measured.padEnd(widths[1])}  ${wanted}`.trimEnd());
  }
}
