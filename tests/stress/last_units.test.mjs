// Many want what few can have.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { TestShop, engine, orderOf } from '../support/shop.mjs';

describe(`the last units (${engine})`, () => {
  let shop;
  before(async () => {
    shop = await TestShop.open();
  });
  after(() => shop?.close());

  const rush = async (carts) => {
    const answers = await Promise.all(carts.map((cart) => shop.client.post('/v1/orders', orderOf(cart))));
    const codes = answers.filter(({ status }) => status !== 201).map(({ json }) => json.code);
    return { sold: answers.filter(({ status }) => status === 201).length, codes: [...new Set(codes)] };
  };
  const cartsOf = (count, make) => Promise.all(Array.from({ length: count }, (_, i) => make(i)));

  for (let round = 1; round <= 5; ++round) {
    test(`60 parallel buyers of the last 7 make exactly 7 orders (RE-1), round ${round}`, async () => {
      const product = await shop.createProduct({ stock: 7 });
      const carts = await cartsOf(60, () => shop.fillCart(product));
      assert.deepEqual(await rush(carts), { sold: 7, codes: ['out_of_stock'] });
      assert.deepEqual(await shop.stockOf(product), { on_hand: 7, reserved: 7, available: 0 });
    });
  }

  test('buyers of two each: 3 orders out of 7 units (RE-1)', async () => {
    const product = await shop.createProduct({ stock: 7 });
    const carts = await cartsOf(40, () => shop.fillCart(product, 2));
    assert.deepEqual(await rush(carts), { sold: 3, codes: ['out_of_stock'] });
    assert.equal((await shop.stockOf(product)).available, 1);
  });

  test('carts with the same things in another order: no deadlock, no oversell, all sold (RE-1)', async () => {
    const products = await cartsOf(4, () => shop.createProduct({ stock: 30 }));
    const linesFrom = (first) => products.map((_, i) => ({ variant_id: products[(first + i) % 4].variants[0].id, quantity: 1 }));
    const carts = await cartsOf(60, (i) => shop.openCart({ items: i % 2 ? linesFrom(i) : linesFrom(i).reverse() }));
    assert.deepEqual(await rush(carts), { sold: 30, codes: ['out_of_stock'] });
    for (const product of products) assert.equal((await shop.stockOf(product)).available, 0);
  });

  test('buying, cancelling and restocking at once: the ledger and the shelf agree (RE-1)', async () => {
    const product = await shop.createProduct({ stock: 20 });
    const token = await shop.signInAsAdmin();
    const at = `/v1/variants/${product.variants[0].id}/stock`;
    const buyAndCancel = async () => {
      const placed = await shop.client.post('/v1/orders', orderOf(await shop.fillCart(product)));
      if (placed.status !== 201) return;
      const both = [1, 2].map(() => shop.client.post(`/v1/orders/${placed.json.id}/cancel`, {}, { token }));
      assert.deepEqual((await Promise.all(both)).map(({ status }) => status).sort(), [200, 409]);
    };
    const restock = () => shop.client.post(at, { adjust: 1 }, { token });
    await Promise.all(Array.from({ length: 40 }, (_, i) => (i % 4 === 3 ? restock() : buyAndCancel())));
    assert.deepEqual(await shop.stockOf(product), { on_hand: 30, reserved: 0, available: 30 });
    const sum = { on_hand: 0, reserved: 0 };
    for (let cursor = ''; ;) {
      const page = (await shop.client.get(`${at}?limit=100${cursor}`, { token })).json;
      for (const row of page.data) {
        sum.on_hand += row.on_hand_change;
        sum.reserved += row.reserved_change;
      }
      if (!page.has_more) break;
      cursor = `&cursor=${page.next_cursor}`;
    }
    assert.deepEqual(sum, { on_hand: 30, reserved: 0 });
  });
});
