// kill -9 in the middle of a sale, again and again.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Shoppers, audit, seeded } from '../support/orders_under_way.mjs';
import { patience } from '../support/server.mjs';
import { TestShop, engine } from '../support/shop.mjs';

const kills = Number(process.env.KONTOR_TEST_KILLS ?? 20);
const ordersBetweenKills = patience === 1 ? 100 : 20;
const seed = Number(process.env.KONTOR_TEST_SEED ?? (Date.now() & 0xffff));
const stockAtStart = 1_000_000;

describe(`kill -9 under order load (${engine})`, () => {
  let shop;
  before(async () => {
    shop = await TestShop.open({ settings: { log_level: 'warn' } });
  });
  after(() => shop?.close());

  test(`${kills} kills lose, double and oversell nothing (RE-1, RE-2, RE-3), and it is back within a second (RE-7)`, { timeout: 600_000 }, async (t) => {
    t.diagnostic(`seed ${seed} (KONTOR_TEST_SEED)`);
    const random = seeded(seed);
    const products = [];
    for (let i = 0; i < 4; ++i) products.push(await shop.createProduct({ stock: stockAtStart }));
    const shoppers = new Shoppers(shop, products, { random });
    const restarts = [];
    for (let kill = 1; kill <= kills; ++kill) {
      await shoppers.reached(kill * ordersBetweenKills);
      await new Promise((resolve) => setTimeout(resolve, random() * 100)); // anywhere in their work
      let back;
      shoppers.down = new Promise((resolve) => (back = resolve));
      await shop.server.kill9();
      const started = performance.now();
      await shop.server.start();
      restarts.push(performance.now() - started);
      shoppers.down = null;
      back();
    }
    await shoppers.finish();
    assert.deepEqual(shoppers.refused.map(({ status, text }) => `${status} ${text}`), []);
    if (engine === 'sqlite') assert.equal(await shop.server.sql('pragma integrity_check'), 'ok');
    const stored = await audit(shop, shoppers, stockAtStart, random);
    const [first] = shoppers.acknowledged;
    for (const bug of [{ ...first.order, id: 'ord_lost' }, { ...first.order, note: 'changed' }]) {
      const suspect = { ...shoppers, acknowledged: [{ ...first, order: bug }] };
      await assert.rejects(audit(shop, suspect, stockAtStart), /missing or changed/, 'the audit can fail');
    }
    await assert.rejects(audit(shop, shoppers, stockAtStart + 1), 'the audit counts the stock');
    restarts.sort((a, b) => a - b);
    t.diagnostic(`${shoppers.acknowledged.length} acknowledged, ${shoppers.lost.length} unanswered, ${stored.length} stored; ` +
      `restart median ${restarts[restarts.length >> 1].toFixed(0)} ms, worst ${restarts.at(-1).toFixed(0)} ms`);
    assert.ok(restarts.at(-1) < 1000 * patience, `a restart took ${restarts.at(-1).toFixed(0)} ms`);
  });
});
