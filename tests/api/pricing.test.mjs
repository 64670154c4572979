// Shipping methods, tax rates and discount codes over the wire, and what they do to carts and orders.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { TestShop, address, addressIn, engine, orderOf } from '../support/shop.mjs';

describe(`pricing (${engine})`, () => {
  let shop, client, token, mug;
  before(async () => {
    shop = await TestShop.open();
    client = shop.client;
    token = await shop.signInAsAdmin();
    mug = await shop.createProduct({ price: 1190, stock: 1000 });
  });
  after(() => shop?.close());

  const refused = (answer, status, code) => assert.deepEqual([answer.status, answer.json?.code], [status, code], answer.text);
  const made = async (path, body) => {
    const answer = await client.post(path, body, { token });
    assert.equal(answer.status, 201, answer.text);
    return answer.json;
  };
  const euros = (amount) => ({ amount, currency: 'EUR' });

  test('only real currencies are money', async () => {
    refused(await client.post('/v1/carts', { currency: 'XYZ' }), 422, 'validation_failed');
    assert.equal((await client.post('/v1/carts', { currency: 'KWD' })).status, 201);
  });

  test('staff set terms, customers see them in carts and orders, and explain says why', async () => {
    const parcel = await made('/v1/shipping-methods', { name: 'Parcel', kind: 'flat', currency: 'EUR', countries: ['GB'], price: 490, free_from: 10_000 });
    const express = await made('/v1/shipping-methods', {
      name: 'Express', kind: 'by_weight', currency: 'EUR', countries: ['GB'], tiers: [{ up_to_grams: 1000, price: 900 }, { up_to_grams: 5000, price: 1900 }],
    });
    await made('/v1/tax-rates', { name: 'VAT', country: 'GB', rate_ppm: 200_000, included: true, on_shipping: true });
    const code = await made('/v1/discounts', { code: 'WELCOME', kind: 'percent', percent_ppm: 100_000, uses_per_customer_max: 1 });

    const cart = await shop.fillCart(mug, 2);
    const at = `/v1/carts/${cart.id}`;
    assert.deepEqual((await client.get(`${at}/shipping-methods`)).json.data, []);
    const ready = await client.patch(at, { email: 'ada@example.com', shipping_address: address(), discount_code: 'welcome' });
    assert.deepEqual(
      [ready.json.subtotal, ready.json.discount_total, ready.json.shipping_total, ready.json.tax_total, ready.json.total, ready.json.shipping_method],
      [euros(2380), euros(238), euros(490), euros(439), euros(2632), 'Parcel'], ready.text);
    const offers = (await client.get(`${at}/shipping-methods`)).json.data;
    assert.deepEqual(offers.map(({ name, price }) => [name, price.amount]), [['Parcel', 490], ['Express', 900]]);
    const chosen = await client.patch(at, { shipping_method_id: express.id });
    assert.deepEqual([chosen.json.shipping_total.amount, chosen.json.requirements], [900, []]);

    const order = await shop.placeOrder(cart, { email: undefined, shipping_address: undefined, expected_total: chosen.json.total });
    assert.deepEqual([order.total, order.discount_code, order.shipping_method, order.prices_include_tax], [euros(3042), 'WELCOME', 'Express', true]);
    const why = await client.get(`/v1/orders/${order.id}/explain?email=ada@example.com`);
    assert.equal(why.status, 200, why.text);
    assert.deepEqual(why.json.sums.map(({ what, amount }) => [what, amount.amount]),
      [['subtotal', 2380], ['discount_total', 238], ['shipping_total', 900], ['tax_total', 507], ['total', 3042]]);
    assert.match(why.json.sums[1].because, /WELCOME: 10 % of 23\.80 EUR/);
    assert.match(why.json.rounding, /halves away from zero/);
    refused(await client.get(`/v1/orders/${order.id}/explain?email=eve@example.com`), 404, 'not_found');

    const again = await client.post('/v1/orders', orderOf(await shop.fillCart(mug), { email: 'ada@example.com', discount_code: 'WELCOME' }));
    refused(again, 409, 'discount_unavailable');
    assert.equal((await client.get(`/v1/discounts/${code.id}`, { token })).json.uses, 1);
    refused(await client.post('/v1/orders', orderOf(await shop.fillCart(mug), { shipping_address: addressIn('FR') })), 409, 'not_deliverable');

    const off = await client.put(`/v1/shipping-methods/${parcel.id}`, { name: 'Parcel', kind: 'flat', currency: 'EUR', countries: ['GB'], price: 590, active: false }, { token });
    assert.deepEqual([off.status, off.json.active, off.json.price], [200, false, 590], off.text);
    assert.equal((await client.delete(`/v1/shipping-methods/${express.id}`, { token })).status, 204);
    assert.equal((await client.get(`/v1/orders/${order.id}`, { token })).json.shipping_method, 'Express');
  });

  test('terms are staff business: shipping and taxes need settings:write, codes catalog:write', async () => {
    const [ada, manager] = [await shop.registerUser(), await shop.hire('manager')];
    const body = { name: 'VAT', country: 'FR', rate_ppm: 200_000 };
    refused(await client.post('/v1/tax-rates', body), 401, 'unauthenticated');
    refused(await client.post('/v1/tax-rates', body, { token: ada.access_token }), 403, 'forbidden');
    refused(await client.post('/v1/tax-rates', body, { token: manager.access_token }), 403, 'forbidden');
    refused(await client.get('/v1/discounts', { token: ada.access_token }), 403, 'forbidden');
    const mine = { code: 'MANAGER', kind: 'free_shipping' };
    assert.equal((await client.post('/v1/discounts', mine, { token: manager.access_token })).status, 201);
    refused(await client.post('/v1/discounts', { ...mine, code: 'manager' }, { token }), 409, 'discount_code_taken');
  });

  test('a term that makes no sense is refused at the member that is wrong', async () => {
    const field = async (path, body) => {
      const answer = await client.post(path, body, { token });
      assert.equal(answer.status, 422, answer.text);
      return answer.json.errors[0].field;
    };
    const method = { name: 'Post', currency: 'EUR' };
    assert.equal(await field('/v1/shipping-methods', { ...method, kind: 'flat' }), '/price');
    assert.equal(await field('/v1/shipping-methods', { ...method, kind: 'by_weight' }), '/tiers');
    assert.equal(await field('/v1/shipping-methods', { ...method, kind: 'flat', price: -1 }), '/price');
    assert.equal(await field('/v1/tax-rates', { name: 'VAT', country: 'FR', rate_ppm: 1_000_001 }), '/rate_ppm');
    assert.equal(await field('/v1/discounts', { code: 'X', kind: 'fixed', amount: 5 }), '/currency');
    assert.equal(await field('/v1/discounts', { code: 'X', kind: 'percent' }), '/percent_ppm');
  });
});
