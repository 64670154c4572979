// What the staff's list of orders costs with a million of them, on both engines: pages, filters, and every kind of search.
// The rows are made in SQL, as placing them would take an hour.
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { pipe } from './million.mjs';
import { call, password } from './prepare.mjs';
import { Kontor } from './sides.mjs';

const count = 1_000_000;
const tries = 40;

const dialects = {
  sqlite: {
    numbers: `(with recursive g(n) as (select 1 union all select n + 1 from g where n < ${count}) select n from g)`,
    id: (prefix) => `printf('${prefix}_0%025d', n)`,
    begin: 'pragma synchronous = off; begin;',
  },
  postgres: {
    numbers: `(select n from generate_series(1::bigint, ${count}) n)`,
    id: (prefix) => `'${prefix}_0' || lpad(n::text, 25, '0')`,
    begin: 'begin;',
  },
};

const address = '{"name":"Ada Byron","line1":"12 St James Square","city":"London","postal_code":"SW1Y 4JH","country":"GB"}';
const email = `case n when 777777 then 'zoe@rare.example' else 'customer' || (n % 200000) || '@example.com' end`;

function statements({ numbers, id, begin }) {
  const time = '1700000000000 + n * 60000';
  return `${begin}
insert into orders (id, email, email_key, status, payment_status, currency, subtotal, discount_total, shipping_total, tax_total, total, shipping_address, created_at, updated_at)
select ${id('ord')}, ${email}, ${email}, case n % 10 when 0 then 'pending' when 1 then 'cancelled' else 'delivered' end, case n % 10 when 0 then 'unpaid' else 'paid' end,
  'EUR', 1999, 0, 0, 0, 1999, '${address}', ${time}, ${time} from ${numbers} numbers order by n;
insert into order_lines (order_id, position, id, variant_id, product_id, sku, title, options, quantity, unit_price, total, ordered_at, order_number)
select ${id('ord')}, 0, ${id('lin')}, ${id('var')}, ${id('prd')}, case n when 777777 then 'ODD-1' else 'SKU-' || (n % 10000) end, 'Mug', '{}', 1, 1999, 1999, ${time}, n + 1000 from ${numbers} numbers;
commit; analyze;`;
}

const searches = {
  'first page': () => '',
  'page in the middle': () => '&created_at[lte]=2024-10-01T00:00:00Z',
  'pending ones': () => '&status=pending',
  'q = a number': () => `&q=${1001 + Math.floor(Math.random() * count)}`,
  'q = an address': () => `&q=customer${Math.floor(Math.random() * 200_000)}%40example.com`,
  'q = the beginning of one': () => '&q=zoe',
  'q = the beginning of all': () => '&q=customer',
  'q = a SKU': () => `&q=sku-${1000 + Math.floor(Math.random() * 9000)}`,
  'q = the beginning of all SKUs': () => '&q=SKU-',
  'q = two words': () => `&q=customer7+sku-${1000 + Math.floor(Math.random() * 9000)}`,
  'q = nothing has it': () => '&q=nobody',
};

async function timed(shop, token, search) {
  const took = [];
  for (let i = 0; i < tries; ++i) {
    const began = performance.now();
    await call(shop.url, 'GET', `/v1/orders?limit=20${search()}`, { token });
    took.push(performance.now() - began);
  }
  took.sort((a, b) => a - b);
  return { p50: took[tries >> 1], max: took.at(-1) };
}

async function build(engine, folder, database) {
  const shop = new Kontor(engine, folder, database);
  await mkdir(folder, { recursive: true });
  await shop.command('migrate');
  const sql = statements(dialects[engine]);
  if (engine === 'sqlite') await pipe('sqlite3', ['-bail', path.join(folder, 'data/kontor.db')], sql);
  else await pipe('psql', ['-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', database], sql);
  await shop.start();
  await shop.command('admin', 'create', '--email', 'bench@example.com', '--password', password);
  return shop;
}

// Rows for the table: what was asked, and how long it took.
export async function millionOrders(folder, postgresUrl) {
  const rows = [];
  for (const engine of Object.keys(dialects)) {
    const shop = await build(engine, path.join(folder, engine), engine === 'postgres' ? await postgresUrl('kontor_bench_orders') : undefined);
    try {
      const { json } = await call(shop.url, 'POST', '/v1/auth/login', { body: { email: 'bench@example.com', password } });
      for (const [what, search] of Object.entries(searches)) {
        const { p50, max } = await timed(shop, json.access_token, search);
        rows.push([engine, `a million orders, ${what}`, `p50 ${p50.toFixed(1)} ms`, `slowest ${max.toFixed(1)} ms`]);
      }
    } finally {
      await shop.stop();
    }
  }
  return rows;
}
