// kill -9 around a provider's answer: what Stripe did and the shop couldn't note any more, it finds out by itself; nothing
// is charged or refunded twice. KONTOR_TEST_SECONDS=300 for a long run under load.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { eventually } from '../support/eventually.mjs';
import { StripeServer } from '../support/stripe_server.mjs';
import { TestShop, engine } from '../support/shop.mjs';

const seconds = Number(process.env.KONTOR_TEST_SECONDS ?? 8);
const customers = 8;
const email = 'guest@example.com';
const patience = { timeout_ms: 120_000, every_ms: 200 }; // a call that a killed node had claimed waits for its lease

describe(`payments and kill -9 (${engine})`, () => {
  let shop, stripe, client, token, product;
  before(async () => {
    stripe = await StripeServer.open();
    shop = await TestShop.open({ settings: { log_level: 'off', ...stripe.settings } });
    client = shop.client;
    token = await shop.signInAsAdmin();
    product = await shop.createProduct({ stock: 1_000_000, price: 1999 });
  });
  after(async () => {
    await shop?.close();
    await stripe?.close();
  });

  const writesWaiting = async () => {
    const { text } = await client.get('/metrics', { unchecked: true });
    return Number(/^kontor_store_queue_length (\d+)$/m.exec(text)[1]);
  };
  const newOrder = async () => shop.placeOrder(await shop.fillCart(product));
  const start = (order, body = {}) => client.post(`/v1/orders/${order.id}/payments`, { email, ...body });
  const orderNow = async ({ id }) => (await client.get(`/v1/orders/${id}`, { token })).json;
  const paymentNow = async ({ id }) => (await client.get(`/v1/payments/${id}`, { token })).json;
  const paymentOf = async (order) => (await client.get(`/v1/orders/${order.id}/payments`, { token })).json.data[0];
  const intentsOf = (order) => [...stripe.intents.values()].filter(({ metadata }) => metadata.kontor_order === order.id);
  const booksAgree = (payment) => assert.deepEqual({ captured: payment.captured.amount, refunded: payment.refunded.amount }, stripe.books().get(payment.id));
  // Money that moved at Stripe and here, payment by payment, and what orders say of it.
  const audit = async (orders) => {
    for (const order of orders) {
      const payment = await paymentOf(order);
      assert.equal(intentsOf(order).length, 1, `order ${order.number} was charged twice`);
      booksAgree(payment);
      const kept = payment.captured.amount - payment.refunded.amount;
      const expected = kept === 0 ? 'refunded' : kept < order.total.amount ? 'partially_refunded' : 'paid';
      assert.equal((await orderNow(order)).payment_status, expected);
    }
  };

  // What the killed server had claimed is nobody's half a minute later. The test under load below waits for it.
  const endClaims = () => shop.server.sql("update payment_calls set next_try_at = 0 where state = 'waiting'");

  // Does `ask`, lets Stripe do its part and answer, but the database take nothing: then the server is killed. `column` of the
  // only payment has to be `before` then; the next server finds out quickly.
  const killBeforeCommit = async (matches, ask, column, before) => {
    let release;
    const answered = new Promise((resolve) => {
      stripe.beforeAnswer = async (asked) => {
        if (release || !matches(asked)) return;
        release = await shop.server.holdWrites('payments');
        resolve();
      };
    });
    const asked = ask().catch(() => undefined);
    await answered;
    await eventually(async () => (await writesWaiting()) > 0, 'a write that waits');
    await shop.server.kill9();
    stripe.beforeAnswer = async () => {};
    await release();
    await asked;
    assert.equal(await shop.server.sql(`select ${column} from payments`), before, 'the kill came in time');
    await endClaims();
    await shop.server.start();
  };

  test('between the answer and its commit: begun, captured and refunded once (RE-4)', { timeout: 600_000 }, async () => {
    const order = await newOrder();
    await killBeforeCommit(({ method, path }) => method === 'POST' && path === '/v1/payment_intents', () => start(order, { capture: 'manual' }), 'reference', '');
    const started = await start(order);
    assert.equal(started.status, 201, started.text);
    assert.equal(intentsOf(order).length, 1);
    await stripe.deliver(shop, stripe.confirm(started.json.client_secret));

    const payment = started.json;
    await killBeforeCommit(({ path }) => path.endsWith('/capture'), () => client.post(`/v1/payments/${payment.id}/capture`, {}, { token }), 'status', 'authorized');
    assert.equal(stripe.intentOf(payment).status, 'succeeded');
    await eventually(async () => (await paymentNow(payment)).status === 'paid', 'the capture', patience);

    await killBeforeCommit(({ path }) => path === '/v1/refunds', () => client.post(`/v1/payments/${payment.id}/refund`, { amount: 500 }, { token }), 'refunded', '0');
    await eventually(async () => (await paymentNow(payment)).refunded.amount === 500, 'the refund', patience);
    assert.equal(stripe.refunds.size, 1);
    await audit([order]);
  });

  test(`a kill every second for ${seconds} s under load: no payment twice, refunds once, books agree (RE-4)`, { timeout: 900_000 }, async (t) => {
    const orders = [];
    let [stopped, serial, kills] = [false, 0, 0];
    const insist = async (call) => {
      for (;;) {
        try {
          const answer = await call();
          if (answer.status !== 503) return answer;
        } catch (error) {
          if (!error.code || error.code.startsWith('ERR_ASSERTION')) throw error;
        }
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    };
    const customer = async () => {
      while (!stopped) {
        const n = ++serial;
        const cart = (await insist(() => client.post('/v1/carts', { items: [{ variant_id: product.variants[0].id, quantity: 1 }] }))).json;
        const body = { cart_id: cart.id, email, shipping_address: { name: 'Ada', line1: '1', city: 'London', postal_code: 'SW1Y 4JH', country: 'GB' } };
        const order = (await insist(() => client.post('/v1/orders', body, { key: `paid-${n}` }))).json;
        const { json: payment } = await insist(() => start(order));
        const event = stripe.confirm(payment.client_secret);
        orders.push(order);
        await insist(() => stripe.deliver(shop, event)); // Stripe repeats until it hears a 2xx…
        if (n % 3 === 0) await insist(() => stripe.deliver(shop, event)); // …and sometimes after it
        if (n % 2 === 0) await insist(() => client.post(`/v1/payments/${payment.id}/refund`, { amount: 500 + (n % 4 ? 0 : 1499) }, { token, key: `back-${n}` }));
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
    await eventually(async () => (await shop.server.sql("select count(*) from payment_calls where state = 'waiting'")).trim() === '0', 'the end of every call', patience);
    await audit(orders);
    t.diagnostic(`${kills} kills, ${orders.length} payments, ${stripe.refunds.size} refunds`);
  });
});
