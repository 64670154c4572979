// What is somebody's own doesn't exist for anybody else (SE-12), and nothing trips over a caller that is nobody's account.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Authenticator } from '../support/authenticator.mjs';
import { TestShop, address, engine, unique } from '../support/shop.mjs';

const origin = 'https://shop.example';

describe(`strangers (${engine})`, () => {
  let shop, client, ann, eve, own;
  before(async () => {
    shop = await TestShop.open({ settings: { passkey_origins: origin } });
    client = shop.client;
    [ann, eve] = [await shop.registerUser(), await shop.registerUser()];
    own = await belongingsOf(ann);
  });
  after(() => shop?.close());

  // One of everything that an account can have.
  async function belongingsOf({ access_token: token }) {
    const post = async (target, body) => {
      const answer = await client.post(target, body, { token });
      assert.ok(answer.status < 300, `${target}: ${answer.text}`);
      return answer.json;
    };
    const mug = await shop.createProduct();
    const cart = await shop.fillCart(mug, 1, { token });
    const order = await shop.placeOrder(await shop.fillCart(mug, 1, { token }), { token });
    const conversation = await post('/v1/conversations', { kind: 'support', text: 'Hello?' });
    const { public_key } = await post('/v1/auth/passkeys/register/begin', {});
    const passkey = await post('/v1/auth/passkeys/register/finish', { credential: new Authenticator(origin).create(public_key), name: 'Phone' });
    return {
      address: (await post('/v1/me/addresses', address())).id,
      session: (await client.get('/v1/auth/sessions', { token })).json.data[0].id,
      passkey: passkey.id, cart: cart.id, item: cart.items[0].id, order: order.id, number: order.number,
      conversation: conversation.id, message: conversation.last_message.id, variant: mug.variants[0].id,
    };
  }

  const tries = [
    ['GET', (o) => `/v1/me/addresses/${o.address}`],
    ['PATCH', (o) => `/v1/me/addresses/${o.address}`, { city: 'Elsewhere' }],
    ['DELETE', (o) => `/v1/me/addresses/${o.address}`],
    ['DELETE', (o) => `/v1/auth/sessions/${o.session}`],
    ['GET', (o) => `/v1/me/passkeys/${o.passkey}`],
    ['PATCH', (o) => `/v1/me/passkeys/${o.passkey}`, { name: 'Mine' }],
    ['DELETE', (o) => `/v1/me/passkeys/${o.passkey}`],
    ['GET', (o) => `/v1/carts/${o.cart}`],
    ['PATCH', (o) => `/v1/carts/${o.cart}`, { email: 'eve@example.com' }],
    ['DELETE', (o) => `/v1/carts/${o.cart}`],
    ['POST', (o) => `/v1/carts/${o.cart}/items`, (o) => ({ variant_id: o.variant, quantity: 1 })],
    ['PATCH', (o) => `/v1/carts/${o.cart}/items/${o.item}`, { quantity: 2 }],
    ['DELETE', (o) => `/v1/carts/${o.cart}/items/${o.item}`],
    ['POST', (o) => `/v1/carts/${o.cart}/claim`],
    ['POST', (o) => `/v1/carts/${o.cart}/checkout`],
    ['DELETE', (o) => `/v1/carts/${o.cart}/checkout`],
    ['GET', (o) => `/v1/carts/${o.cart}/shipping-methods`],
    ['POST', () => '/v1/orders', (o) => ({ cart_id: o.cart, email: 'eve@example.com', shipping_address: address() })],
    ['GET', (o) => `/v1/orders/${o.order}`],
    ['GET', (o) => `/v1/orders/${o.number}`],
    ['GET', (o) => `/v1/orders/${o.order}?email=eve@example.com`],
    ['GET', (o) => `/v1/orders/${o.order}/explain`],
    ['GET', (o) => `/v1/orders/${o.order}/receipt`],
    ['POST', (o) => `/v1/orders/${o.order}/cancel`, {}],
    ['GET', (o) => `/v1/conversations/${o.conversation}`],
    ['PATCH', (o) => `/v1/conversations/${o.conversation}`, { status: 'closed' }],
    ['GET', (o) => `/v1/conversations/${o.conversation}/messages`],
    ['POST', (o) => `/v1/conversations/${o.conversation}/messages`, { text: 'psst' }],
    ['POST', (o) => `/v1/conversations/${o.conversation}/read`, (o) => ({ message_id: o.message })],
    ['POST', (o) => `/v1/conversations/${o.conversation}/report`, (o) => ({ message_id: o.message, reason: 'x' })],
    ['PATCH', (o) => `/v1/conversations/${o.conversation}/messages/${o.message}`, { text: 'psst' }],
    ['DELETE', (o) => `/v1/conversations/${o.conversation}/messages/${o.message}`],
  ];
  for (const [method, targetOf, bodyOf] of tries) {
    test(`SE-12: ${method} ${targetOf(new Proxy({}, { get: (_, name) => `{${String(name)}}` }))} of somebody else is 404`, async () => {
      const proven = await client.post('/v1/auth/step-up', { password: eve.password }, { token: eve.access_token });
      const body = typeof bodyOf === 'function' ? bodyOf(own) : bodyOf;
      const answer = await client.call(method, targetOf(own), { body, token: proven.json.access_token });
      assert.deepEqual([answer.status, answer.json?.code], [404, 'not_found'], answer.text);
      const guest = await client.call(method, targetOf(own), { body });
      assert.ok([401, 404].includes(guest.status), guest.text);
    });
  }

  test('SE-12: after all these tries everything is as it was', async () => {
    const token = ann.access_token;
    const has = async (target) => assert.equal((await client.get(target, { token })).status, 200, target);
    for (const target of [`/v1/me/addresses/${own.address}`, `/v1/me/passkeys/${own.passkey}`, `/v1/carts/${own.cart}`]) await has(target);
    assert.equal((await client.get(`/v1/orders/${own.order}`, { token })).json.status, 'pending');
    const conversation = (await client.get(`/v1/conversations/${own.conversation}`, { token })).json;
    assert.deepEqual([conversation.status, conversation.last_message.text], ['open', 'Hello?']);
  });

  // A program has permissions and no account. Every endpoint is called by one that may do all that programs may.
  test('no endpoint trips over an API key', async () => {
    const permissions = ['catalog:write', 'orders:read', 'orders:write', 'users:read', 'users:write', 'settings:write'];
    const admin = await shop.signInAsAdmin();
    const made = await client.post('/v1/api-keys', { name: 'All', permissions }, { token: admin });
    assert.equal(made.status, 201, made.text);
    const product = await shop.createProduct();
    const order = await shop.placeOrder(await shop.fillCart(product));
    const guests = await shop.fillCart(product);
    const known = { orders: order.id, products: product.id, variants: product.variants[0].id, carts: guests.id, users: ann.user.id, conversations: own.conversation };
    const calls = [];
    for (const [path, methods] of Object.entries(shop.contract.document.paths)) {
      if (!path.startsWith('/v1/')) continue;
      const room = path.split('/')[2];
      const target = path.replace('{id}', known[room] ?? `x_${'0'.repeat(26)}`).replace(/\{[^}]+\}/g, `x_${'0'.repeat(26)}`);
      for (const method of Object.keys(methods)) calls.push([method.toUpperCase(), target]);
    }
    calls.sort(([a], [b]) => (a === 'DELETE') - (b === 'DELETE')); // what is there, as long as it is there
    const statuses = new Map();
    for (const [method, target] of calls) {
      const body = method === 'GET' || method === 'DELETE' ? undefined : {};
      const answer = await client.call(method, target, { body, token: made.json.key, unchecked: true });
      assert.ok(answer.status < 500, `${method} ${target}: ${answer.text}`);
      statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
    }
    assert.ok((statuses.get(200) ?? 0) > 10 && (statuses.get(403) ?? 0) > 10, JSON.stringify([...statuses]));
    for (const [target, cart] of [['/v1/carts', {}], ['/v1/orders', { cart_id: guests.id, email: `${unique('g')}@example.com`, shipping_address: address() }]]) {
      const answer = await client.post(target, cart, { token: made.json.key, key: unique('key') });
      assert.ok(answer.status < 500, `${target}: ${answer.text}`);
    }
    const internal = (await client.get('/metrics')).text.match(/^\S*requests\S*status="5\d\d"\S* [1-9]/m);
    assert.equal(internal, null, internal?.[0]);
  });
});
