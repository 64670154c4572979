// ./dev bench million: what a product read and a page deep in the list cost with a million products and with ten
// thousand. The rows are made in SQL, as the API would take minutes; kept answers are off, so that the store is measured.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { call } from './prepare.mjs';
import { Kontor } from './sides.mjs';
import { median, wrk } from './wrk.mjs';

const sizes = [10_000, 1_000_000];
const wanted = 1.3;
const rounds = 5;

const dialects = {
  sqlite: {
    numbers: (count) => `(with recursive g(n) as (select 1 union all select n + 1 from g where n < ${count}) select n from g)`,
    id: (prefix) => `printf('${prefix}_0%025d', n)`,
    begin: 'pragma synchronous = off; begin;',
    end: 'commit; analyze;',
  },
  postgres: {
    numbers: (count) => `(select n from generate_series(1::bigint, ${count}) n)`,
    id: (prefix) => `'${prefix}_0' || lpad(n::text, 25, '0')`,
    begin: 'begin;',
    end: 'commit; analyze;',
  },
};

const description = 'made for daily use with a steel frame and cotton cover easy to clean ships flat two year warranty recycled materials fits.';

function statements(engine, count) {
  const { numbers, id, begin, end } = dialects[engine];
  return `${begin}
insert into products (id, slug, title, title_key, description, status, brand, attributes, options, currency, price_min, price_max, in_stock, created_at, updated_at)
select ${id('prd')}, 'product-' || n, 'Product ' || (n * 7919 % ${count}), 'product ' || (n * 7919 % ${count}), '${description}', 'active', 'Brand ' || (n % 50),
  '{}', '[]', 'EUR', 199 + n % 50000, 199 + n % 50000, 1, 1700000000000 + n * 1000, 1700000000000 + n * 1000 from ${numbers(count)} numbers;
insert into variants (id, product_id, sku, title, options, price, position, on_hand)
select ${id('var')}, ${id('prd')}, 'SKU-' || n, null, '{}', 199 + n % 50000, 0, 1000000 from ${numbers(count)} numbers;
${end}`;
}

export async function pipe(command, words, text) {
  const child = spawn(command, words, { stdio: ['pipe', 'ignore', 'inherit'] });
  child.stdin.end(text);
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`${command} failed`);
}

// Cursors all over the list, a few hundred at most.
async function pagesOf(url, count) {
  const targets = [];
  const step = Math.max(1, Math.floor(count / 100 / 300));
  for (let cursor = '', page = 0; ; ++page) {
    const { json } = await call(url, 'GET', `/v1/products?limit=100${cursor}`);
    if (!json.has_more) return targets;
    cursor = `&cursor=${json.next_cursor}`;
    if (page % step === 0) targets.push(`/v1/products?limit=20${cursor}`);
  }
}

async function build(engine, count, folder, database) {
  const shop = new Kontor(`${engine}, ${count.toLocaleString('en')}`, folder, database);
  shop.flags = ['--kept-bytes-max', '0'];
  await mkdir(folder, { recursive: true });
  await shop.command('migrate');
  const sql = statements(engine, count);
  if (engine === 'sqlite') await pipe('sqlite3', ['-bail', path.join(folder, 'data/kontor.db')], sql);
  else await pipe('psql', ['-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', database], sql);
  await shop.start();
  const ids = Array.from({ length: 20_000 }, () => 1 + Math.floor(Math.random() * count));
  await writeFile(path.join(folder, 'product.txt'), ids.map((n) => `/v1/products/prd_0${String(n).padStart(25, '0')}\n`).join(''));
  await writeFile(path.join(folder, 'page.txt'), `${(await pagesOf(shop.url, count)).join('\n')}\n`);
  return shop;
}

export async function million(folder, postgresUrl) {
  await rm(folder, { recursive: true, force: true });
  console.log('what            store      10,000        1,000,000     cost    wanted');
  for (const engine of Object.keys(dialects)) {
    const shops = [];
    try {
      for (const count of sizes) {
        console.error(`making ${count.toLocaleString('en')} products, ${engine}`);
        const database = engine === 'postgres' ? await postgresUrl(`kontor_bench_${count}`) : undefined;
        shops.push(await build(engine, count, path.join(folder, `${engine}-${count}`), database));
      }
      for (const [what, file] of [['product read', 'product.txt'], ['keyset page', 'page.txt']]) {
        const rates = shops.map(() => []);
        for (let round = 0; round < rounds; ++round) {
          for (const [i, shop] of shops.entries()) {
            const { rps, bad } = await wrk(shop.url, ['targets', shop.folder, file], { connections: 16, seconds: 3 });
            if (bad) throw new Error(`${bad} bad answers`);
            rates[i].push(rps);
          }
        }
        const [few, many] = rates.map(median);
        const cells = [what.padEnd(16), engine.padEnd(11), `${Math.round(few)}/s`.padEnd(14), `${Math.round(many)}/s`.padEnd(14), `${(few / many).toFixed(2)} ×`.padEnd(8), `≤ ${wanted} ×`];
        console.log(cells.join(''));
      }
    } finally {
      for (const shop of shops) await shop.stop();
    }
  }
}
