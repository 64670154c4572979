// Races that a shop meets, each run for some rounds: whoever is first, the sums come out even. KONTOR_TEST_ROUNDS=200 for
// a long run.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { TestShop, engine, orderOf } from '../support/shop.mjs';

const rounds = Number(process.env.KONTOR_TEST_ROUNDS ?? 10);

describe(`races, ${rounds} rounds each (${engine})`, () => {
  let shop, client, token;
  before(async () => {
    shop = await TestShop.open({ settings: { log_level: 'warn' } });
    client = shop.client;
    token = await shop.signInAsAdmin();
  });
  after(() => shop?.close());

  const all = (count, make) => Promise.all(Array.from({ length: count }, (_, i) => make(i)));
  const many = async (round) => {
    for (let i = 0; i < rounds; ++i) await round(i);
  };
  const won = (answers, status = 201) => answers.filter((answer) => answer.status === status).length;
  const onlyRefused = (answers, ...codes) => {
    for (const { status, json, text } of answers) assert.ok(status < 300 || codes.includes(json?.code), text);
  };
  const ledgerOf = async (product) => {
    const sum = { on_hand: 0, reserved: 0 };
    for (let cursor = ''; ;) {
      const page = (await client.get(`/v1/variants/${product.variants[0].id}/stock?limit=100${cursor}`, { token })).json;
      for (const row of page.data) {
        sum.on_hand += row.on_hand_change;
        sum.reserved += row.reserved_change;
      }
      if (!page.has_more) return sum;
      cursor = `&cursor=${page.next_cursor}`;
    }
  };
  const balances = async (product, expected) => {
    const { on_hand, reserved } = await shop.stockOf(product);
    assert.deepEqual({ on_hand, reserved }, expected);
    assert.deepEqual(await ledgerOf(product), expected);
  };

  test('the last units (RE-1)', { timeout: 600_000 }, () => many(async () => {
    const product = await shop.createProduct({ stock: 3 });
    const carts = await all(12, () => shop.fillCart(product));
    const answers = await all(12, (i) => client.post('/v1/orders', orderOf(carts[i])));
    onlyRefused(answers, 'out_of_stock');
    assert.equal(won(answers), 3);
    await balances(product, { on_hand: 3, reserved: 3 });
  }));

  test('one cart from twenty tabs (RE-3)', { timeout: 600_000 }, () => many(async () => {
    const product = await shop.createProduct({ stock: 9 });
    const cart = await shop.fillCart(product, 2);
    const answers = await all(20, (i) => (i % 4 === 3 ? client.post(`/v1/carts/${cart.id}/checkout`, {}) : client.post('/v1/orders', orderOf(cart))));
    onlyRefused(answers, 'cart_ordered');
    assert.equal(new Set(answers.filter(({ status }) => status === 201).map(({ json }) => json.id)).size, 1);
    await balances(product, { on_hand: 9, reserved: 2 });
  }));

  test('one idempotency key (RE-3)', { timeout: 600_000 }, () => many(async (round) => {
    const product = await shop.createProduct({ stock: 9 });
    const cart = await shop.fillCart(product, 2);
    const answers = await all(10, () => client.post('/v1/orders', orderOf(cart), { key: `race-${round}` }));
    assert.equal(won(answers), 10);
    assert.equal(new Set(answers.map(({ text }) => text)).size, 1);
    await balances(product, { on_hand: 9, reserved: 2 });
  }));

  test("a code's last use (SE-20)", { timeout: 600_000 }, () => many(async (round) => {
    const product = await shop.createProduct({ stock: 100 });
    const code = `RACE${round}`;
    const made = await client.post('/v1/discounts', { code, kind: 'percent', percent_ppm: 100_000, uses_max: 2 }, { token });
    const carts = await all(8, () => shop.fillCart(product));
    const answers = await all(8, (i) => client.post('/v1/orders', orderOf(carts[i], { discount_code: code, email: `c${i}@example.com` })));
    onlyRefused(answers, 'discount_unavailable');
    assert.equal(won(answers), 2);
    assert.equal((await client.get(`/v1/discounts/${made.json.id}`, { token })).json.uses, 2);
    await balances(product, { on_hand: 100, reserved: 2 });
  }));

  test('cancel against ship (RE-1)', { timeout: 600_000 }, () => many(async () => {
    const product = await shop.createProduct({ stock: 9 });
    const order = await shop.placeOrder(await shop.fillCart(product, 4));
    const part = { carrier: 'DHL', tracking_number: '1', lines: [{ line_id: order.lines[0].id, quantity: 1 }] };
    const answers = await Promise.all([
      client.post(`/v1/orders/${order.id}/cancel`, {}, { token }),
      client.post(`/v1/orders/${order.id}/ship`, part, { token }),
      client.post(`/v1/orders/${order.id}/ship`, { carrier: 'DHL', tracking_number: '2' }, { token }),
    ]);
    onlyRefused(answers, 'invalid_transition', 'validation_failed');
    const now = (await client.get(`/v1/orders/${order.id}`, { token })).json;
    const left = now.shipments.flatMap(({ lines }) => lines).reduce((sum, { quantity }) => sum + quantity, 0);
    assert.equal(left, now.lines[0].shipped);
    assert.ok(now.status === 'cancelled' ? left <= 1 : left === 4, JSON.stringify(now.shipments));
    await balances(product, { on_hand: 9 - left, reserved: 0 });
  }));

  test('claim against add: nothing acknowledged is lost', { timeout: 600_000 }, async () => {
    const { access_token } = await shop.registerUser();
    const product = await shop.createProduct({ stock: 100_000 });
    let units = 0;
    await many(async () => {
      const guest = await shop.fillCart(product);
      const answers = await all(6, (i) => (i === 2
        ? client.post(`/v1/carts/${guest.id}/claim`, {}, { token: access_token })
        : client.post(`/v1/carts/${guest.id}/items`, { variant_id: product.variants[0].id, quantity: 1 })));
      onlyRefused(answers, 'not_found');
      units += 1 + answers.filter(({ status }, i) => i !== 2 && status < 300).length;
      assert.equal((await client.get('/v1/me/cart', { token: access_token })).json.item_count, Math.min(units, 1000));
    });
  });

  test('checkout against its end, a change, an order and deletion (RE-1)', { timeout: 600_000 }, () => many(async (round) => {
    const product = await shop.createProduct({ stock: 5 });
    const cart = await shop.fillCart(product, 4);
    const at = `/v1/carts/${cart.id}`;
    const answers = await Promise.all([
      client.post(`${at}/checkout`, {}),
      client.delete(`${at}/checkout`),
      client.patch(`${at}/items/${cart.items[0].id}`, { quantity: 2 }),
      client.post(`${at}/checkout`, {}),
      round % 2 ? client.delete(at) : client.post('/v1/orders', orderOf(cart)),
    ]);
    onlyRefused(answers, 'cart_ordered', 'not_found');
    const ordered = answers[4].status === 201 ? answers[4].json.lines[0].quantity : 0;
    if (!ordered) assert.ok([200, 204, 404].includes((await client.delete(at)).status));
    await balances(product, { on_hand: 5, reserved: ordered });
  }));
});
