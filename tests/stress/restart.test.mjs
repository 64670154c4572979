// How soon a shop with a past is back.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { patience } from '../support/server.mjs';
import { TestShop, engine } from '../support/shop.mjs';

const count = 100_000;
const ready_ms = 3000;

// Copies of the one order that is there. Made in SQL: through the API they would take a minute.
const dialect = {
  sqlite: {
    numbers: `with recursive g(n) as (select 1 union all select n + 1 from g where n < ${count}) select n from g`,
    id: (prefix) => `printf('${prefix}_0%025d', n)`,
    numbering: '',
    columns: (table) => `select group_concat(name) from pragma_table_info('${table}')`,
  },
  postgres: {
    numbers: `select n from generate_series(1, ${count}) n`,
    id: (prefix) => `'${prefix}_0' || lpad(n::text, 25, '0')`,
    numbering: 'overriding user value',
    columns: (table) => `select string_agg(column_name, ',') from information_schema.columns where table_name = '${table}' and is_generated = 'NEVER'`,
  },
}[engine];
// Of the columns that are stored: the others follow from them.
const multiply = ({ orders, lines }) => `begin;
create temporary table n as ${dialect.numbers};
create temporary table many as select o.*, n.n from orders o, n;
update many set id = ${dialect.id('ord')}, number = number + n;
alter table many drop column n;
insert into orders (${orders}) ${dialect.numbering} select ${orders} from many;
create temporary table lines as select l.*, n.n from order_lines l, n;
update lines set order_id = ${dialect.id('ord')}, id = ${dialect.id('lin')};
alter table lines drop column n;
insert into order_lines (${lines}) select ${lines} from lines;
commit;`;

describe(`a shop with a past (${engine})`, () => {
  let shop;
  before(async () => {
    shop = await TestShop.open({ settings: { log_level: 'warn' } });
  });
  after(() => shop?.close());

  test(`with ${count.toLocaleString('en')} orders it is back within 3 s of a kill (RE-7)`, async (t) => {
    const product = await shop.createProduct();
    await shop.placeOrder(await shop.fillCart(product));
    const columns = { orders: await shop.server.sql(dialect.columns('orders')), lines: await shop.server.sql(dialect.columns('order_lines')) };
    await shop.server.sql(multiply(columns));
    const last = await shop.placeOrder(await shop.fillCart(product));
    const started = performance.now();
    await shop.kill9AndRestart();
    const answer = await shop.client.get('/readyz');
    const took = performance.now() - started;
    t.diagnostic(`ready after ${took.toFixed(0)} ms`);
    assert.equal(answer.status, 200, answer.text);
    assert.ok(took < ready_ms * patience, `${took.toFixed(0)} ms`);
    assert.equal(Number(await shop.server.sql('select count(*) from orders')), count + 2);
    if (engine === 'sqlite') assert.equal(await shop.server.sql('pragma integrity_check'), 'ok');
    const token = await shop.signInAsAdmin();
    const page = await shop.client.get('/v1/orders?limit=1', { token });
    assert.equal(page.json.data[0].id, last.id, 'the newest order is first');
  });
});
