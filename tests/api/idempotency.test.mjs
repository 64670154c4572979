// Idempotency-Key: the same request again gives the first answer again and does nothing, whatever happened between.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { png } from '../support/png.mjs';
import { TestShop, engine, orderOf, unique } from '../support/shop.mjs';

// POSTs that a signed-in caller repeats as a new one: what they are sent or what they answer holds a secret, which is
// stored nowhere to be answered again.
const unkept = [
  '/v1/api-keys', // the key, shown once
  '/v1/auth/login', '/v1/auth/mfa', '/v1/auth/passkeys/login/finish', '/v1/auth/refresh', '/v1/auth/register', '/v1/auth/step-up', // tokens
  '/v1/auth/mfa/recovery-codes', '/v1/auth/mfa/totp', '/v1/auth/mfa/totp/confirm', '/v1/auth/passkeys/register/finish', // second factors
  '/v1/auth/password/reset', '/v1/me/password', // passwords
  '/v1/orders/{id}/payments', // the payment's client_secret; an order has one open payment
  '/v1/payments/stripe/events', // Stripe's events have ids of their own
  '/v1/users/export', '/v1/users/{id}/export', // what is known of people
];

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

  // A picture in a form as a client makes it anew for each try: with another boundary.
  const sendPicture = async (target, key, { token, color = [200, 40, 40], alt = 'A wall' } = {}) => {
    const boundary = unique('boundary');
    const head = (rest) => `--${boundary}\r\nContent-Disposition: form-data; ${rest}\r\n\r\n`;
    const body = Buffer.concat([
      Buffer.from(head('name="file"; filename="a.png"')), png(60, 40, color), Buffer.from(`\r\n${head('name="alt"')}${alt}\r\n--${boundary}--\r\n`)]);
    return client.post(target, body, { token, key, timeout_ms: 60_000, headers: { 'content-type': `multipart/form-data; boundary=${boundary}` } });
  };

  test('a picture that is sent again is one picture, also after kill -9 (RE-3)', async () => {
    const token = await shop.signInAsAdmin();
    const target = `/v1/products/${(await shop.createProduct()).id}/images`;
    const key = unique('picture');
    const first = await sendPicture(target, key, { token });
    assert.deepEqual([first.status, replayed(first)], [201, false], first.text);
    await shop.kill9AndRestart();
    const again = await sendPicture(target, key, { token });
    assert.deepEqual([again.status, replayed(again), again.text], [201, true, first.text]);
    for (const changes of [{ color: [1, 2, 3] }, { alt: 'A door' }]) {
      const other = await sendPicture(target, key, { token, ...changes });
      assert.deepEqual([other.status, other.json.code], [409, 'idempotency_key_reused']);
    }
    const { images } = (await client.get(target.replace('/images', ''))).json;
    assert.deepEqual(images.map(({ id }) => id), [first.json.id]);
  });

  test('a picture that is sent four times at once is one picture', async () => {
    const ann = await shop.registerUser();
    const conversation = (await client.post('/v1/conversations', { kind: 'support' }, { token: ann.access_token })).json;
    const key = unique('picture');
    const send = () => sendPicture(`/v1/conversations/${conversation.id}/pictures`, key, { token: ann.access_token });
    const answers = await Promise.all([send(), send(), send(), send()]);
    assert.deepEqual([...new Set(answers.map(({ status, text }) => `${status} ${text}`))].length, 1, answers[0].text);
    assert.equal(answers.filter(replayed).length, 3);
  });

  test('an import that is sent again tells what the first one did', async () => {
    const token = await shop.signInAsAdmin();
    const [key, slug] = [unique('import'), unique('imported')];
    const send = (price) => client.post('/v1/products/import', `slug,title,sku,price,currency\n${slug},Cup,${slug},${price},EUR\n`, {
      token, key, timeout_ms: 60_000, headers: { 'content-type': 'text/csv' } });
    const first = await send(1);
    assert.deepEqual([first.status, first.json.created, replayed(first)], [200, 1, false], first.text);
    await client.patch(`/v1/products/${slug}`, { title: 'Mug' }, { token });
    const again = await send(1);
    assert.deepEqual([again.status, replayed(again), again.text], [200, true, first.text]);
    assert.equal((await client.get(`/v1/products/${slug}`, { token })).json.title, 'Mug', 'nothing was written');
    assert.equal((await send(2)).json.code, 'idempotency_key_reused');
  });

  test('every POST takes a key but those of secrets, and the document says so', async () => {
    const { paths } = (await client.get('/openapi.json')).json;
    const takesKey = ({ parameters = [] }) => parameters.some(({ name }) => name === 'Idempotency-Key');
    const without = Object.keys(paths).filter((path) => paths[path].post && !takesKey(paths[path].post)).sort();
    assert.deepEqual(without, [...unkept].sort());
  });

  for (const [what, key] of [['too long', 'k'.repeat(256)], ['with a space', 'a b']]) {
    test(`a key ${what} is 400`, async () => {
      const answer = await place(await shop.fillCart(product), key);
      assert.deepEqual([answer.status, answer.json.code], [400, 'invalid_parameter']);
    });
  }
});
