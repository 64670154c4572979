// Paying: by card through Stripe's API, as a local server speaks it, and outside the shop. Money that moved is the same
// in both books, whatever order the news comes in.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { StripeServer, webhookSecret } from '../support/stripe_server.mjs';
import { TestShop, engine } from '../support/shop.mjs';
import { eventually } from '../support/eventually.mjs';

describe(`payments (${engine})`, () => {
  let shop, stripe, client, token;
  before(async () => {
    stripe = await StripeServer.open();
    shop = await TestShop.open({ settings: { log_level: 'error', ...stripe.settings } });
    client = shop.client;
    token = await shop.signInAsAdmin();
  });
  after(async () => {
    await shop?.close();
    await stripe?.close();
  });

  const email = 'guest@example.com';
  const newOrder = async (changes) => shop.placeOrder(await shop.fillCart(await shop.createProduct({ price: 1999 }), 2), changes);
  const start = async (order, body = {}) => {
    const answer = await client.post(`/v1/orders/${order.id}/payments`, { email, ...body });
    assert.equal(answer.status, 201, answer.text);
    return answer.json;
  };
  const deliver = async (event, options) => {
    const answer = await stripe.deliver(shop, event, options);
    assert.equal(answer.status, 200, answer.text);
  };
  const orderNow = async ({ id }) => (await client.get(`/v1/orders/${id}`, { token })).json;
  const paymentNow = async ({ id }) => (await client.get(`/v1/payments/${id}`, { token })).json;
  const staff = (payment, step, body = {}) => client.post(`/v1/payments/${payment.id}/${step}`, body, { token });
  const paidByCard = async (body) => {
    const order = await newOrder();
    const payment = await start(order, body);
    await deliver(stripe.confirm(payment.client_secret));
    return { order, payment };
  };
  const types = ({ timeline }) => timeline.map(({ type }) => type);
  // What the shop and Stripe think moved, of one payment.
  const bothBooks = async (payment) => {
    const { captured, refunded } = await paymentNow(payment);
    return [{ captured: captured.amount, refunded: refunded.amount }, stripe.books().get(payment.id)];
  };
  const balances = async (payment) => assert.deepEqual(...await bothBooks(payment));

  describe('by card', () => {
    test('a customer starts, confirms with Stripe, and the event makes the order paid', async () => {
      const order = await newOrder();
      const payment = await start(order);
      assert.equal(payment.status, 'pending');
      assert.deepEqual(payment.amount, order.total);
      const intent = stripe.intentOf(payment);
      assert.equal(payment.client_secret, intent.client_secret);
      assert.deepEqual([intent.amount, intent.currency, intent.metadata.kontor_order], [order.total.amount, 'eur', order.id]);
      await deliver(stripe.confirm(payment.client_secret));
      const paid = await orderNow(order);
      assert.equal(paid.payment_status, 'paid');
      assert.deepEqual(types(paid), ['placed', 'paid']);
      assert.equal(paid.timeline.at(-1).actor, 'stripe');
      assert.equal((await paymentNow(payment)).client_secret, null, 'the secret is for who starts, and stored nowhere');
      await balances(payment);
      const listed = await client.get('/v1/orders?payment_status=paid&limit=1', { token });
      assert.equal(listed.json.data[0].id, order.id);
    });

    test('starting again gives the same payment, with its secret', async () => {
      const order = await newOrder();
      const tabs = await Promise.all([start(order), start(order), start(order)]);
      const again = await start(order);
      assert.equal(new Set([...tabs, again].map(({ id }) => id)).size, 1);
      assert.equal(again.client_secret, tabs[0].client_secret);
      assert.equal([...stripe.intents.values()].filter(({ metadata }) => metadata.kontor_order === order.id).length, 1);
    });

    test('what was paid is not paid again, nor what was cancelled', async () => {
      const { order } = await paidByCard();
      const again = await client.post(`/v1/orders/${order.id}/payments`, { email });
      assert.deepEqual([again.status, again.json.code], [409, 'invalid_transition']);
      const cancelled = await newOrder();
      await shop.moveOrder(cancelled, 'cancel');
      assert.equal((await client.post(`/v1/orders/${cancelled.id}/payments`, { email })).json.code, 'invalid_transition');
    });

    test("somebody else's order can't be paid or looked at (SE-12)", async () => {
      const order = await newOrder();
      for (const body of [{}, { email: 'other@example.com' }])
        assert.equal((await client.post(`/v1/orders/${order.id}/payments`, body)).status, 404);
      assert.equal((await client.get(`/v1/orders/${order.id}/payments`)).status, 404);
      assert.equal((await client.get(`/v1/orders/${order.id}/payments?email=${email}`)).status, 200);
    });

    test('a card that is declined may be followed by one that is not', async () => {
      const order = await newOrder();
      const payment = await start(order);
      await deliver(stripe.confirm(payment.client_secret, { declined: true }));
      assert.equal((await orderNow(order)).payment_status, 'failed');
      assert.equal((await paymentNow(payment)).failure, 'Your card was declined.');
      assert.equal((await start(order)).id, payment.id);
      await deliver(stripe.confirm(payment.client_secret));
      assert.deepEqual(types(await orderNow(order)), ['placed', 'payment_failed', 'paid']);
    });

    test('authorised now, captured when staff say so', async () => {
      const { order, payment } = await paidByCard({ capture: 'manual' });
      assert.equal((await orderNow(order)).payment_status, 'authorized');
      assert.equal((await staff(payment, 'capture')).status, 202);
      await eventually(async () => (await paymentNow(payment)).status === 'paid', 'the capture');
      assert.equal((await orderNow(order)).payment_status, 'paid');
      await balances(payment);
    });

    test('authorised, and voided', async () => {
      const { order, payment } = await paidByCard({ capture: 'manual' });
      assert.equal((await staff(payment, 'void')).status, 202);
      await eventually(async () => (await orderNow(order)).payment_status === 'voided', 'the void');
      assert.equal(stripe.intentOf(payment).status, 'canceled');
      const again = await staff(payment, 'capture');
      assert.deepEqual([again.status, again.json.code, again.json.from], [409, 'invalid_transition', 'voided']);
    });

    test('refunds, in parts and never more than was paid (RE-4)', async () => {
      const { order, payment } = await paidByCard();
      const answers = await Promise.all([1500, 1500, 1500].map((amount) => staff(payment, 'refund', { amount, reason: 'Broken' })));
      assert.deepEqual(answers.map(({ status }) => status).sort(), [202, 202, 422]);
      await eventually(async () => (await paymentNow(payment)).refunded.amount === 3000, 'two refunds');
      assert.equal((await orderNow(order)).payment_status, 'partially_refunded');
      await staff(payment, 'refund');
      await eventually(async () => (await orderNow(order)).payment_status === 'refunded', 'the rest');
      assert.deepEqual(types(await orderNow(order)), ['placed', 'paid', 'partially_refunded', 'partially_refunded', 'refunded']);
      await balances(payment);
      assert.equal((await staff(payment, 'refund')).status, 422);
    });

    test('a refund is asked for once, however often its request is sent (RE-3)', async () => {
      const { payment } = await paidByCard();
      const body = { amount: 500 };
      const answers = await Promise.all([1, 2, 3].map(() => client.post(`/v1/payments/${payment.id}/refund`, body, { token, key: `refund-${payment.id}` })));
      assert.deepEqual(answers.map(({ status }) => status), [202, 202, 202]);
      await eventually(async () => (await paymentNow(payment)).refunded.amount === 500, 'the refund');
      await balances(payment);
    });

    test('a provider that is away for a while is asked again with the same key (RE-4)', async () => {
      const order = await newOrder();
      let down = true;
      stripe.failWith = ({ method }) => (down && method === 'POST' ? { status: 503, body: {} } : undefined);
      const refused = await client.post(`/v1/orders/${order.id}/payments`, { email });
      assert.deepEqual([refused.status, refused.json.code], [503, 'overloaded']);
      down = false;
      const payment = await start(order);
      assert.equal(stripe.intentOf(payment).amount, order.total.amount);
      const keys = stripe.requests.filter(({ form }) => form['metadata[kontor_order]'] === order.id).map(({ key }) => key);
      assert.equal(new Set(keys).size, 1);
    });

    test("what Stripe refuses is said, and doesn't lock the order", async () => {
      const order = await newOrder();
      stripe.failWith = () => ({ status: 400, body: { error: { type: 'invalid_request_error', message: 'Amount must be at least 50 cents' } } });
      const refused = await client.post(`/v1/orders/${order.id}/payments`, { email });
      stripe.failWith = () => undefined;
      assert.equal(refused.status, 409);
      assert.match(refused.json.detail, /at least 50 cents/);
      assert.equal((await start(order)).status, 'pending');
    });
  });

  describe('what Stripe tells (SE-16)', () => {
    test('an event counts once, however often it comes', async () => {
      const order = await newOrder();
      const payment = await start(order);
      const event = stripe.confirm(payment.client_secret);
      const answers = await Promise.all([1, 2, 3, 4].map(() => stripe.deliver(shop, event)));
      assert.deepEqual(answers.map(({ status }) => status), [200, 200, 200, 200]);
      assert.deepEqual(types(await orderNow(order)), ['placed', 'paid']);
      await balances(payment);
    });

    test('in any order: old news changes nothing', async () => {
      const order = await newOrder();
      const payment = await start(order);
      const intent = stripe.intentOf(payment);
      const created = stripe.eventOf('payment_intent.created', intent);
      const processing = stripe.eventOf('payment_intent.processing', { ...intent, status: 'processing' });
      const declined = stripe.confirm(payment.client_secret, { declined: true });
      const succeeded = stripe.confirm(payment.client_secret);
      for (const event of [succeeded, declined, processing, created]) await deliver(event);
      assert.deepEqual(types(await orderNow(order)), ['placed', 'paid']);
      assert.equal((await paymentNow(payment)).status, 'paid');
    });

    test('a refund by hand at Stripe is a refund here, and one that fails later is taken back', async () => {
      const { order, payment } = await paidByCard();
      const refund = stripe.refundByHand(stripe.intentOf(payment), 1000, 'pending');
      await deliver(stripe.eventOf('refund.created', refund));
      assert.equal((await paymentNow(payment)).refunded.amount, 0);
      refund.status = 'succeeded';
      await deliver(stripe.eventOf('refund.updated', refund));
      assert.equal((await orderNow(order)).payment_status, 'partially_refunded');
      await balances(payment);
      const succeeded = stripe.eventOf('refund.updated', refund);
      refund.status = 'failed';
      await deliver(stripe.eventOf('refund.failed', refund));
      await deliver(succeeded);
      assert.equal((await orderNow(order)).payment_status, 'paid');
      await balances(payment);
    });

    test('another amount, currency or payment is not believed', async () => {
      const order = await newOrder();
      const payment = await start(order);
      const intent = { ...stripe.intentOf(payment), status: 'succeeded' };
      for (const lie of [{ amount: 1, amount_received: 1 }, { currency: 'usd', amount_received: intent.amount }, { id: 'pi_other', amount_received: intent.amount }])
        await deliver(stripe.eventOf('payment_intent.succeeded', { ...intent, ...lie }));
      assert.equal((await orderNow(order)).payment_status, 'unpaid');
    });

    test("of other systems' payments and of kinds nobody asked for, nothing", async () => {
      await deliver(stripe.eventOf('customer.created', { id: 'cus_1', object: 'customer' }));
      await deliver(stripe.eventOf('payment_intent.succeeded', { id: 'pi_foreign', object: 'payment_intent', status: 'succeeded', amount: 1, amount_received: 1, currency: 'eur', metadata: {} }));
    });

    test("signatures: only Stripe's, only its bytes, only five minutes", async () => {
      const order = await newOrder();
      const payment = await start(order);
      const event = stripe.confirm(payment.client_secret);
      const body = JSON.stringify(event);
      const now = Math.floor(Date.now() / 1000);
      const header = (options) => stripe.library.webhooks.generateTestHeaderString({ payload: body, secret: webhookSecret, ...options });
      const good = header({ timestamp: now });
      for (const bad of ['', 't=,v1=', 'v1=00', good.replace(/t=\d+/, `t=${now + 1}`), good.replace('v1=', 'v0='), header({ secret: 'whsec_wrong', timestamp: now }),
        header({ timestamp: now - 301 }), header({ timestamp: now + 302 }), `t=${now},v1=${'0'.repeat(64)}`, good.slice(0, -1), good.toUpperCase()]) {
        const answer = await client.post('/v1/payments/stripe/events', body, { headers: { 'stripe-signature': bad } });
        assert.equal(answer.status, 400, bad);
      }
      const altered = await client.post('/v1/payments/stripe/events', body.replace('"livemode":false', '"livemode":true'), { headers: { 'stripe-signature': good } });
      assert.equal(altered.status, 400);
      assert.equal((await orderNow(order)).payment_status, 'unpaid');
      const rotating = `${header({ secret: 'whsec_old', timestamp: now })},${good.split(',')[1]}`;
      assert.equal((await client.post('/v1/payments/stripe/events', body, { headers: { 'stripe-signature': rotating } })).status, 200);
      assert.equal((await orderNow(order)).payment_status, 'paid');
    });

    test('signed, but no event', async () => {
      for (const body of ['', '[]', '{}', '{"object":"event"}', '{"object":"event","id":"evt_1","data":{"object":{"object":"payment_intent"}}}', '['.repeat(100)]) {
        const answer = await stripe.deliver(shop, null, { body });
        assert.ok([200, 400].includes(answer.status), answer.text);
      }
    });
  });

  describe('cancelled orders', () => {
    test('give back what was paid, and give up what was promised', async () => {
      const paid = await paidByCard();
      const promised = await paidByCard({ capture: 'manual' });
      const begun = { order: await newOrder() };
      begun.payment = await start(begun.order);
      for (const { order } of [paid, promised, begun]) await shop.moveOrder(order, 'cancel');
      await eventually(async () => (await orderNow(paid.order)).payment_status === 'refunded', 'the refund');
      await eventually(async () => (await orderNow(promised.order)).payment_status === 'voided', 'the void');
      await eventually(async () => (await paymentNow(begun.payment)).status === 'voided', 'the end of what was begun');
      await balances(paid.payment);
    });

    test('money that comes after the end goes back', async () => {
      const order = await newOrder();
      const payment = await start(order);
      const event = stripe.confirm(payment.client_secret);
      await shop.moveOrder(order, 'cancel');
      await deliver(event);
      await eventually(async () => (await orderNow(order)).payment_status === 'refunded', 'the refund');
      await balances(payment);
    });
  });

  describe('outside the shop', () => {
    test('staff note a bank transfer, and what they send back', async () => {
      const order = await newOrder();
      const body = { method: 'bank_transfer', reference: 'Statement 7/2026', note: 'Came on Monday' };
      const paid = await client.post(`/v1/orders/${order.id}/mark-paid`, body, { token });
      assert.equal(paid.json.payment_status, 'paid');
      const [payment] = (await client.get(`/v1/orders/${order.id}/payments`, { token })).json.data;
      assert.deepEqual([payment.provider, payment.method, payment.reference, payment.captured], ['manual', 'bank_transfer', 'Statement 7/2026', order.total]);
      const refunded = await staff(payment, 'refund', { amount: 1000 });
      assert.equal(refunded.json.refunds[0].state, 'done');
      assert.equal((await orderNow(order)).payment_status, 'partially_refunded');
      const again = await client.post(`/v1/orders/${order.id}/mark-paid`, {}, { token });
      assert.deepEqual([again.status, again.json.code], [409, 'invalid_transition']);
    });

    test('ends a card payment that was only begun', async () => {
      const order = await newOrder();
      const payment = await start(order);
      assert.equal((await client.post(`/v1/orders/${order.id}/mark-paid`, { method: 'cash' }, { token })).status, 200);
      await eventually(async () => (await paymentNow(payment)).status === 'voided', 'the end of the card payment');
      assert.equal((await orderNow(order)).payment_status, 'paid');
    });

    test('a card payment that comes all the same goes back, and the order stays paid', async () => {
      const order = await newOrder();
      const payment = await start(order);
      const event = stripe.confirm(payment.client_secret);
      await client.post(`/v1/orders/${order.id}/mark-paid`, { method: 'cash' }, { token });
      await deliver(event);
      await eventually(async () => (await paymentNow(payment)).refunded.amount === order.total.amount, 'the refund');
      assert.equal((await orderNow(order)).payment_status, 'paid');
    });
  });

  test('what staff do with money needs orders:write and stands in the audit log', async () => {
    const { payment } = await paidByCard();
    const support = await shop.hire('support');
    for (const step of ['capture', 'void', 'refund'])
      assert.equal((await client.post(`/v1/payments/${payment.id}/${step}`, {}, { token: support.access_token })).status, 403);
    await staff(payment, 'refund', { amount: 100 });
    const log = await client.get(`/v1/audit?target=/v1/payments/${payment.id}/refund`, { token });
    assert.equal(log.json.data[0].action, 'POST /v1/payments/{id}/refund');
  });

  test("webhooks and the feed tell of payments, without the customer's secrets", async () => {
    const { payment } = await paidByCard();
    const told = [];
    for (let after = ''; ;) {
      const page = (await client.get(`/v1/events?type=payment.*&limit=100${after}`, { token })).json;
      told.push(...page.data.filter(({ subject }) => subject === payment.id));
      if (!page.has_more) break;
      after = `&after=${page.next}`;
    }
    assert.deepEqual(told.map(({ type }) => type), ['payment.started', 'payment.paid']);
    assert.doesNotMatch(JSON.stringify(told), /secret/);
    assert.equal((await shop.server.sql(`select count(*) from payments where reference like '%secret%'`)).trim(), '0');
  });
});

describe(`a shop without cards (${engine})`, () => {
  test('says what to do about it', async () => {
    const shop = await TestShop.open({ settings: { log_level: 'error' } });
    try {
      const order = await shop.placeOrder(await shop.fillCart(await shop.createProduct()));
      const answer = await shop.client.post(`/v1/orders/${order.id}/payments`, { email: order.email });
      assert.equal(answer.status, 409);
      assert.match(answer.json.detail, /KONTOR_STRIPE_SECRET_KEY/);
    } finally {
      await shop.close();
    }
  });
});
