// A limit for the requests of an address in a minute (SE-13).
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { withinOneMinute } from '../support/minutes.mjs';
import { patience } from '../support/server.mjs';
import { TestShop, engine } from '../support/shop.mjs';

const limit = 40;

describe(`requests of an address (${engine})`, () => {
  let shop, product;
  before(async () => {
    shop = await TestShop.open({ settings: { address_requests_max: limit, trusted_proxies: '127.0.0.0/8' } });
    product = await shop.createProduct();
  });
  after(() => shop?.close());

  const from = (ip) => ({ headers: { 'x-forwarded-for': ip } });

  test('one too many is answered 429 and told when to come again, also for answers that are kept and addresses that lead nowhere', async () => {
    await withinOneMinute(5000 * patience);
    const ask = (i) => shop.client.get(i % 2 ? `/v1/products/${product.id}` : '/v1/nowhere', { ...from('192.0.2.1'), unchecked: i % 2 === 0 });
    const answers = [];
    for (let i = 0; i < 2 * limit; ++i) answers.push(await ask(i));
    assert.deepEqual(answers.slice(0, limit).map(({ status }) => status), Array.from({ length: limit }, (_, i) => (i % 2 ? 200 : 404)));
    for (const { status, json, headers } of answers.slice(limit)) {
      assert.deepEqual([status, json.code], [429, 'rate_limited']);
      assert.ok(Number(headers['retry-after']) >= 1 && Number(headers['retry-after']) <= 60, headers['retry-after']);
    }
    assert.equal((await shop.client.get('/v1/products', from('192.0.2.2'))).status, 200, 'another address');
    const write = await shop.client.post('/v1/carts', { items: [] }, from('192.0.2.1'));
    assert.equal(write.status, 429);
    for (const path of ['/readyz', '/healthz', '/metrics']) {
      assert.equal((await shop.client.get(path, { ...from('192.0.2.1'), unchecked: true })).status, 200, path);
    }
  });

  test('a network of IPv6 is one customer', async () => {
    await withinOneMinute(5000 * patience);
    const statuses = [];
    for (let i = 0; i <= limit; ++i) statuses.push((await shop.client.get(`/v1/products/${product.id}`, from(`2001:db8:1:2::${i + 1}`))).status);
    assert.deepEqual(statuses, [...Array(limit).fill(200), 429]);
    assert.equal((await shop.client.get('/v1/products', from('2001:db8:1:3::1'))).status, 200);
  });
});
