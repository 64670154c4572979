// The statements that placing an order sends to PostgreSQL, read out of the server's own log, as a script for pgbench; and a
// shop of numbered carts that the script orders one after the other.
import { readFile } from 'node:fs/promises';
import { call } from './prepare.mjs';

const address = { name: 'Ada Byron', line1: '12 St James Square', city: 'London', postal_code: 'SW1Y 4JH', country: 'GB' };
const numberedProducts = 1000;
const carts_a_connection = 1_000_000; // the numbers of one connection's carts begin at its own million

// Text of SQL; pgbench takes ':' for the beginning of a variable.
const literal = (text) => `E'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll(':', '\\x3a').replaceAll('\n', '\\n')}'`;
const numbered = (prefix, expression, suffix = 'A') => `('${prefix}_' || lpad((${expression})::text, 25, '0') || '${suffix}')`;

// The ids of carts are random, so that neighbours in time lie far apart in an index.
const randomCart = (expression) => `('crt_' || upper(left(md5((${expression})::text), 26)))`;
// The goods of a connection's carts begin at a place of their own.
const productOf = (n, connection) => `1 + mod((${n}) * 7919 + ${connection} * 28, ${numberedProducts})`;

// [{connection, sql, values}] as the server has logged them.
function executions(log) {
  const found = [];
  const latest = new Map(); // of each connection
  for (const line of log.split('\n')) {
    const [, connection, kind, text] = / \[(\d+)\] (LOG|DETAIL):  (.*)$/.exec(line) ?? [];
    const [, sql] = /^execute \w+: (.*)$/.exec(text ?? '') ?? [];
    if (kind === 'LOG') latest.delete(connection);
    if (kind === 'LOG' && sql) {
      found.push({ connection, sql, values: [] });
      latest.set(connection, found.at(-1));
    }
    if (kind === 'DETAIL' && text.startsWith('parameters: ') && latest.has(connection)) {
      latest.get(connection).values = [...text.matchAll(/\$\d+ = (NULL|'(?:[^']|'')*')/g)].map(([, value]) => (value === 'NULL' ? null : value.slice(1, -1).replaceAll("''", "'")));
    }
  }
  return found;
}

// Places an order while the server logs what it is asked: {script, count, cart (another, not ordered), variant, product}.
export async function statementsOfAnOrder(shop, sql, logFile) {
  const database = await sql('select current_database()');
  await sql(`alter database ${database} set log_statement = 'all'`);
  await shop.stop();
  await shop.start();
  const [product] = (await call(shop.url, 'GET', '/v1/products?limit=1')).json.data;
  const { variants: [variant] } = (await call(shop.url, 'GET', `/v1/products/${product.id}`)).json;
  const fill = async () => (await call(shop.url, 'POST', '/v1/carts', { body: { items: [{ variant_id: variant.id, quantity: 1 }] } })).json;
  const [template, cart] = [await fill(), await fill()];
  const order = (await call(shop.url, 'POST', '/v1/orders', { body: { cart_id: cart.id, email: 'bench@example.com', shipping_address: address } })).json;
  await sql(`alter database ${database} reset log_statement`);

  const log = executions(await readFile(logFile, 'utf8'));
  const insert = log.findLast(({ sql: text, values }) => text.startsWith('insert into orders') && values.includes(order.id));
  const own = log.filter(({ connection }) => connection === insert.connection);
  const at = own.indexOf(insert);
  const begin = own.findLastIndex(({ sql: text }, i) => text === 'begin' && i < at);
  const end = own.findIndex(({ sql: text }, i) => text === 'commit' && i > at);
  const known = new Map([[cart.id, randomCart(':n')], [variant.id, numbered('var', ':m')], [product.id, numbered('prd', ':m')]]);
  const value = (text) => {
    if (text === null) return 'null';
    const [, prefix] = /^([a-z]{3})_[0-9A-Z]{26}$/.exec(text) ?? [];
    if (prefix && !known.has(text)) known.set(text, numbered(prefix, ':n', String.fromCharCode(65 + known.size)));
    return known.get(text) ?? literal(text);
  };
  // An entry's number is what the update of the variant has told, which a pipeline can't wait for: any other that is free.
  const values = (one) => one.values.map((text, i) => (one.sql.startsWith('insert into stock_entries (variant_id, number') && i === 1 ? ':n' : value(text)));
  const statements = own.slice(begin, end + 1).map((one) => `${one.sql.replace(/\$(\d+)/g, (_, n) => values(one)[n - 1])};`);
  const head = ['\\set i :i + 1', `\\set n :client_id * ${carts_a_connection} + :i`, `\\set m ${productOf(':n', ':client_id')}`];
  return { script: [...head, '\\startpipeline', ...statements, '\\endpipeline', ''].join('\n'), count: statements.length, cart: template.id, variant: variant.id, product: product.id };
}

// Copies the product, its variant and the cart under numbers; `carts` for each of `connections`, from 1 on.
export async function numberedShop(sql, { cart, variant, product }, { carts, connections }) {
  const copied = (table, row, changes) => `select (jsonb_populate_record(t, jsonb_build_object(${Object.entries(changes).map(([column, expression]) => `'${column}', ${expression}`).join(', ')}))).* from ${table} t, ${row}`;
  const series = `generate_series(1, ${numberedProducts}) m`;
  const numbers = `(select c * ${carts_a_connection} + i as n, ${productOf(`c * ${carts_a_connection} + i`, 'c')} as m from generate_series(0::bigint, ${connections - 1}) c, generate_series(1, ${carts}) i) numbers`;
  await sql(`insert into products ${copied('products', series, { id: numbered('prd', 'm'), slug: "'numbered-' || m" })} where t.id = '${product}'`);
  await sql(`insert into variants ${copied('variants', series, { id: numbered('var', 'm'), product_id: numbered('prd', 'm'), sku: "'NUMBERED-' || m" })} where t.id = '${variant}'`);
  await sql(`insert into carts ${copied('carts', numbers, { id: randomCart('n') })} where t.id = '${cart}'`);
  await sql(`insert into cart_items ${copied('cart_items', numbers, { cart_id: randomCart('n'), variant_id: numbered('var', 'm') })} where t.cart_id = '${cart}'`);
  await sql('vacuum analyze');
}
