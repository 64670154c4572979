// SIGTERM: what is under way is finished, nothing new begins, and no answer is lost.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { Shoppers, audit } from '../support/orders_under_way.mjs';
import { patience } from '../support/server.mjs';
import { TestShop, engine } from '../support/shop.mjs';
import { Talker } from '../support/talker.mjs';

const going_away = 1001; // RFC 6455 §7.4.1

describe(`graceful stop (${engine})`, () => {
  let shop;
  beforeEach(async () => {
    shop = await TestShop.open({ settings: { log_level: 'warn' } });
  });
  afterEach(() => shop?.close());

  test('a request in flight is answered, a new one is refused, the exit is clean (RE-8)', async () => {
    const [busy, idle] = [await shop.connect(), await shop.connect()];
    busy.send('POST /v1/carts HTTP/1.1\r\nHost: shop\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{');
    idle.send('GET /healthz HTTP/1.1\r\nHost: shop\r\n\r\n');
    assert.equal((await idle.answer()).status, 200);
    const exit = shop.server.terminate();
    await idle.closed(5000);
    await assert.rejects(shop.connect(), { code: 'ECONNREFUSED' });
    busy.send('}');
    const answer = await busy.answer();
    assert.deepEqual([answer.status, answer.headers.connection], [201, 'close']);
    await busy.closed();
    assert.deepEqual(await exit, { code: 0, signal: null });
  });

  test('a socket is told, and comes back (RE-8)', async () => {
    const talker = await Talker.connect(shop, await shop.registerUser());
    const told = once(talker.socket, 'disconnect');
    const exit = shop.server.terminate();
    const [reason, { context }] = await told;
    assert.deepEqual([reason, context.code], ['transport close', going_away]);
    assert.deepEqual(await exit, { code: 0, signal: null });
    await shop.server.start();
    await once(talker.socket, 'connect');
    talker.close();
  });

  test('a client that never finishes its request holds nobody up beyond the deadline (RE-8)', async () => {
    shop.server.settings.stop_timeout_ms = 1000;
    await shop.kill9AndRestart();
    const stuck = await shop.connect();
    stuck.send('POST /v1/carts HTTP/1.1\r\nHost: shop\r\nContent-Length: 2\r\n\r\n{');
    await shop.client.get('/healthz');
    shop.client.close();
    const started = performance.now();
    assert.deepEqual(await shop.server.terminate(), { code: 0, signal: null });
    const ms = performance.now() - started;
    assert.ok(ms < 5000 * patience, `${ms.toFixed(0)} ms`);
  });

  test('under load no answer is lost: who heard nothing ordered nothing (RE-8)', { timeout: 120_000 }, async (t) => {
    const products = [await shop.createProduct({ stock: 100_000 }), await shop.createProduct({ stock: 100_000 })];
    const shoppers = new Shoppers(shop, products, { count: 32 });
    await shoppers.reached(200);
    let back;
    shoppers.down = new Promise((resolve) => (back = resolve));
    shoppers.stopped = true;
    const started = performance.now();
    assert.deepEqual(await shop.server.terminate(), { code: 0, signal: null });
    const ms = performance.now() - started;
    const heard = shoppers.acknowledged.length;
    await shop.server.start();
    shoppers.down = null;
    back();
    await shoppers.finish();
    t.diagnostic(`${heard} answered before the end, stopped in ${ms.toFixed(0)} ms`);
    assert.deepEqual(shoppers.refused.map(({ status, text }) => `${status} ${text}`), [], 'nobody saw a 5xx');
    const stored = await audit(shop, shoppers, 100_000);
    const unheard = [...shoppers.acknowledged.filter(({ replayed }) => replayed).map(({ order }) => order.email),
      ...shoppers.lost.filter((email) => stored.some((order) => order.email === email))];
    assert.deepEqual(unheard, [], 'an order was placed and its answer never came');
    assert.ok(ms < 10_000);
    await audit(shop, shoppers, 100_000);
  });
});
