// kill -9 under everything a sale is made of: checkouts, discount codes, partial shipments, cancellations, webhooks and
// letters. KONTOR_TEST_SECONDS=300 for a long run: the server is killed every second.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { HookReceiver } from '../support/hook_receiver.mjs';
import { listAllOrders } from '../support/orders_under_way.mjs';
import { TestShop, engine, orderOf } from '../support/shop.mjs';

const seconds = Number(process.env.KONTOR_TEST_SECONDS ?? 10);
const stockAtStart = 1_000_000;
const customers = 24;
const codeMax = 40;

describe(`kill -9 under mixed load (${engine})`, () => {
  let shop, client, token, receiver;
  before(async () => {
    shop = await TestShop.open({ settings: { log_level: 'error', webhook_targets: 'any', checkout_hold_seconds: 5, checkout_hold_max_seconds: 5 } });
    client = shop.client;
    token = await shop.signInAsAdmin();
    receiver = await HookReceiver.open();
  });
  after(async () => {
    await shop?.close();
    await receiver?.close();
  });

  test(`a kill every second for ${seconds} s: nothing acknowledged is lost, doubled or half (RE-1, RE-2, RE-3, RE-9)`, { timeout: (seconds + 900) * 1000 }, async (t) => {
    const products = [await shop.createProduct({ stock: stockAtStart }), await shop.createProduct({ stock: stockAtStart })];
    const code = (await client.post('/v1/discounts', { code: 'KILL', kind: 'percent', percent_ppm: 100_000, uses_max: codeMax }, { token })).json;
    await client.post('/v1/webhooks', { url: receiver.url, events: ['order.placed'] }, { token });
    const acknowledged = new Map(); // order id → the key it was placed with
    let [stopped, attempts, kills] = [false, 0, 0];
    // Asks until there is an answer: the keys make that safe.
    const insist = async (call) => {
      for (;;) {
        try {
          return await call();
        } catch (error) {
          if (!error.code || error.code.startsWith('ERR_ASSERTION')) throw error;
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
      }
    };
    const customer = async () => {
      while (!stopped) {
        const serial = ++attempts;
        const items = products.map(({ variants }) => ({ variant_id: variants[0].id, quantity: 1 + (serial % 3) }));
        const cart = (await insist(() => client.post('/v1/carts', { items }))).json;
        if (serial % 3) await insist(() => client.post(`/v1/carts/${cart.id}/checkout`, {}));
        if (serial % 7 === 0) continue; // goes away with what it holds
        const body = orderOf(cart, { email: `try-${serial}@example.com`, ...(serial % 5 ? {} : { discount_code: 'KILL' }) });
        const placed = await insist(() => client.post('/v1/orders', body, { key: `mixed-${serial}` }));
        if (placed.status !== 201) {
          assert.equal(placed.json.code, 'discount_unavailable', placed.text);
          continue;
        }
        acknowledged.set(placed.json.id, body.email);
        const at = `/v1/orders/${placed.json.id}`;
        const part = { carrier: 'DHL', tracking_number: '1', lines: [{ line_id: placed.json.lines[0].id, quantity: 1 }] };
        if (serial % 4 === 0) await insist(() => client.post(`${at}/ship`, part, { token, key: `ship-${serial}` }));
        if (serial % 6 === 0) await insist(() => client.post(`${at}/cancel`, {}, { token, key: `cancel-${serial}` }));
      }
    };
    const work = Promise.all(Array.from({ length: customers }, customer));
    work.catch(() => {}); // awaited below
    for (const end = Date.now() + seconds * 1000; Date.now() < end; ++kills) {
      await new Promise((resolve) => setTimeout(resolve, 1000));
      await shop.kill9AndRestart();
    }
    stopped = true;
    await work;

    const reservedNow = async () => Promise.all(products.map(async (product) => shop.stockOf(product)));
    const orders = await listAllOrders(shop);
    const byId = new Map(orders.map((order) => [order.id, order]));
    for (const [id, email] of acknowledged) assert.equal(byId.get(id)?.email, email, `acknowledged order ${id} is missing`);
    assert.equal(new Set(orders.map(({ email }) => email)).size, orders.length, 'a try has made two orders');
    assert.equal(orders.length, acknowledged.size, 'every try was answered in the end, so there are no others');

    const expected = products.map((product) => {
      const lines = orders.flatMap(({ status, lines: all }) => all.filter(({ product_id }) => product_id === product.id).map((line) => ({ status, ...line })));
      const shipped = lines.reduce((sum, line) => sum + line.shipped, 0);
      const open = lines.reduce((sum, line) => sum + (line.status === 'cancelled' ? 0 : line.quantity - line.shipped), 0);
      return { on_hand: stockAtStart - shipped, reserved: open, available: stockAtStart - shipped - open };
    });
    for (const deadline = Date.now() + 120_000; Date.now() < deadline; await new Promise((resolve) => setTimeout(resolve, 500))) {
      if (JSON.stringify(await reservedNow()) === JSON.stringify(expected)) break; // once what was held and left is given back
    }
    assert.deepEqual(await reservedNow(), expected);
    for (const { variants: [{ id }] } of products) {
      const { on_hand_after, reserved_after } = (await client.get(`/v1/variants/${id}/stock?limit=1`, { token })).json.data[0];
      assert.deepEqual({ on_hand: on_hand_after, reserved: reserved_after }, (({ on_hand, reserved }) => ({ on_hand, reserved }))(expected[products.findIndex(({ variants }) => variants[0].id === id)]));
    }
    const withCode = orders.filter(({ status, discount_code }) => status !== 'cancelled' && discount_code === 'KILL').length;
    assert.equal((await client.get(`/v1/discounts/${code.id}`, { token })).json.uses, withCode);
    assert.ok(withCode <= codeMax);
    await receiver.until(({ subjects }) => subjects.size === orders.length, `a webhook for each of ${orders.length} orders`, 300_000);
    t.diagnostic(`${kills} kills, ${orders.length} orders, ${withCode} with the code; ${receiver.taken.length} webhooks taken`);
  });
});
