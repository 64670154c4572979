// From a cart to an order, and the order's way through the shop.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Mailbox } from '../support/mailbox.mjs';
import { TestShop, address, engine, orderOf } from '../support/shop.mjs';

const steps = { process: 'processing', ship: 'shipped', deliver: 'delivered', cancel: 'cancelled' };
const allowed = {
  pending: ['processing', 'shipped', 'cancelled'],
  processing: ['shipped', 'cancelled'],
  shipped: ['delivered'],
  delivered: [],
  cancelled: [],
};
const wayTo = { pending: [], processing: ['process'], shipped: ['ship'], delivered: ['ship', 'deliver'], cancelled: ['cancel'] };
const bodyOf = (step) => (step === 'ship' ? { carrier: 'DHL', tracking_number: '00340434161094000000' } : {});

describe(`orders (${engine})`, () => {
  let shop, client, token;
  before(async () => {
    shop = await TestShop.open();
    client = shop.client;
    token = await shop.signInAsAdmin();
  });
  after(() => shop?.close());

  const refused = (answer, status, code) => assert.deepEqual([answer.status, answer.json?.code], [status, code], answer.text);

  describe('placing', () => {
    test('a guest buys: lines, totals, stock, timeline', async () => {
      const product = await shop.createProduct({ price: 1250, stock: 5 });
      const order = await shop.placeOrder(await shop.fillCart(product, 2), { email: 'ada@example.com', note: 'Ring twice' });
      assert.deepEqual([order.status, order.payment_status, order.email, order.user_id], ['pending', 'unpaid', 'ada@example.com', null]);
      assert.deepEqual(order.total, { amount: 2500, currency: 'EUR' });
      assert.deepEqual(order.lines.map(({ product_id, quantity, total }) => [product_id, quantity, total.amount]), [[product.id, 2, 2500]]);
      assert.equal(order.shipping_address.city, 'London');
      assert.equal(order.billing_address.city, 'London');
      assert.equal(order.timeline[0].type, 'placed');
      assert.equal(order.note, 'Ring twice');
      assert.deepEqual(await shop.stockOf(product), { on_hand: 5, reserved: 2, available: 3 });
    });

    test('one cart gives one order, however often it is asked', async () => {
      const product = await shop.createProduct({ stock: 10 });
      const cart = await shop.fillCart(product, 2);
      const answers = await Promise.all(Array.from({ length: 12 }, () => client.post('/v1/orders', orderOf(cart))));
      for (const answer of answers) assert.ok(answer.status === 201 || answer.status === 200, answer.text);
      assert.equal(new Set(answers.map(({ json }) => json.id)).size, 1);
      assert.equal((await shop.stockOf(product)).reserved, 2);
      assert.equal((await client.post(`/v1/carts/${cart.id}/items`, { variant_id: product.variants[0].id, quantity: 1 })).status, 409);
    });

    test('numbers grow', async () => {
      const product = await shop.createProduct();
      const numbers = [];
      for (let i = 0; i < 3; ++i) numbers.push((await shop.placeOrder(await shop.fillCart(product))).number);
      const values = numbers.map((number) => Number(number.replace(/\D/g, '')));
      assert.ok(values[0] < values[1] && values[1] < values[2], numbers.join());
    });

    test('more than there is: refused, and nothing is set aside', async () => {
      const [rare, plenty] = [await shop.createProduct({ stock: 1 }), await shop.createProduct({ stock: 9 })];
      const cart = await shop.openCart({ items: [{ variant_id: plenty.variants[0].id, quantity: 1 }, { variant_id: rare.variants[0].id, quantity: 2 }] });
      refused(await client.post('/v1/orders', orderOf(cart)), 409, 'out_of_stock');
      assert.equal((await shop.stockOf(plenty)).reserved, 0);
      assert.equal((await shop.stockOf(rare)).reserved, 0);
    });

    test('a total other than the one shown is refused with the new one', async () => {
      const cart = await shop.fillCart(await shop.createProduct({ price: 500 }));
      const answer = await client.post('/v1/orders', orderOf(cart, { expected_total: { amount: 499, currency: 'EUR' } }));
      refused(answer, 409, 'price_changed');
      assert.match(answer.text, /"amount":\s*500/);
      assert.ok(await shop.placeOrder(cart, { expected_total: { amount: 500, currency: 'EUR' } }));
    });

    test('prices are fixed: the order keeps what was agreed', async () => {
      const product = await shop.createProduct({ price: 800 });
      const order = await shop.placeOrder(await shop.fillCart(product));
      await client.patch(`/v1/products/${product.id}/variants/${product.variants[0].id}`, { price: { amount: 1, currency: 'EUR' } }, { token });
      assert.equal((await client.get(`/v1/orders/${order.id}`, { token })).json.lines[0].unit_price.amount, 800);
    });

    test('an empty cart, no address or no e-mail is refused', async () => {
      refused(await client.post('/v1/orders', orderOf(await shop.openCart())), 409, 'cart_empty');
      const cart = await shop.fillCart(await shop.createProduct());
      assert.equal((await client.post('/v1/orders', { cart_id: cart.id, email: 'a@example.com' })).status, 422);
      assert.equal((await client.post('/v1/orders', { cart_id: cart.id, shipping_address: address() })).status, 422);
      refused(await client.post('/v1/orders', orderOf({ id: `crt_${'0'.repeat(26)}` })), 404, 'not_found');
      const typo = await client.post('/v1/orders', orderOf(cart, { shipping_address: address({ postal: '1' }) }));
      refused(typo, 422, 'unknown_field');
      assert.equal(typo.json.errors[0].field, '/shipping_address/postal');
    });

    test("an account's own address is taken by its id, somebody else's is not (SE-12)", async () => {
      const [ada, eve] = [await shop.registerUser(), await shop.registerUser()];
      const home = (await client.post('/v1/me/addresses', address({ city: 'Ockham' }), { token: ada.access_token })).json;
      const product = await shop.createProduct();
      const body = (cart) => ({ cart_id: cart.id, shipping_address_id: home.id });
      const theirs = await shop.fillCart(product, 1, { token: eve.access_token });
      const stolen = await client.post('/v1/orders', body(theirs), { token: eve.access_token });
      assert.ok([404, 422].includes(stolen.status), stolen.text);
      const mine = await shop.fillCart(product, 1, { token: ada.access_token });
      const order = await client.post('/v1/orders', body(mine), { token: ada.access_token });
      assert.deepEqual([order.status, order.json.shipping_address?.city, order.json.email], [201, 'Ockham', ada.email]);
    });
  });

  describe('reading', () => {
    test('people see their own, staff see all, others see nothing (SE-12)', async () => {
      const [ada, eve] = [await shop.registerUser(), await shop.registerUser()];
      const cart = await shop.fillCart(await shop.createProduct(), 1, { token: ada.access_token });
      const order = await shop.placeOrder(cart, { token: ada.access_token });
      for (const id of [order.id, order.number]) {
        assert.equal((await client.get(`/v1/orders/${id}`, { token: ada.access_token })).json.id, order.id);
        assert.equal((await client.get(`/v1/orders/${id}`, { token })).json.id, order.id);
        refused(await client.get(`/v1/orders/${id}`, { token: eve.access_token }), 404, 'not_found');
        assert.ok([401, 404].includes((await client.get(`/v1/orders/${id}`)).status));
      }
      assert.deepEqual((await client.get('/v1/orders', { token: ada.access_token })).json.data.map(({ id }) => id), [order.id]);
      assert.deepEqual((await client.get('/v1/orders', { token: eve.access_token })).json.data, []);
      refused(await client.get('/v1/orders'), 401, 'unauthenticated');
    });

    test('a guest needs the id and the e-mail address', async () => {
      const order = await shop.placeOrder(await shop.fillCart(await shop.createProduct()), { email: 'guest+1@example.com' });
      const at = `/v1/orders/${order.id}?email=`;
      assert.equal((await client.get(at + encodeURIComponent('Guest+1@example.com'))).json.id, order.id);
      for (const email of ['other@example.com', '']) assert.ok([400, 401, 404].includes((await client.get(at + email)).status));
    });

    test('a receipt is a page to print, with nothing in it that anybody typed as markup', async () => {
      const product = await shop.createProduct({ title: 'Mug <script>alert(1)</script>', price: 1250 });
      const order = await shop.placeOrder(await shop.fillCart(product, 2), {
        email: 'ada@example.com', shipping_address: address({ name: '"><img src=x>', city: 'Ham & Co' }),
      });
      const receipt = await client.get(`/v1/orders/${order.id}/receipt?email=ada@example.com`);
      assert.deepEqual([receipt.status, receipt.headers['content-type']], [200, 'text/html; charset=utf-8']);
      assert.match(receipt.headers['content-security-policy'], /^default-src 'none'; style-src/);
      for (const part of [order.number, '25.00 EUR', 'Ham &amp; Co', '&lt;script&gt;']) assert.ok(receipt.text.includes(part), part);
      assert.doesNotMatch(receipt.text, /<script|<img/);
      refused(await client.get(`/v1/orders/${order.id}/receipt?email=eve@example.com`), 404, 'not_found');
    });

    test('the list is filtered and paged, the latest first', async () => {
      const product = await shop.createProduct();
      const email = `lister-${product.id.slice(-6).toLowerCase()}@example.com`;
      const orders = [];
      for (let i = 0; i < 5; ++i) orders.push(await shop.placeOrder(await shop.fillCart(product), { email }));
      await shop.moveOrder(orders[1], 'process');
      await shop.moveOrder(orders[2], 'mark-paid');
      const list = async (query) => {
        const answer = await client.get(`/v1/orders?email=${email}&${query}`, { token });
        assert.equal(answer.status, 200, answer.text);
        return answer.json;
      };
      const ids = (page) => page.data.map(({ id }) => id);
      assert.deepEqual(ids(await list('')), orders.map(({ id }) => id).reverse());
      assert.deepEqual(ids(await list('status=processing')), [orders[1].id]);
      assert.deepEqual(ids(await list('payment_status=paid')), [orders[2].id]);
      const since = encodeURIComponent(orders[3].created_at);
      assert.deepEqual(ids(await list(`created_at[gte]=${since}`)).sort(), ids({ data: orders.slice(3) }).sort());
      const first = await list('limit=3');
      const second = await list(`limit=3&cursor=${first.next_cursor}`);
      assert.deepEqual([...ids(first), ...ids(second)], orders.map(({ id }) => id).reverse());
      assert.deepEqual([first.has_more, second.has_more], [true, false]);
    });

    test('an order carries an entity tag', async () => {
      const order = await shop.placeOrder(await shop.fillCart(await shop.createProduct()));
      const { headers } = await client.get(`/v1/orders/${order.id}`, { token });
      const again = () => client.get(`/v1/orders/${order.id}`, { token, headers: { 'if-none-match': headers.etag } });
      assert.equal((await again()).status, 304);
      await shop.moveOrder(order, 'process');
      assert.equal((await again()).status, 200);
    });
  });

  describe('moving on', () => {
    for (const [from, targets] of Object.entries(allowed)) {
      for (const [step, to] of Object.entries(steps)) {
        const may = targets.includes(to);
        test(`${from} → ${to}: ${may ? 'goes' : 'is refused'}`, async () => {
          const order = await shop.placeOrder(await shop.fillCart(await shop.createProduct()));
          for (const before of wayTo[from]) await shop.moveOrder(order, before, bodyOf(before));
          const answer = await client.post(`/v1/orders/${order.id}/${step}`, bodyOf(step), { token });
          if (may) {
            assert.deepEqual([answer.status, answer.json.status, answer.json.timeline.at(-1).type], [200, to, to], answer.text);
          } else {
            refused(answer, 409, 'invalid_transition');
            assert.deepEqual([answer.json.from, answer.json.allowed], [from, targets]);
          }
        });
      }
    }

    test('cancelling puts the stock back exactly once', async () => {
      const product = await shop.createProduct({ stock: 5 });
      const order = await shop.placeOrder(await shop.fillCart(product, 3));
      const cancel = () => client.post(`/v1/orders/${order.id}/cancel`, { reason: 'too slow' }, { token });
      const answers = await Promise.all(Array.from({ length: 8 }, cancel));
      assert.equal(answers.filter(({ status }) => status === 200).length, 1);
      assert.deepEqual(await shop.stockOf(product), { on_hand: 5, reserved: 0, available: 5 });
    });

    test('shipping takes from the shelf, and says how', async () => {
      const product = await shop.createProduct({ stock: 5 });
      const order = await shop.placeOrder(await shop.fillCart(product, 2));
      const shipped = await shop.moveOrder(order, 'ship', { carrier: 'DHL', tracking_number: '1234567890' });
      assert.deepEqual([shipped.shipments.length, shipped.shipments[0].carrier], [1, 'DHL']);
      assert.deepEqual(await shop.stockOf(product), { on_hand: 3, reserved: 0, available: 3 });
      const delivered = await shop.moveOrder(order, 'deliver');
      assert.ok(delivered.shipments[0].delivered_at);
    });

    test('an order leaves in several parcels, and each arrives', async () => {
      const product = await shop.createProduct({ stock: 5 });
      const order = await shop.placeOrder(await shop.fillCart(product, 3));
      const part = { carrier: 'DHL', tracking_number: '1', lines: [{ line_id: order.lines[0].id, quantity: 2 }] };
      const first = await shop.moveOrder(order, 'ship', part);
      assert.deepEqual([first.status, first.lines[0].shipped, first.timeline.at(-1).type], ['processing', 2, 'partially_shipped']);
      const tooMany = await client.post(`/v1/orders/${order.id}/ship`, part, { token });
      refused(tooMany, 422, 'validation_failed');
      assert.equal(tooMany.json.errors[0].field, '/lines/0/quantity');
      const there = await shop.moveOrder(order, 'deliver', { shipment_id: first.shipments[0].id });
      assert.deepEqual([there.status, Boolean(there.shipments[0].delivered_at)], ['processing', true]);
      assert.equal((await shop.moveOrder(order, 'ship', { carrier: 'DHL', tracking_number: '2' })).status, 'shipped');
      assert.deepEqual(await shop.stockOf(product), { on_hand: 2, reserved: 0, available: 2 });
      assert.equal((await shop.moveOrder(order, 'deliver')).status, 'delivered');
    });

    test('staff write notes, customers never see them', async () => {
      const ada = await shop.registerUser();
      const product = await shop.createProduct();
      const order = await shop.placeOrder(await shop.fillCart(product, 1, { token: ada.access_token }), { token: ada.access_token });
      const at = `/v1/orders/${order.id}/notes`;
      for (const text of ['Call back', 'Called']) assert.equal((await client.post(at, { text }, { token })).status, 201);
      assert.deepEqual((await client.get(at, { token })).json.data.map(({ text }) => text), ['Call back', 'Called']);
      refused(await client.get(at, { token: ada.access_token }), 403, 'forbidden');
      refused(await client.post(at, { text: 'mine' }, { token: ada.access_token }), 403, 'forbidden');
      assert.ok(!(await client.get(`/v1/orders/${order.id}`, { token: ada.access_token })).text.includes('Call back'));
    });

    test('the customer hears of it by mail, once (RE-9)', { timeout: 120_000 }, async () => {
      const mailbox = await Mailbox.open();
      const lettered = await TestShop.open({ settings: { ...mailbox.settings, log_level: 'warn' } });
      try {
        const email = 'letters@example.com';
        const order = await lettered.placeOrder(await lettered.fillCart(await lettered.createProduct({ price: 1250 }), 2), { email });
        assert.match((await mailbox.waitFor(email, /We have your order/)).text, /25\.00 EUR/);
        await lettered.moveOrder(order, 'ship', { carrier: 'DHL', tracking_number: 'JD0146' });
        assert.match((await mailbox.waitFor(email, /on its way/)).text, /JD0146/);
        await lettered.kill9AndRestart();
        await lettered.moveOrder(order, 'deliver');
        await mailbox.waitFor(email, new RegExp(`arrived: ${order.number}`));
        assert.equal(mailbox.lettersTo(email).length, 3);
      } finally {
        await lettered.close();
        await mailbox.close();
      }
    });

    test('a script that orders without end is told to slow down (SE-20)', async () => {
      const careful = await TestShop.open({ settings: { orders_per_hour_max: 3, log_level: 'warn' } });
      try {
        const product = await careful.createProduct({ stock: 100 });
        const order = async (email) => careful.client.post('/v1/orders', orderOf(await careful.fillCart(product), { email }));
        const answers = await Promise.all(Array.from({ length: 8 }, () => order('bot@example.com')));
        const statuses = answers.map(({ status }) => status).sort();
        const placed = statuses.filter((status) => status === 201).length;
        assert.ok(placed === 3 || placed === 6, `${statuses}: an hour has three, and the clock may just have struck`);
        for (const { status, json } of answers) assert.ok(status === 201 || json.code === 'rate_limited');
        assert.equal((await order('somebody.else@example.com')).status, 201);
      } finally {
        await careful.close();
      }
    });

    test('a customer cancels their own while it is pending, and does nothing else', async () => {
      const [ada, eve] = [await shop.registerUser(), await shop.registerUser()];
      const product = await shop.createProduct();
      const place = async () => shop.placeOrder(await shop.fillCart(product, 1, { token: ada.access_token }), { token: ada.access_token });
      const [first, second] = [await place(), await place()];
      refused(await client.post(`/v1/orders/${first.id}/cancel`, {}, { token: eve.access_token }), 404, 'not_found');
      refused(await client.post(`/v1/orders/${first.id}/deliver`, {}, { token: ada.access_token }), 403, 'forbidden');
      assert.equal((await client.post(`/v1/orders/${first.id}/cancel`, {}, { token: ada.access_token })).json.status, 'cancelled');
      await shop.moveOrder(second, 'process');
      refused(await client.post(`/v1/orders/${second.id}/cancel`, {}, { token: ada.access_token }), 409, 'invalid_transition');
    });
  });
});
