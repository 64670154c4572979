// Bodies and parameters that are wrong: each has its answer of API.md, and none is a 500 (SE-12, SE-13).
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { TestShop, address, engine, password, unique } from '../support/shop.mjs';

const nested = (depth) => '['.repeat(depth) + ']'.repeat(depth);
const keys = (count) => JSON.stringify(Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, 1])));

// To POST /v1/carts: what it is, the bytes, status and code.
const bodies = [
  ['half a document', '{"email": "a@', 400, 'invalid_json'],
  ['two documents', '{}{}', 400, 'invalid_json'],
  ['a trailing comma', '{"email": null,}', 400, 'invalid_json'],
  ['a comment', '{/* hi */}', 400, 'invalid_json'],
  ['single quotes', "{'email': null}", 400, 'invalid_json'],
  ['NaN', '{"email": NaN}', 400, 'invalid_json'],
  ['a byte order mark', '\ufeff{}', 400, 'invalid_json'],
  ['invalid UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]), 400, 'invalid_json'],
  ['overlong UTF-8', Buffer.concat([Buffer.from('{"email":"'), Buffer.from([0xc0, 0xaf]), Buffer.from('"}')]), 400, 'invalid_json'],
  ['a lone surrogate', '{"email": "\\ud800@example.com"}', 400, 'invalid_json'],
  ['a control character in a string', '{"email": "a\u0001b@example.com"}', 400, 'invalid_json'],
  ['65 levels', `{"items": ${nested(65)}}`, 400, 'invalid_json'],
  ['100,000 levels', nested(100_000), 400, 'invalid_json'],
  ['1,001 members', keys(1001), 400, 'invalid_json'],
  ['a member twice', '{"email": "a@example.com", "email": "b@example.com"}', 400, 'invalid_json'],
  ['a member twice, once in disguise', '{"email": null, "\\u0065mail": null}', 400, 'invalid_json'],
  ['a member twice, deeper', '{"items": [{"quantity": 1, "variant_id": "x", "quantity": 2}]}', 400, 'invalid_json'],
  ['an array for an object', '[]', 422, 'validation_failed'],
  ['a string for an object', '"cart"', 422, 'validation_failed'],
  ['null for an object', 'null', 422, 'validation_failed'],
  ['an unknown member', '{"colour": "red"}', 422, 'unknown_field'],
  ['a member of JavaScript', '{"__proto__": {"admin": true}}', 422, 'unknown_field'],
  ['a member in the wrong case', '{"Email": "a@example.com"}', 422, 'unknown_field'],
  ['a number for a text', '{"email": 7}', 422, 'validation_failed'],
  ['a text that is no e-mail address', '{"email": "not an address"}', 422, 'validation_failed'],
  ['a NUL in a text', '{"email": "a\\u0000@example.com"}', 422, 'validation_failed'],
  ['a currency of four letters', '{"currency": "EURO"}', 422, 'validation_failed'],
  ['a currency that ISO 4217 does not know', '{"currency": "XYZ"}', 422, 'validation_failed'],
  ['the code of gold', '{"currency": "XAU"}', 422, 'validation_failed'],
  ['a currency in small letters', '{"currency": "eur"}', 422, 'validation_failed'],
  ['an object for a list', '{"items": {}}', 422, 'validation_failed'],
];

const variant = `var_${'0'.repeat(26)}`;
// As quantity: never 500, never accepted.
const numbers = ['1.5', '1e400', '-1e400', '9007199254740993', '18446744073709551616', '-9223372036854775809', '1e3', '"1"', 'true', '[]', '-0.0001'];

describe(`bad bodies (${engine})`, () => {
  let shop, client, token;
  before(async () => {
    shop = await TestShop.open();
    client = shop.client;
    token = await shop.signInAsAdmin();
  });
  after(() => shop?.close());

  for (const [what, body, status, code] of bodies) {
    test(`${what}: ${status} ${code}`, async () => {
      const answer = await client.post('/v1/carts', body);
      assert.deepEqual([answer.status, answer.json?.code], [status, code], answer.text);
    });
  }

  test('a member that is there twice is named, and what stands in strings is none', async () => {
    const twice = await client.post('/v1/carts', '{"currency": "EUR", "cur\\u0072ency": "GBP"}');
    assert.match(twice.json.detail, /the member "currency" twice/);
    const fine = await client.post('/v1/products', JSON.stringify({
      title: 'a:"b":{"a":1,"a":2}\\', attributes: { a: ':', 'b\\"': '":' }, variants: [{ sku: unique('colon'), price: { amount: 1, currency: 'EUR' } }],
    }), { token });
    assert.equal(fine.status, 201, fine.text);
  });

  for (const number of numbers) {
    test(`${number} as a quantity: 422 at its field`, async () => {
      const answer = await client.post('/v1/carts', `{"items": [{"variant_id": "${variant}", "quantity": ${number}}]}`);
      if (answer.status === 400) return assert.equal(answer.json.code, 'invalid_json', answer.text);
      assert.equal(answer.status, 422, answer.text);
      assert.equal(answer.json.errors[0].field, '/items/0/quantity');
    });
  }

  test('money beyond 2^53 is refused', async () => {
    for (const amount of ['9007199254740992', '1e17', '-1', '19.99']) {
      const answer = await client.post('/v1/products', `{"title": "T", "variants": [{"sku": "S-${amount}", "price": {"amount": ${amount}, "currency": "EUR"}}]}`, { token });
      assert.equal(answer.status, 422, answer.text);
      assert.match(answer.json.errors[0].field, /^\/variants\/0\/price/);
    }
  });

  test('no body where one is needed', async () => {
    const answer = await client.post('/v1/auth/login', undefined);
    assert.ok([400, 415, 422].includes(answer.status), answer.text);
  });

  test('all wrong members are named at once', async () => {
    const answer = await client.post('/v1/auth/register', { email: 'x', password: 'short', name: '', admin: true });
    assert.equal(answer.status, 422);
    assert.deepEqual(answer.json.errors.map(({ field }) => field).sort(), ['/admin', '/email', '/name', '/password']);
  });

  test('a media type other than JSON is 415, a form first of all (SE-17)', async () => {
    for (const type of ['application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'text/plain', 'application/xml', 'application/jsonp']) {
      const answer = await client.post('/v1/carts', '{}', { headers: { 'content-type': type } });
      assert.deepEqual([answer.status, answer.json.code], [415, 'unsupported_media_type'], type);
    }
    for (const type of ['application/json; charset=utf-8', 'Application/JSON']) {
      assert.equal((await client.post('/v1/carts', '{}', { headers: { 'content-type': type } })).status, 201, type);
    }
  });

  test('a packed body is 415, whatever it is', async () => {
    for (const [target, type] of [['/v1/carts', 'application/json'], ['/v1/products/import', 'text/csv']]) {
      for (const encoding of ['gzip', 'br', 'gzip, identity']) {
        const answer = await client.post(target, gzipSync('{}'), { token, headers: { 'content-type': type, 'content-encoding': encoding } });
        assert.deepEqual([answer.status, answer.json.code], [415, 'unsupported_media_type'], `${target} ${encoding}`);
      }
    }
    assert.equal((await client.post('/v1/carts', '{}', { headers: { 'content-encoding': 'identity' } })).status, 201);
  });

  test('a body of one megabyte is read, a larger one is 413 (SE-13)', async () => {
    const bodyOf = (size) => `{"title": "${'x'.repeat(size - 13)}"}`;
    assert.equal((await client.post('/v1/products', bodyOf(1024 * 1024), { token })).status, 422);
    const answer = await client.post('/v1/products', bodyOf(1024 * 1024 + 1), { token });
    assert.deepEqual([answer.status, answer.json.code], [413, 'body_too_large']);
  });

  test('ids of another kind, of no kind, and of nobody are 404', async () => {
    const product = await shop.createProduct();
    const cart = await shop.openCart();
    for (const target of [
      `/v1/carts/${product.id}`, `/v1/carts/${cart.id}x`, `/v1/carts/${cart.id.toLowerCase()}`, '/v1/carts/1', '/v1/carts/%00', '/v1/carts/..',
      `/v1/carts/crt_${'Z'.repeat(26)}`, `/v1/carts/crt_${'0'.repeat(26)}`, `/v1/products/${cart.id}`, `/v1/products/${'x'.repeat(500)}`,
      "/v1/products/1'%20or%20'1'='1", '/v1/products/%F0%9F%8E%81', '/v1/products/a%2Fb', '/v1/products/', '//v1/products', '/V1/products', '/v1/products/%zz',
      `/v1/orders/${product.id}?email=a@example.com`,
    ]) {
      const answer = await client.get(target);
      assert.ok([400, 401, 404].includes(answer.status), `${target}: ${answer.status} ${answer.text}`);
      assert.notEqual(answer.status, 200);
    }
  });

  test('texts come back as they were, whatever they hold', async () => {
    for (const text of ["Robert'); drop table products;--", '<script>alert(1)</script>', '\u202eright to left', '漢字 ไทย 🎁', '%s%n{}$1', 'a"b\\c', 'Zoë'.normalize('NFD')]) {
      const product = await shop.createProduct({ title: text });
      assert.equal((await shop.getProduct(product.id)).title.normalize('NFC'), text.normalize('NFC'));
    }
  });

  test('a forged line never reaches the log (SE-18)', async () => {
    await client.get('/v1/products?q=%0d%0aforged-by-test', { headers: { 'user-agent': 'x" forged-agent' } });
    await client.get('/v1/nothing%0d%0aforged-by-path');
    assert.doesNotMatch(shop.server.log.join(''), /^forged/m);
  });

  test('passwords and tokens stay out of the log (SE-18)', async () => {
    const ada = await shop.registerUser();
    await client.get('/v1/me', { token: ada.access_token });
    await client.post('/v1/me/addresses', address(), { token: ada.access_token });
    const log = shop.server.log.join('');
    for (const secret of [password, ada.access_token, ada.refresh_token]) assert.ok(!log.includes(secret));
  });

  test('after all that the shop is open', async () => {
    assert.equal((await client.get('/healthz')).status, 200);
    const internal = (await client.get('/metrics')).text.match(/^\S*requests\S*status="5\d\d"\S* [1-9]/m);
    assert.equal(internal, null, internal?.[0]);
  });
});
