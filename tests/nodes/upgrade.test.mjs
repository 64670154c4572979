// A newer version migrates while nodes of this one sell on. KONTOR_TEST_NEWER=FILE is the program of a newer version, for a
// whole rolling upgrade; without it, psql plays what such a version does first.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { eventually } from '../support/eventually.mjs';
import { TestShop, engine, orderOf } from '../support/shop.mjs';

const newer = process.env.KONTOR_TEST_NEWER;
const customers = 6;
const ordersBetween = 50;
const stockAtStart = 1_000_000;
const aloneOn = engine === 'sqlite' && 'one server owns an SQLite database';

// As a migration may be: columns, tables and indexes that this version doesn't look at; under the lock that nodes take.
const migration = `begin; select pg_advisory_xact_lock(x'6b6f6e746f72'::bigint);
  alter table orders add column gift_wrap text; alter table order_lines add column weight bigint not null default 0;
  alter table carts add column gift_wrap text; alter table variants add column colour text;
  create table gifts (id text primary key, order_id text not null references orders (id));
  create index orders_gift_wrap on orders (gift_wrap) where gift_wrap is not null;
  insert into schema_migrations (name, checksum, applied_at) values ('9999_gifts', '', 0); commit`;

describe(`a rolling upgrade (${engine})`, { skip: aloneOn }, () => {
  const sellThrough = async (t, upgrade) => {
    const shop = await TestShop.open({ settings: { secret: 'known to both nodes, and to nobody else', log_level: 'error' } });
    t.after(() => shop.close());
    const node = await shop.addNode();
    const product = await shop.createProduct({ stock: stockAtStart });
    const acknowledged = new Map(); // order id → number
    let [stopped, serial] = [false, 0];
    // Whoever finds a node away asks the other, as a balancer does. Nobody must see anything but success.
    const customer = async () => {
      while (!stopped) {
        const n = ++serial;
        const insist = async (call) => {
          for (let i = n; ; ++i) {
            try {
              const answer = await call((i % 2 ? shop : node).client);
              assert.equal(answer.status, 201, answer.text);
              return answer.json;
            } catch (error) {
              if (!error.code || error.code.startsWith('ERR_ASSERTION')) throw error;
            }
          }
        };
        const unchecked = true; // a newer version may tell more than this one's contract knows
        const cart = await insist((client) => client.post('/v1/carts', { items: [{ variant_id: product.variants[0].id, quantity: 1 }] }, { unchecked }));
        const order = await insist((client) => client.post('/v1/orders', orderOf(cart), { key: `upgrade-${n}`, unchecked }));
        acknowledged.set(order.id, order.number);
      }
    };
    const work = Promise.all(Array.from({ length: customers }, customer));
    const sell = async () => {
      const goal = acknowledged.size + ordersBetween;
      await Promise.race([work, eventually(() => acknowledged.size >= goal, 'sales')]);
    };
    await sell();
    await upgrade({ shop, node, sell });
    await sell();
    stopped = true;
    await work;
    const rows = (await shop.server.sql("select id || ' ' || number from orders")).split('\n').map((row) => row.split(' '));
    assert.deepEqual(rows.sort(), [...acknowledged].map(([id, number]) => [id, String(number)]).sort());
    assert.equal((await shop.stockOf(product)).available, stockAtStart - acknowledged.size);
    t.diagnostic(`${acknowledged.size} orders, none refused`);
    return shop;
  };

  test('RE-8: nodes go on while a newer version migrates; none of the old version starts any more', { timeout: 120_000 }, async (t) => {
    const shop = await sellThrough(t, async ({ shop }) => {
      for (;;) { // it may meet the shop in a deadlock, and begins anew, as a node does
        const failed = await shop.server.sql(migration).then(() => null, (error) => error);
        if (!failed) return;
        assert.match(failed.message, /deadlock detected/);
      }
    });
    await assert.rejects(() => shop.addNode(), /a newer version has changed it/);
  });

  test('RE-8: one node after the other becomes a newer version under load', { skip: !newer && 'KONTOR_TEST_NEWER names no newer program', timeout: 120_000 }, async (t) => {
    const known = (shop) => shop.server.sql('select count(*) from schema_migrations');
    const shop = await sellThrough(t, async ({ shop, node, sell }) => {
      const before = await known(shop);
      for (const { server } of [node, shop]) {
        assert.deepEqual(await server.terminate(), { code: 0, signal: null });
        await sell();
        server.program = newer;
        await server.start();
        await sell();
      }
      assert.ok(Number(await known(shop)) > Number(before), 'it has migrated');
    });
    await assert.rejects(() => shop.addNode(), /a newer version has changed it/);
  });
});
