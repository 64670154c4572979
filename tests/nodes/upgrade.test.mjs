// A newer version migrates while nodes of this one sell on. KONTOR_TEST_NEWER=FILE is the program of a newer version, for a
// whole rolling upgrade; without it, psql plays what such a version does first.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { InsistentShoppers } from '../support/insistent_shoppers.mjs';
import { TestShop, engine } from '../support/shop.mjs';

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
    // Whoever finds a node away asks the other, as a balancer does. Nobody must see anything but success.
    const shoppers = new InsistentShoppers([node, shop], product, { count: customers, patient: false, unchecked: true });
    await shoppers.sell(ordersBetween);
    await upgrade({ shop, node, sell: () => shoppers.sell(ordersBetween) });
    await shoppers.sell(ordersBetween);
    await shoppers.finish();
    await shoppers.audit(shop, stockAtStart);
    t.diagnostic(`${shoppers.acknowledged.size} orders, none refused`);
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
