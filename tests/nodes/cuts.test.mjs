// A node that is cut off from the database, or stands still, while the other goes on: orders, chat, webhooks and letters.
// KONTOR_TEST_CUT_SECONDS=30 for a long cut.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DatabaseProxy } from '../support/database_proxy.mjs';
import { eventually } from '../support/eventually.mjs';
import { MixedLoad } from '../support/mixed_load.mjs';
import { patience } from '../support/server.mjs';
import { TestShop, engine, orderOf } from '../support/shop.mjs';

const cut_ms = Number(process.env.KONTOR_TEST_CUT_SECONDS ?? 3) * 1000;
const back_within_ms = 5000;
const locks_given_back_ms = 5000; // what a transaction that stands still may hold its rows for
const customers = 8;
const some_orders = 20;
const aloneOn = engine === 'sqlite' && 'one server owns an SQLite database';
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

describe(`a node that is cut off (${engine})`, { skip: aloneOn }, () => {
  // `cut` and `heal` get {proxy, node}, the node whose database goes through the proxy.
  const cutOff = (what, cut, heal) =>
    test(`RE-9, RE-10, RE-11: ${what} for ${cut_ms / 1000} s: nothing acknowledged is lost, no effect doubled, and it is back within ${back_within_ms / 1000} s`, { timeout: 300_000 + cut_ms }, async (t) => {
      const load = await MixedLoad.open();
      let shop, proxy;
      t.after(async () => {
        await shop?.close();
        await proxy?.close();
        await load.close();
      });
      shop = await TestShop.open({ settings: { secret: 'known to both nodes, and to nobody else', log_level: 'error', ...load.settings } });
      proxy = await DatabaseProxy.open(shop.server.database);
      const node = await shop.addNode({ database: proxy.url });
      const token = await shop.signInAsAdmin();
      const watched = await shop.createProduct({ price: 1000 });
      await load.begin(shop, [node, shop], { count: customers, timeout_ms: 1000, patient: true });
      await load.sell(some_orders);
      const priceThere = async () => (await node.client.get(`/v1/products/${watched.id}`, { timeout_ms: 1000 })).json.variants?.[0].price.amount;
      assert.equal(await priceThere(), 1000);
      await cut({ proxy, node });
      const before = load.acknowledged.size;
      await pause(cut_ms);
      const path = `/v1/products/${watched.id}/variants/${watched.variants[0].id}`;
      assert.equal((await shop.client.patch(path, { price: { amount: 2000, currency: 'EUR' } }, { token })).status, 200);
      const meanwhile = load.acknowledged.size - before;
      await heal({ proxy, node });
      const healed = performance.now();
      const since_ms = () => Math.round(performance.now() - healed);
      const chatting = load.chat({ timeout_ms: back_within_ms }).then(since_ms);
      await eventually(async () => (await priceThere().catch(() => 0)) === 2000, 'the new price on the node that was cut off', { timeout_ms: back_within_ms });
      await eventually(async () => (await node.client.get('/readyz', { unchecked: true })).status === 200, 'the node to be ready', { timeout_ms: back_within_ms });
      const back_ms = since_ms();
      const chat_ms = await chatting;
      await load.sell(some_orders);
      await load.finish();
      const found = await load.audit(1);
      t.diagnostic(`back after ${back_ms} ms, in chat after ${chat_ms} ms; ${before} orders before the cut, ${meanwhile} meanwhile; ${found}`);
    });

  test(`RE-11: a node that stands still in mid-transaction keeps its rows from the other for ${locks_given_back_ms / 1000} s, and ends its order when it goes on`, { timeout: 120_000 }, async (t) => {
    const shop = await TestShop.open({ settings: { secret: 'known to both nodes, and to nobody else', log_level: 'error' } });
    t.after(() => shop.close());
    const node = await shop.addNode();
    const products = [await shop.createProduct({ stock: 10 }), await shop.createProduct({ stock: 10 })];
    // An order takes its units in the order of their ids: it gets the first, and waits for the second.
    const [first, second] = products.map((product) => ({ product, id: product.variants[0].id })).sort((a, b) => (a.id < b.id ? -1 : 1));
    const of = async (...variants) => shop.openCart({ items: variants.map(({ id }) => ({ variant_id: id, quantity: 1 })) });
    const holder = await shop.server.openSession();
    await holder.run(`begin; select 1 from variants where id = '${second.id}' for update`);
    const both = await of(first, second);
    const stuck = node.client.post('/v1/orders', orderOf(both), { key: 'stuck' });
    await eventually(async () => (await shop.server.sql("select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'")) === '1', 'the node to wait');
    node.server.child.kill('SIGSTOP');
    t.after(() => node.server.child.kill('SIGCONT'));
    await holder.run('rollback');
    await holder.end();
    const isFree = async () => (await shop.server.sql(`select count(*) from (select 1 from variants where id = '${first.id}' for update skip locked) free`)) === '1';
    assert.equal(await isFree(), false, 'it holds what the other wants to sell');
    const began = performance.now();
    await shop.placeOrder(await of(first));
    const waited_ms = performance.now() - began;
    t.diagnostic(`the other node sold after ${Math.round(waited_ms)} ms`);
    assert.ok(waited_ms < locks_given_back_ms + 1000 * patience, `${waited_ms} ms`);
    node.server.child.kill('SIGCONT');
    const placed = await stuck;
    assert.equal(placed.status, 201, placed.text);
    assert.deepEqual([(await shop.stockOf(first.product)).reserved, (await shop.stockOf(second.product)).reserved], [2, 1]);
  });

  cutOff('its database connections hang', ({ proxy }) => proxy.hang(), ({ proxy }) => proxy.heal());
  cutOff('its database connections break', ({ proxy }) => proxy.break(), ({ proxy }) => proxy.heal());
  cutOff('it stands still (SIGSTOP)', ({ node }) => node.server.child.kill('SIGSTOP'), ({ node }) => node.server.child.kill('SIGCONT'));
});
