// Idempotency-Key: the same request again gives the first answer again and does nothing, whatever happened between.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { TestShop, engine, orderOf, unique } from '../support/shop.mjs';

describe(`Idempotency-Key (${engine})`, () => {
  let shop, client, product;
  before(async () => {
    shop = await TestShop.open();
    client = shop.client;
    product = await shop.createProduct({ stock: 1000 });
  });
  after(() => shop?.close());

  const place = (cart, key, changes) => client.post('/v1/orders', orderOf(cart, changes), { key });
  const replayed = (answer) => answer.headers['idempotent-replayed'] === 'true';

  test('the same key and body replays the stored answer, byte for byte (RE-3)', async () => {
    const cart = await shop.fillCart(product);
    const key = unique('key');
    const first = await place(cart, key);
    await shop.moveOrder(first.json, 'process'); // the order goes on, the answer stays
    const again = await place(cart, key);
    assert.deepEqual([first.status, replayed(first)], [201, false]);
    assert.deepEqual([again.status, replayed(again), again.text], [201, true, first.text]);
  });

  test('the same key with another body is 409, and nothing happens (RE-3)', async () => {
    const [cart, other] = [await shop.fillCart(product), await shop.fillCart(product)];
    const key = unique('key');
    await place(cart, key);
    const reserved = (await shop.stockOf(product)).reserved;
    for (const answer of [await place(cart, key, { note: 'and gift wrap' }), await place(cart, key, { email: 'else@example.com' })]) {
      assert.deepEqual([answer.status, answer.json.code], [409, 'idempotency_key_reused']);
    }
    assert.equal((await shop.stockOf(product)).reserved, reserved);
    assert.equal((await place(other, unique('key'))).status, 201);
  });

  test('it outlives kill -9 (RE-3)', async () => {
    const cart = await shop.openCart();
    const keys = [unique('add'), unique('order')];
    const add = () => client.post(`/v1/carts/${cart.id}/items`, { variant_id: product.variants[0].id, quantity: 2 }, { key: keys[0] });
    const [added, ordered] = [await add(), await place(cart, keys[1])];
    await shop.kill9AndRestart();
    const [addedAgain, orderedAgain] = [await add(), await place(cart, keys[1])];
    assert.deepEqual([replayed(addedAgain), addedAgain.text], [true, added.text]);
    assert.deepEqual([replayed(orderedAgain), orderedAgain.text], [true, ordered.text]);
    assert.equal(orderedAgain.json.lines[0].quantity, 2);
  });

  test('twenty at once do it once, and all hear the same', async () => {
    const cart = await shop.openCart();
    const key = unique('key');
    const add = () => client.post(`/v1/carts/${cart.id}/items`, { variant_id: product.variants[0].id, quantity: 1 }, { key });
    const answers = await Promise.all(Array.from({ length: 20 }, add));
    assert.deepEqual([...new Set(answers.map(({ text }) => text))].length, 1);
    assert.equal(answers.filter(replayed).length, 19);
    assert.equal((await client.get(`/v1/carts/${cart.id}`)).json.item_count, 1);
  });

  test("one caller's key means nothing in another's hands (SE-12)", async () => {
    const [ada, eve] = [await shop.registerUser(), await shop.registerUser()];
    const key = unique('key');
    const add = ({ access_token: token }, line1) =>
      client.post('/v1/me/addresses', { name: 'A', line1, city: 'B', postal_code: 'SW1Y 4JH', country: 'GB' }, { token, key });
    const [hers, others] = [await add(ada, 'One'), await add(eve, 'Two')];
    assert.deepEqual([others.status, replayed(others), others.json.line1], [201, false, 'Two']);
    assert.equal((await add(ada, 'One')).json.id, hers.json.id);
  });

  test('a refusal is not kept: the same key may succeed later', async () => {
    const rare = await shop.createProduct({ stock: 0 });
    const cart = await shop.fillCart(rare);
    const key = unique('key');
    assert.equal((await place(cart, key)).status, 409);
    await client.post(`/v1/variants/${rare.variants[0].id}/stock`, { set: 1 }, { token: await shop.signInAsAdmin() });
    assert.equal((await place(cart, key)).status, 201);
  });

  for (const [what, key] of [['too long', 'k'.repeat(256)], ['with a space', 'a b']]) {
    test(`a key ${what} is 400`, async () => {
      const answer = await place(await shop.fillCart(product), key);
      assert.deepEqual([answer.status, answer.json.code], [400, 'invalid_parameter']);
    });
  }
});
