// HTTP/1.1 framing, strictly: whatever could be read in two ways is refused and the connection ends (SE-14), whatever
// is too large by one of the named limits likewise (SE-13). Everything goes over bare sockets.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { TestShop, engine } from '../support/shop.mjs';

const get = (lines = '', target = '/healthz') => `GET ${target} HTTP/1.1\r\nHost: shop\r\n${lines}\r\n`;
const post = (lines, body) => `POST /v1/carts HTTP/1.1\r\nHost: shop\r\nContent-Type: application/json\r\n${lines}\r\n${body}`;
const smuggled = 'GET /metrics HTTP/1.1\r\nHost: shop\r\n\r\n';
const crowd = (count) => Array.from({ length: count }, (_, i) => `X-${i}: y\r\n`).join('');

// Each: what it is, the bytes, the statuses that are right.
const refusals = [
  ['Content-Length with Transfer-Encoding', post('Content-Length: 2\r\nTransfer-Encoding: chunked\r\n', `0\r\n\r\n${smuggled}`), [400]],
  ['Transfer-Encoding with Content-Length', post('Transfer-Encoding: chunked\r\nContent-Length: 2\r\n', `0\r\n\r\n${smuggled}`), [400]],
  ['a bare LF after the request line', 'GET /healthz HTTP/1.1\nHost: shop\r\n\r\n', [400]],
  ['a bare LF after a header', 'GET /healthz HTTP/1.1\r\nHost: shop\nX-A: b\r\n\r\n', [400]],
  ['only bare LFs', 'GET /healthz HTTP/1.1\nHost: shop\n\n', [400]],
  ['a folded header (obs-fold)', get('X-Long: one\r\n two\r\n'), [400]],
  ['a header folded with a tab', get('X-Long: one\r\n\ttwo\r\n'), [400]],
  ['a bare CR in a value', get('X-A: one\rtwo\r\n'), [400]],
  ['a bare CR in the request line', 'GET /healthz\r HTTP/1.1\r\nHost: shop\r\n\r\n', [400]],
  ['a NUL in a value', get('X-A: one\0two\r\n'), [400]],
  ['a NUL in the target', get('', '/healthz\0'), [400]],
  ['a control character in a value', get('X-A: \x01\r\n'), [400]],
  ['a space before the colon', get('X-A : b\r\n'), [400]],
  ['a space before the colon of Content-Length', post('Content-Length : 2\r\n', '{}'), [400]],
  ['an empty header name', get(': b\r\n'), [400]],
  ['a header name with a space', get('X A: b\r\n'), [400]],
  ['a line without a colon', get('nonsense\r\n'), [400]],
  ['two different Content-Lengths', post('Content-Length: 2\r\nContent-Length: 3\r\n', '{}x'), [400]],
  ['the same Content-Length twice', post('Content-Length: 2\r\nContent-Length: 2\r\n', '{}'), [400]],
  ['a list of Content-Lengths', post('Content-Length: 2, 2\r\n', '{}'), [400]],
  ['a negative Content-Length', post('Content-Length: -2\r\n', '{}'), [400]],
  ['a signed Content-Length', post('Content-Length: +2\r\n', '{}'), [400]],
  ['a hexadecimal Content-Length', post('Content-Length: 0x2\r\n', '{}'), [400]],
  ['an empty Content-Length', post('Content-Length: \r\n', '{}'), [400]],
  ['a Content-Length beyond 64 bits', post('Content-Length: 18446744073709551618\r\n', '{}'), [400, 413]],
  ['Transfer-Encoding: gzip', post('Transfer-Encoding: gzip\r\n', '{}'), [400, 501]],
  ['Transfer-Encoding: gzip, chunked', post('Transfer-Encoding: gzip, chunked\r\n', '0\r\n\r\n'), [400, 501]],
  ['Transfer-Encoding: chunked, identity', post('Transfer-Encoding: chunked, identity\r\n', '0\r\n\r\n'), [400, 501]],
  ['Transfer-Encoding: xchunked', post('Transfer-Encoding: xchunked\r\n', '0\r\n\r\n'), [400, 501]],
  ['Transfer-Encoding with a vertical tab', post('Transfer-Encoding: \x0bchunked\r\n', '0\r\n\r\n'), [400, 501]],
  ['two Transfer-Encodings', post('Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\n'), [400, 501]],
  ['Transfer-Encoding in HTTP/1.0', 'POST /v1/carts HTTP/1.0\r\nHost: shop\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n', [400]],
  ['a chunk size that is none', post('Transfer-Encoding: chunked\r\n', 'zz\r\n{}\r\n0\r\n\r\n'), [400]],
  ['a negative chunk size', post('Transfer-Encoding: chunked\r\n', '-2\r\n{}\r\n0\r\n\r\n'), [400]],
  ['a chunk size with 0x', post('Transfer-Encoding: chunked\r\n', '0x2\r\n{}\r\n0\r\n\r\n'), [400]],
  ['a chunk size beyond 64 bits', post('Transfer-Encoding: chunked\r\n', '10000000000000002\r\n{}\r\n0\r\n\r\n'), [400, 413]],
  ['a chunk that is longer than it says', post('Transfer-Encoding: chunked\r\n', '1\r\n{}\r\n0\r\n\r\n'), [400]],
  ['a chunk size line ended by LF', post('Transfer-Encoding: chunked\r\n', '2\n{}\r\n0\r\n\r\n'), [400]],
  ['a chunk ended by LF', post('Transfer-Encoding: chunked\r\n', '2\r\n{}\n0\r\n\r\n'), [400]],
  ['a malformed trailer', post('Transfer-Encoding: chunked\r\n', '2\r\n{}\r\n0\r\nbad trailer\r\n\r\n'), [400]],
  ['no Host', 'GET /healthz HTTP/1.1\r\n\r\n', [400]],
  ['two Hosts', get('Host: other\r\n'), [400]],
  ['an empty Host', 'GET /healthz HTTP/1.1\r\nHost:\r\n\r\n', [400]],
  ['a Host with a space', 'GET /healthz HTTP/1.1\r\nHost: a b\r\n\r\n', [400]],
  ['a Host with a path', 'GET /healthz HTTP/1.1\r\nHost: shop/evil\r\n\r\n', [400]],
  ['a Host with userinfo', 'GET /healthz HTTP/1.1\r\nHost: user@shop\r\n\r\n', [400]],
  ['two spaces in the request line', 'GET  /healthz HTTP/1.1\r\nHost: shop\r\n\r\n', [400]],
  ['a leading space', ' GET /healthz HTTP/1.1\r\nHost: shop\r\n\r\n', [400]],
  ['no version', 'GET /healthz\r\nHost: shop\r\n\r\n', [400, 505]],
  ['HTTP/2.0', 'GET /healthz HTTP/2.0\r\nHost: shop\r\n\r\n', [400, 505]],
  ['HTTP/1.2 spelled low', 'GET /healthz http/1.1\r\nHost: shop\r\n\r\n', [400, 505]],
  ['a method that is no token', 'G@T /healthz HTTP/1.1\r\nHost: shop\r\n\r\n', [400]],
  ['a target without a slash', 'GET healthz HTTP/1.1\r\nHost: shop\r\n\r\n', [400]],
  ['raw bytes above 127 in the target', get('', '/v1/products/\xff\xfe'), [400, 404]],
  ['a TLS hello', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n', [400]],
  ['17 KB of headers', get(Array.from({ length: 17 }, (_, i) => `X-${i}: ${'y'.repeat(1000)}\r\n`).join('')), [431]],
  ['a header line of 9 KB', get(`X-A: ${'y'.repeat(9 * 1024)}\r\n`), [431]],
  ['a request line of 9 KB', get('', `/v1/products?q=${'y'.repeat(9 * 1024)}`), [414]],
  ['a header without an end', `GET /healthz HTTP/1.1\r\nHost: shop\r\nX-A: ${'y'.repeat(64 * 1024)}`, [431]],
  ['101 headers', get(crowd(100)), [431]],
  ['a body of 1 MB and one byte', post(`Content-Length: ${1024 * 1024 + 1}\r\n`, ''), [413]],
  ['a chunked body that grows beyond 1 MB', post('Transfer-Encoding: chunked\r\n', `80000\r\n${'y'.repeat(0x80000)}\r\n`.repeat(3)), [413]],
];

const accepted = [
  ['100 headers', get(crowd(99))],
  ['empty lines before the request', `\r\n\r\n${get()}`],
  ['optional whitespace around a value', get('X-A:\t b \t\r\n')],
  ['an absolute target', 'GET http://shop/healthz HTTP/1.1\r\nHost: shop\r\n\r\n'],
  ['a Host with a port', 'GET /healthz HTTP/1.1\r\nHost: shop:8080\r\n\r\n'],
  ['an IPv6 Host', 'GET /healthz HTTP/1.1\r\nHost: [::1]:8080\r\n\r\n'],
];

describe(`framing (${engine})`, () => {
  let shop;
  before(async () => {
    shop = await TestShop.open();
  });
  after(() => shop?.close());

  const healthy = async () => assert.equal((await shop.client.get('/healthz')).status, 200);

  for (const [what, bytes, statuses] of refusals) {
    const row = /KB|101|1 MB|without an end/.test(what) ? 'SE-13' : 'SE-14';
    test(`${what}: refused, and the connection ends (${row})`, async () => {
      const connection = await shop.connect();
      connection.send(bytes);
      const answer = await connection.answer();
      assert.ok(answer && statuses.includes(answer.status), `${answer?.status} ${answer?.body}, wanted ${statuses}`);
      if (answer.status !== 404) {
        assert.match(answer.headers['content-type'], /^application\/problem\+json/);
        assert.equal(answer.headers.connection, 'close');
        await connection.closed();
        assert.equal(connection.received.length, 0, 'nothing behind it is answered');
      }
      connection.end();
      await healthy();
    });
  }

  for (const [what, bytes] of accepted) {
    test(`${what}: fine`, async () => {
      const connection = await shop.connect();
      connection.send(bytes);
      assert.equal((await connection.answer())?.status, 200);
      connection.send(get());
      assert.equal((await connection.answer())?.status, 200, 'and the connection goes on');
      connection.end();
    });
  }

  test('bytes may arrive one by one', async () => {
    const connection = await shop.connect();
    connection.socket.setNoDelay(true);
    for (const byte of post('Content-Length: 2\r\n', '{}')) {
      connection.send(byte);
      await new Promise(setImmediate);
    }
    assert.equal((await connection.answer())?.status, 201);
    connection.end();
  });

  test('a chunked body is a body, with extensions and trailers', async () => {
    const connection = await shop.connect();
    connection.send(post('Transfer-Encoding: chunked\r\n', '9;a=b\r\n{"email":\r\n10\r\n"me@example.com"\r\n1\r\n}\r\n0\r\nX-Sum: 1\r\n\r\n') + get());
    const [made, next] = [await connection.answer(), await connection.answer()];
    assert.deepEqual([made.status, made.json.email, next.status], [201, 'me@example.com', 200]);
    connection.end();
  });

  test('Expect: 100-continue is answered before the body', async () => {
    const connection = await shop.connect();
    connection.send(post('Content-Length: 2\r\nExpect: 100-continue\r\n', ''));
    assert.equal((await connection.answer()).status, 100);
    connection.send('{}');
    assert.equal((await connection.answer()).status, 201);
    connection.end();
  });

  test('HTTP/1.0 is answered and closed, unless it asks to stay', async () => {
    const connection = await shop.connect();
    connection.send('GET /healthz HTTP/1.0\r\n\r\n');
    assert.equal((await connection.answer()).status, 200);
    await connection.closed();
  });

  test('Connection: close is obeyed', async () => {
    const connection = await shop.connect();
    connection.send(get('Connection: close\r\n') + get());
    assert.equal((await connection.answer()).headers.connection, 'close');
    await connection.closed();
    assert.equal(connection.received.length, 0);
  });

  test('pipelined requests are answered in their order', async () => {
    const connection = await shop.connect();
    const ids = Array.from({ length: 50 }, (_, i) => `pipe-${i}`);
    connection.send(ids.map((id, i) => (i % 3 === 2 ? post(`X-Request-Id: ${id}\r\nContent-Length: 2\r\n`, '{}') : get(`X-Request-Id: ${id}\r\n`, '/v1/products'))).join(''));
    const seen = [];
    for (const _ of ids) seen.push((await connection.answer()).headers['x-request-id']);
    assert.deepEqual(seen, ids);
    connection.end();
  });
});
