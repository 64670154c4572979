// Two servers over one database: whatever changes through one shows on the other within a second, in memory too.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { eventually } from '../support/eventually.mjs';
import { png } from '../support/png.mjs';
import { patience } from '../support/server.mjs';
import { TestShop, engine, orderOf, unique } from '../support/shop.mjs';
import { Talker } from '../support/talker.mjs';

const soon = { timeout_ms: 1000 * patience, every_ms: 5 };
const aloneOn = engine === 'sqlite' && 'one server owns an SQLite database';

describe(`two nodes (${engine})`, { skip: aloneOn }, () => {
  let shop, a, b, token;
  const talkers = [];
  before(async () => {
    shop = await TestShop.open({ settings: { secret: 'known to both nodes, and to nobody else' } });
    b = await shop.addNode();
    a = { client: shop.client, port: shop.port };
    token = await shop.signInAsAdmin();
  });
  afterEach(() => talkers.splice(0).forEach((talker) => talker.close()));
  after(() => shop?.close());

  const connect = async (node, person, options) => {
    const talker = await Talker.connect(node, person, options);
    talkers.push(talker);
    return talker;
  };
  const priceOn = async (node, product) => (await node.client.get(`/v1/products/${product.id}`)).json.variants[0].price.amount;
  const setPrice = async (product, amount) => {
    const path = `/v1/products/${product.id}/variants/${product.variants[0].id}`;
    const answer = await a.client.patch(path, { price: { amount, currency: 'EUR' } }, { token });
    assert.equal(answer.status, 200, answer.text);
  };
  const refusedOn = (node, path, bearer) => async () => (await node.client.get(path, { token: bearer })).status === 401;

  test('an order placed on one is read on the other at once, and its key counts on both (RE-3)', async () => {
    const product = await shop.createProduct();
    const cart = await shop.fillCart(product);
    const order = await shop.placeOrder(cart, { key: 'on-both' });
    const read = await b.client.get(`/v1/orders/${order.id}`, { token });
    assert.equal(read.status, 200, read.text);
    assert.equal(read.json.number, order.number);
    const again = await b.client.post('/v1/orders', orderOf(cart), { key: 'on-both' });
    assert.deepEqual([again.status, again.json.id], [201, order.id]);
    assert.equal(again.headers['idempotent-replayed'], 'true');
  });

  test('of two nodes that sell the last unit, one does', async () => {
    const product = await shop.createProduct({ stock: 1 });
    const carts = [await shop.fillCart(product), await shop.fillCart(product)];
    const answers = await Promise.all([a, b].map(({ client }, i) => client.post('/v1/orders', orderOf(carts[i]))));
    assert.deepEqual(answers.map(({ status }) => status).sort(), [201, 409]);
  });

  test('a new price is served by the other node within a second, and never the old one again', async () => {
    const product = await shop.createProduct({ price: 1000 });
    for (let amount = 1001; amount < 1010; ++amount) {
      await priceOn(b, product); // the answer is kept
      await setPrice(product, amount);
      await eventually(async () => (await priceOn(b, product)) === amount, 'the new price', soon);
      for (let i = 0; i < 5; ++i) assert.equal(await priceOn(b, product), amount);
    }
  });

  test('a lost connection for news costs a moment, not the news', async () => {
    const listening = async (node) => /^kontor_store_hears_others 1$/m.test((await node.client.get('/metrics', { unchecked: true })).text);
    await eventually(() => listening(b), 'node b to listen');
    const product = await shop.createProduct({ price: 1000 });
    await priceOn(b, product);
    await shop.server.sql(`select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and (query like '%listen kontor%' or query like '%pg_notify%') and pid <> pg_backend_pid()`);
    await setPrice(product, 1001);
    await eventually(async () => (await priceOn(b, product)) === 1001, 'the new price', soon);
    await eventually(() => listening(b), 'node b to listen again');
  });

  test('what nobody tells of is found by looking', async () => {
    const product = await shop.createProduct({ price: 1000 });
    for (const node of [a, b]) await priceOn(node, product);
    await shop.server.sql(`update variants set price = 1001 where product_id = '${product.id}';
      insert into events (type, subject, payload, created_at) values ('product.updated', '${product.id}', '{}', 0)`);
    for (const node of [a, b]) await eventually(async () => (await priceOn(node, product)) === 1001, 'the new price', { timeout_ms: 5000 * patience });
  });

  test('a transaction that somebody leaves open holds nothing back', async () => {
    const product = await shop.createProduct({ price: 1000 });
    await priceOn(b, product);
    const slow = await shop.server.openSession();
    await slow.run('begin; select pg_current_xact_id()');
    await setPrice(product, 1001);
    await eventually(async () => (await priceOn(b, product)) === 1001, 'the new price', soon);
    await slow.run('rollback');
    await slow.end();
  });

  test("search on one finds the other's product", async () => {
    const word = unique('theremin');
    const { id } = await shop.createProduct({ title: `Walnut ${word}` });
    const found = async () => (await b.client.get(`/v1/products?q=${word}`)).json.data.some((product) => product.id === id);
    await eventually(found, 'the product', soon);
  });

  test('a list that is kept on one shows what is added on the other', async () => {
    const has = async (id) => (await b.client.get('/v1/products?limit=5')).json.data.some((product) => product.id === id);
    await has('');
    const product = await shop.createProduct();
    await eventually(() => has(product.id), 'the product in the list', soon);
  });

  test('SE-10: who signs out on one is refused by the other within a second, and their sockets there end', async () => {
    const person = await shop.registerUser();
    assert.equal((await b.client.get('/v1/me', { token: person.access_token })).status, 200);
    const socket = await connect(b, person, { reconnection: false });
    const bye = await a.client.post('/v1/auth/logout', { refresh_token: person.refresh_token }, { token: person.access_token });
    assert.equal(bye.status, 204);
    await eventually(refusedOn(b, '/v1/me', person.access_token), 'the refusal', soon);
    await socket.hears('disconnect');
  });

  test('SE-10: an account that is disabled on one is out on the other; so is a role that was taken', async () => {
    const clerk = await shop.hire('manager');
    assert.equal((await b.client.get('/v1/orders', { token: clerk.access_token })).status, 200);
    await a.client.patch(`/v1/users/${clerk.user.id}`, { role: 'customer' }, { token });
    await eventually(refusedOn(b, '/v1/orders', clerk.access_token), 'the refusal', soon);
    const person = await shop.registerUser();
    assert.equal((await b.client.get('/v1/me', { token: person.access_token })).status, 200);
    await a.client.patch(`/v1/users/${person.user.id}`, { disabled: true }, { token });
    await eventually(refusedOn(b, '/v1/me', person.access_token), 'the refusal', soon);
  });

  test('SE-10: an API key works and stops to work on both', async () => {
    const made = await a.client.post('/v1/api-keys', { name: 'ERP', permissions: ['orders:read'] }, { token });
    assert.equal(made.status, 201, made.text);
    const key = made.json.key;
    await eventually(async () => (await b.client.get('/v1/orders', { token: key })).status === 200, 'the key to work', soon);
    await a.client.delete(`/v1/api-keys/${made.json.id}`, { token });
    await eventually(refusedOn(b, '/v1/orders', key), 'the refusal', soon);
  });

  test('chat goes from node to node, in order', async () => {
    const [ann, mia] = [await shop.registerUser({ name: 'Ann' }), await shop.hire('support')];
    const [customer, agent] = [await connect(a, ann), await connect(b, mia)];
    const opened = await a.client.post('/v1/conversations', { kind: 'support', text: 'Where is my mug?' }, { token: ann.access_token });
    assert.equal(opened.status, 201, opened.text);
    await agent.hears('conversation:new', ({ id }) => id === opened.json.id);
    await agent.join(opened.json);
    await customer.join(opened.json);
    const said = [];
    for (let i = 0; i < 20; ++i) {
      const speaker = i % 2 ? customer : agent;
      said.push((await speaker.say(opened.json, `word ${i}`)).text);
    }
    for (const listener of [customer, agent]) {
      await listener.hears('message:new', ({ message }) => message.text === said.at(-1));
      assert.deepEqual(listener.texts().filter((text) => text.startsWith('word')), said);
    }
  });

  test('who types and who is there is told from node to node', async () => {
    const [ann, mia] = [await shop.registerUser({ name: 'Ann' }), await shop.hire('support')];
    const agent = await connect(b, mia);
    const customer = await connect(a, ann);
    await agent.hears('presence', (news) => news.user_id === ann.user.id && news.online);
    const opened = await a.client.post('/v1/conversations', { kind: 'support', text: 'Hello?' }, { token: ann.access_token });
    const joined = await agent.join(opened.json);
    assert.deepEqual(joined.online, [ann.user.id]);
    agent.socket.emit('typing', { conversation_id: opened.json.id, active: true });
    await customer.join(opened.json);
    agent.socket.emit('typing', { conversation_id: opened.json.id, active: false });
    const typing = await customer.hears('typing', ({ active }) => !active);
    assert.deepEqual([typing.user_id, typing.conversation_id], [mia.user.id, opened.json.id]);
    customer.close();
    await agent.hears('presence', (news) => news.user_id === ann.user.id && !news.online);
  });

  test('orders and stock are pushed to sockets on the other node', async () => {
    const ann = await shop.registerUser();
    const customer = await connect(b, ann);
    const guest = await connect(b, undefined, { space: '/storefront' });
    const product = await shop.createProduct({ stock: 5 });
    await guest.must('product:watch', { product_id: product.id });
    const order = await shop.placeOrder(await shop.fillCart(product, 2, { token: ann.access_token }), { token: ann.access_token });
    await shop.moveOrder(order, 'process');
    await customer.hears('order:updated', (news) => news.order.id === order.id && news.order.status === 'processing');
    const news = await guest.hears('stock', ({ product_id }) => product_id === product.id);
    assert.equal(news.variants[0].available, 3);
  });

  test('a picture that came in through one is served by the other, where they share the folder', async () => {
    const product = await shop.createProduct();
    const boundary = 'a-boundary-of-our-own';
    const body = Buffer.concat([
      Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n`),
      png(64, 64, [1, 2, 3]), Buffer.from(`\r\n--${boundary}--\r\n`),
    ]);
    const headers = { 'content-type': `multipart/form-data; boundary=${boundary}` };
    const added = await a.client.post(`/v1/products/${product.id}/images`, body, { token, headers, timeout_ms: 60_000 });
    assert.equal(added.status, 201, added.text);
    assert.equal((await b.client.get(added.json.urls.thumb, { unchecked: true })).status, 200);
  });
});
