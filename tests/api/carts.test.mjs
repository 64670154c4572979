// Carts of guests and of people, and how one becomes the other.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { TestShop, orderOf, address, engine } from '../support/shop.mjs';

describe(`carts (${engine})`, () => {
  let shop, client, mug, pot;
  before(async () => {
    shop = await TestShop.open();
    client = shop.client;
    [mug, pot] = [await shop.createProduct({ price: 1000, stock: 10 }), await shop.createProduct({ price: 2500, stock: 2 })];
  });
  after(() => shop?.close());

  const refused = (answer, status, code) => assert.deepEqual([answer.status, answer.json?.code], [status, code], answer.text);
  const linesOf = (cart) => cart.items.map(({ product_id, quantity }) => [product_id, quantity]);

  test('add up: lines, units and money', async () => {
    const cart = await shop.openCart();
    await shop.addToCart(cart, mug.variants[0], 2);
    await shop.addToCart(cart, pot.variants[0], 1);
    const full = await shop.addToCart(cart, mug.variants[0], 1);
    assert.deepEqual(linesOf(full), [[mug.id, 3], [pot.id, 1]]);
    assert.deepEqual([full.item_count, full.subtotal, full.total], [4, { amount: 5500, currency: 'EUR' }, { amount: 5500, currency: 'EUR' }]);
    assert.equal(full.items[0].available, 10);
    assert.deepEqual(full.requirements.map(({ code }) => code), ['email_missing', 'address_missing']);
  });

  test('lines change, and 0 removes', async () => {
    const cart = await shop.fillCart(mug, 2);
    const line = `/v1/carts/${cart.id}/items/${cart.items[0].id}`;
    assert.equal((await client.patch(line, { quantity: 5 })).json.item_count, 5);
    assert.deepEqual((await client.patch(line, { quantity: 0 })).json.items, []);
    refused(await client.patch(line, { quantity: 1 }), 404, 'not_found');
    const again = await shop.addToCart(cart, mug.variants[0]);
    assert.deepEqual((await client.delete(`/v1/carts/${cart.id}/items/${again.items[0].id}`)).json.items, []);
  });

  test('say what stands between them and an order', async () => {
    const cart = await shop.fillCart(pot, 3);
    assert.deepEqual(cart.requirements.map(({ code }) => code), ['quantity_unavailable', 'email_missing', 'address_missing']);
    const ready = await client.patch(`/v1/carts/${cart.id}`, { email: 'ada@example.com', shipping_address: address() });
    assert.deepEqual(ready.json.requirements.map(({ code }) => code), ['quantity_unavailable']);
    assert.equal(ready.json.shipping_address.city, 'London');
  });

  test('show the price of today', async () => {
    const product = await shop.createProduct({ price: 100 });
    const cart = await shop.fillCart(product);
    const token = await shop.signInAsAdmin();
    await client.patch(`/v1/products/${product.id}/variants/${product.variants[0].id}`, { price: { amount: 90, currency: 'EUR' } }, { token });
    assert.equal((await client.get(`/v1/carts/${cart.id}`)).json.total.amount, 90);
  });

  test('take only what exists, in numbers that make sense', async () => {
    const cart = await shop.openCart();
    const add = (body) => client.post(`/v1/carts/${cart.id}/items`, body);
    const variant_id = mug.variants[0].id;
    for (const quantity of [0, -1, 1.5, '1', null, 1e9, 9007199254740993]) {
      const answer = await add({ variant_id, quantity });
      refused(answer, 422, 'validation_failed');
      assert.equal(answer.json.errors[0].field, '/quantity');
    }
    const unknown = await add({ variant_id: `var_${'0'.repeat(26)}`, quantity: 1 });
    assert.ok([404, 422].includes(unknown.status), unknown.text);
    refused(await add({ variant_id: mug.id, quantity: 1 }), 422, 'validation_failed');
    refused(await add({ variant_id }), 422, 'validation_failed');
    refused(await add({ variant_id, quantity: 1, qantity: 2 }), 422, 'unknown_field');
  });

  test('can be thrown away', async () => {
    const cart = await shop.fillCart(mug);
    assert.equal((await client.delete(`/v1/carts/${cart.id}`)).status, 204);
    refused(await client.get(`/v1/carts/${cart.id}`), 404, 'not_found');
  });

  test("an owned cart is its owner's and 404 for anybody else (SE-12)", async () => {
    const [ada, eve] = [await shop.registerUser(), await shop.registerUser()];
    const token = ada.access_token;
    const cart = await shop.fillCart(mug, 1, { token });
    for (const other of [undefined, eve.access_token]) {
      const at = `/v1/carts/${cart.id}`;
      const line = `${at}/items/${cart.items[0].id}`;
      const tries = [
        await client.get(at, { token: other }), await client.delete(at, { token: other }),
        await client.post(`${at}/items`, { variant_id: mug.variants[0].id, quantity: 1 }, { token: other }),
        await client.patch(line, { quantity: 9 }, { token: other }), await client.delete(line, { token: other }),
        await client.post('/v1/orders', { cart_id: cart.id, email: 'eve@example.com' }, { token: other }),
      ];
      for (const answer of tries.slice(0, 5)) refused(answer, 404, 'not_found');
      assert.ok([404, 422].includes(tries[5].status));
    }
    assert.equal((await client.get(`/v1/carts/${cart.id}`, { token })).json.item_count, 1);
    assert.equal((await client.get('/v1/me/cart', { token })).json.id, cart.id);
  });

  test("claiming a guest's cart makes it one's own, and merges into the one there is", async () => {
    const { access_token: token } = await shop.registerUser();
    refused(await client.get('/v1/me/cart', { token }), 404, 'not_found');
    const guest = await shop.fillCart(mug, 2);
    refused(await client.post(`/v1/carts/${guest.id}/claim`, {}), 401, 'unauthenticated');
    const mine = await client.post(`/v1/carts/${guest.id}/claim`, {}, { token });
    assert.equal(mine.json.id, guest.id);
    refused(await client.get(`/v1/carts/${guest.id}`), 404, 'not_found');
    const second = await shop.openCart({ items: [{ variant_id: mug.variants[0].id, quantity: 1 }, { variant_id: pot.variants[0].id, quantity: 1 }] });
    const merged = await client.post(`/v1/carts/${second.id}/claim`, {}, { token });
    assert.equal(merged.json.id, guest.id);
    assert.deepEqual(linesOf(merged.json), [[mug.id, 3], [pot.id, 1]]);
    refused(await client.get(`/v1/carts/${second.id}`, { token }), 404, 'not_found');
  });

  test('a checkout holds units for a while, and gives them back (SE-20)', async () => {
    const rare = await shop.createProduct({ stock: 3 });
    const cart = await shop.fillCart(rare, 5);
    const held = await client.post(`/v1/carts/${cart.id}/checkout`, {});
    assert.deepEqual([held.status, held.json.items[0].quantity, held.json.items[0].held], [200, 3, 3], held.text);
    assert.equal(held.json.requirements[0].code, 'quantity_reduced');
    const seconds = (Date.parse(held.json.held_until) - Date.parse(held.json.updated_at)) / 1000;
    assert.equal(seconds, 600);
    assert.deepEqual(await shop.stockOf(rare), { on_hand: 3, reserved: 3, available: 0 });
    const other = await shop.fillCart(rare);
    refused(await client.post('/v1/orders', { cart_id: other.id, email: 'eve@example.com', shipping_address: address() }), 409, 'out_of_stock');
    assert.equal((await client.delete(`/v1/carts/${cart.id}/checkout`)).json.held_until, null);
    assert.deepEqual(await shop.stockOf(rare), { on_hand: 3, reserved: 0, available: 3 });
    refused(await client.post(`/v1/carts/${(await shop.openCart()).id}/checkout`, {}), 409, 'cart_empty');
  });

  test('a checkout that nobody follows up ends by itself (SE-20)', async () => {
    const hasty = await TestShop.open({ settings: { checkout_hold_seconds: 5, checkout_hold_max_seconds: 5 } });
    try {
      const rare = await hasty.createProduct({ stock: 3 });
      const cart = await hasty.fillCart(rare, 2);
      await hasty.client.post(`/v1/carts/${cart.id}/checkout`, {});
      const deadline = Date.now() + 30_000;
      while ((await hasty.stockOf(rare)).reserved > 0 && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 200));
      assert.deepEqual(await hasty.stockOf(rare), { on_hand: 3, reserved: 0, available: 3 });
      assert.equal((await hasty.client.get(`/v1/carts/${cart.id}`)).json.held_until, null);
    } finally {
      await hasty.close();
    }
  });

  test('staff say how many of a variant one order may have (SE-20)', async () => {
    const rare = await shop.createProduct({ stock: 50 });
    const at = `/v1/variants/${rare.variants[0].id}/quantity-limit`;
    const token = await shop.signInAsAdmin();
    assert.equal((await client.put(at, { quantity_max: 2 })).status, 401);
    assert.deepEqual((await client.put(at, { quantity_max: 2 }, { token })).json, { variant_id: rare.variants[0].id, quantity_max: 2 });
    refused(await client.put(at, { quantity_max: 0 }, { token }), 422, 'validation_failed');
    const cart = await shop.fillCart(rare, 3);
    assert.equal(cart.requirements[0].code, 'quantity_limited');
    const placed = await client.post('/v1/orders', orderOf(cart));
    refused(placed, 409, 'conflict');
    assert.equal(placed.json.quantity_max, 2);
    assert.equal((await client.post(`/v1/carts/${cart.id}/checkout`, {})).json.items[0].quantity, 2);
    assert.equal((await shop.placeOrder(cart)).lines[0].quantity, 2);
    assert.equal((await client.put(at, {}, { token })).json.quantity_max, null);
    await shop.placeOrder(await shop.fillCart(rare, 3));
  });

  test('fifty additions at once are fifty units', async () => {
    const cart = await shop.openCart();
    await Promise.all(Array.from({ length: 50 }, () => shop.addToCart(cart, mug.variants[0])));
    assert.deepEqual(linesOf((await client.get(`/v1/carts/${cart.id}`)).json), [[mug.id, 50]]);
  });
});
