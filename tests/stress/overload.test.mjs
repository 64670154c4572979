// RE-13: more is asked of the server than it can do at once. ./dev bench overload has what it still sells then.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '../support/eventually.mjs';
import { patience } from '../support/server.mjs';
import { TestShop, engine, orderOf } from '../support/shop.mjs';

const atOnce = 4;
const refusals = 50;
const refused_within_ms = 50;

test(`RE-13: one request too many is refused at once and told when to come again; those who watch are answered (${engine})`, { timeout: 60_000 }, async (t) => {
  const shop = await TestShop.open({ settings: { in_flight_max: atOnce } });
  t.after(() => shop.close());
  const product = await shop.createProduct({ stock: 100 });
  const carts = [];
  while (carts.length < atOnce) carts.push(await shop.fillCart(product));
  const release = await shop.server.holdWrites('orders');
  const busy = carts.map((cart) => shop.client.post('/v1/orders', orderOf(cart)));
  const inFlight = async () => Number(/^kontor_http_in_flight (\d+)/m.exec((await shop.client.get('/metrics', { unchecked: true })).text)[1]);
  await eventually(async () => (await inFlight()) === atOnce, 'the server to be busy');
  const ask = () => shop.client.post('/v1/carts', {});
  const times = [];
  for (let i = 0; i < refusals; ++i) {
    const began = performance.now();
    const answer = await ask();
    times.push(performance.now() - began);
    assert.deepEqual([answer.status, answer.json.code], [503, 'overloaded']);
    assert.ok(Number(answer.headers['retry-after']) > 0);
  }
  times.sort((a, b) => a - b);
  t.diagnostic(`refused after ${times[refusals >> 1].toFixed(1)} ms, the slowest after ${times.at(-1).toFixed(1)} ms`);
  assert.ok(times[refusals >> 1] < refused_within_ms * patience);
  for (const path of ['/healthz', '/readyz', '/metrics']) assert.equal((await shop.client.get(path, { unchecked: true })).status, 200, path);
  await release();
  assert.deepEqual((await Promise.all(busy)).map(({ status }) => status), carts.map(() => 201), 'who was let in is served');
  assert.equal((await ask()).status, 201);
});
