// What ends by the clock, on two nodes of which one is killed while it is at it: each hold of a checkout is given back once and
// each old cart is told once, whoever does it. A lock of the database stops both nodes in the middle of a transaction, so that
// the kill meets one there and not beside it.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { eventually } from '../support/eventually.mjs';
import { patience } from '../support/server.mjs';
import { TestShop, engine, orderOf } from '../support/shop.mjs';

const hold_seconds = 10;
const given_back_within_ms = 10_000 * patience; // nodes look every five seconds
const at_once = 8; // customers
const checkouts = 120;
const checkouts_of_one = 40; // the first ones, whose units nobody locks
const stock_at_start = 1000;
const carts_per_step = 200; // as many as a node removes in one transaction
const old_carts = 500;
const young_carts = 5;
const aloneOn = engine === 'sqlite' && 'one server owns an SQLite database';

// What `make(i)` gives for each i below `count`, some at once.
async function makeMany(count, make) {
  const made = [];
  let next = 0;
  const one = async () => {
    for (let i = next++; i < count; i = next++) made[i] = await make(i);
  };
  await Promise.all(Array.from({ length: at_once }, one));
  return made;
}

describe(`what ends by the clock, on two nodes (${engine})`, { skip: aloneOn }, () => {
  const openShop = async (t) => {
    const shop = await TestShop.open({ settings: { secret: 'known to both nodes, and to nobody else', log_level: 'warn', checkout_hold_seconds: hold_seconds, checkout_hold_max_seconds: hold_seconds } });
    t.after(() => shop.close());
    const count = async (what) => Number(await shop.server.sql(`select count(*) from ${what}`));
    const waitForALock = (nodes) =>
      eventually(async () => (await count("pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'")) === nodes, `${nodes} to wait for the lock`);
    return { shop, count, waitForALock };
  };

  test('RE-1, RE-11: holds end while a node is killed: each is given back once, and soon', { timeout: 120_000 * patience }, async (t) => {
    const { shop, count, waitForALock } = await openShop(t);
    const node = await shop.addNode();
    const token = await shop.signInAsAdmin();
    const products = [await shop.createProduct({ stock: stock_at_start }), await shop.createProduct({ stock: stock_at_start })];
    const [free, locked] = products.map(({ variants }) => variants[0].id);
    const held = () => count('carts where held_until is not null');
    const itemsOf = (i) => [
      ...(i < checkouts_of_one || i % 2 ? [{ variant_id: free, quantity: 1 + (i % 3) }] : []),
      ...(i < checkouts_of_one ? [] : [{ variant_id: locked, quantity: 1 + (i % 4) }]),
    ];
    const checkOut = async (cart, i) => {
      const answer = await (i % 2 ? shop : node).client.post(`/v1/carts/${cart.id}/checkout`, {});
      assert.equal(answer.status, 200, answer.text);
    };
    const carts = await makeMany(checkouts, (i) => shop.openCart({ items: itemsOf(i) }));
    await makeMany(checkouts, (i) => checkOut(carts[i], i));
    const orders = await makeMany(checkouts / 10, (i) => shop.placeOrder(carts[i * 10])); // what is theirs stays reserved
    const holder = await shop.server.openSession();
    await holder.run(`begin; select 1 from variants where id = '${locked}' for update`);
    await waitForALock(2);
    const left = await held();
    assert.ok(left > 0 && left < checkouts - orders.length, `${left} holds are left`);
    await node.server.kill9();
    const killed = performance.now();
    await holder.run('rollback');
    await holder.end();
    await eventually(async () => (await held()) === 0, 'the end of the last hold', { timeout_ms: given_back_within_ms });
    t.diagnostic(`${checkouts} holds, ${orders.length} ordered, ${left} left at the kill, none ${Math.round(performance.now() - killed)} ms behind it`);

    // The one that was killed comes back, and both look again.
    await node.server.start();
    await checkOut(await shop.openCart({ items: itemsOf(0) }), 0);
    await eventually(async () => (await held()) === 0, 'the end of one more hold', { timeout_ms: hold_seconds * 1000 + given_back_within_ms });
    for (const product of products) {
      const entries = await listEntries(shop, product, token);
      // What was taken in a name, by a checkout or an order, is an order's or was given back.
      const names = new Map();
      for (const { order_id, reserved_change } of entries.filter((entry) => entry.order_id)) names.set(order_id, [...(names.get(order_id) ?? []), reserved_change]);
      const sold = new Map(orders.flatMap(({ id, lines }) => lines.filter(({ product_id }) => product_id === product.id).map(({ quantity }) => [id, quantity])));
      for (const [name, changes] of names) {
        const [taken] = changes;
        assert.deepEqual(changes, sold.has(name) ? [sold.get(name)] : [taken, -taken], name);
      }
      assert.deepEqual([...sold.keys()].filter((id) => !names.has(id)), []);
      const reserved = [...sold.values()].reduce((sum, quantity) => sum + quantity, 0);
      assert.deepEqual(await shop.stockOf(product), { on_hand: stock_at_start, reserved, available: stock_at_start - reserved });
    }
  });

  test('RE-9, RE-11: old carts go while a node is killed: each is told once, and none is forgotten', { timeout: 120_000 * patience }, async (t) => {
    const { shop, count, waitForALock } = await openShop(t); // it has looked when it started, and does so again in ten minutes
    const product = await shop.createProduct();
    const told = () => count("events where type = 'cart.expired'");
    const old = await makeMany(old_carts, () => shop.fillCart(product));
    await shop.server.sql('update carts set expires_at = aged.place, look_at = aged.place from (select id, row_number() over (order by id) as place from carts) aged where aged.id = carts.id');
    const young = await makeMany(young_carts, () => shop.fillCart(product));
    const holder = await shop.server.openSession();
    await holder.run(`begin; select 1 from carts where look_at = ${carts_per_step + carts_per_step / 2} for update`);
    const node = await shop.addNode();
    await waitForALock(1);
    assert.equal(await told(), carts_per_step, 'it is at its second step');
    await shop.addNode();
    await waitForALock(2);
    await node.server.kill9();
    const killed = performance.now();
    await holder.run('rollback');
    await holder.end();
    await eventually(async () => (await told()) >= old.length, 'the end of the last cart', { timeout_ms: given_back_within_ms });
    t.diagnostic(`${old.length} carts, the last ${Math.round(performance.now() - killed)} ms behind the kill`);
    const subjects = (await shop.server.sql("select subject from events where type = 'cart.expired'")).split('\n');
    assert.deepEqual(subjects.sort(), old.map(({ id }) => id).sort());
    assert.equal(await count('carts'), young.length);
    for (const { id } of young) assert.equal((await shop.client.get(`/v1/carts/${id}`)).status, 200);
  });
});

// All that the ledger has of the product's stock, oldest first.
async function listEntries(shop, product, token) {
  const entries = [];
  for (let cursor = ''; ;) {
    const page = await shop.client.get(`/v1/variants/${product.variants[0].id}/stock?limit=100${cursor}`, { token });
    assert.equal(page.status, 200, page.text);
    entries.unshift(...page.json.data.reverse());
    if (!page.json.has_more) return entries;
    cursor = `&cursor=${page.json.next_cursor}`;
  }
}
