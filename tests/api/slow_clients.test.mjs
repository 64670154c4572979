// Clients that are slow, silent, lying or greedy: they cost a bounded amount and are sent away in time (SE-13).
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { sanitizer_bytes } from '../support/server.mjs';
import { TestShop, engine } from '../support/shop.mjs';

const get = (target = '/healthz') => `GET ${target} HTTP/1.1\r\nHost: shop\r\n\r\n`;
const MiB = 1024 * 1024;

describe(`slow clients (${engine})`, () => {
  let shop;
  // The limits are settings; short ones make a short test.
  before(async () => {
    shop = await TestShop.open({
      settings: { header_timeout_ms: 1000, idle_timeout_ms: 3000, body_timeout_ms: 2000, write_timeout_ms: 2000, connections_max: 800, log_level: 'warn' },
    });
  });
  after(() => shop?.close());

  // Each on a connection of its own: a kept one may be closed as idle in the same moment.
  const once = { headers: { connection: 'close' } };
  const healthy = async () => assert.equal((await shop.client.get('/healthz', once)).status, 200);
  const elapsed = async (work) => {
    const started = performance.now();
    await work();
    return performance.now() - started;
  };

  test('half a request line: 408 when the header time is over (SE-13)', async () => {
    const connection = await shop.connect();
    connection.send('GET /healthz HT');
    const ms = await elapsed(async () => assert.equal((await connection.answer()).status, 408));
    assert.ok(ms > 500 && ms < 5000, `${ms} ms`);
    await connection.closed();
  });

  test('headers that drip: 408, however regularly (SE-13)', async () => {
    const connection = await shop.connect();
    connection.send('GET /healthz HTTP/1.1\r\nHost: shop\r\n');
    const drip = setInterval(() => connection.send('X-Drip: 1\r\n'), 50);
    assert.equal((await connection.answer()).status, 408);
    clearInterval(drip);
    connection.end();
  });

  test('a Content-Length that promises more than comes: 408 (SE-13)', async () => {
    const connection = await shop.connect();
    connection.send('POST /v1/carts HTTP/1.1\r\nHost: shop\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{}');
    assert.equal((await connection.answer()).status, 408);
    await connection.closed();
  });

  test('a Content-Length shorter than the body: the rest is read as a request, and refused', async () => {
    const connection = await shop.connect();
    connection.send('POST /v1/carts HTTP/1.1\r\nHost: shop\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}{"more": 1}\r\n\r\n');
    assert.equal((await connection.answer()).status, 201);
    assert.equal((await connection.answer()).status, 400);
    await connection.closed();
  });

  test('a client that goes away in mid-request is forgotten', async () => {
    for (const bytes of ['GET', 'POST /v1/carts HTTP/1.1\r\nHost: shop\r\nContent-Length: 50\r\n\r\n{', 'POST /v1/carts HTTP/1.1\r\nHost: shop\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}']) {
      for (let i = 0; i < 20; ++i) (await shop.connect()).send(bytes).socket.resetAndDestroy();
    }
    await healthy();
  });

  test('an idle connection is closed without a word (SE-13)', async () => {
    const connection = await shop.connect();
    connection.send(get());
    assert.equal((await connection.answer()).status, 200);
    const ms = await elapsed(() => connection.closed());
    assert.ok(ms > 1500 && ms < 8000, `${ms} ms`);
    assert.equal(connection.received.length, 0);
  });

  test('500 idle connections: others are served, and they cost little (SE-13)', async () => {
    const before_bytes = await shop.server.resident_bytes();
    const idle = await Promise.all(Array.from({ length: 500 }, () => shop.connect()));
    const ms = await elapsed(async () => {
      for (let i = 0; i < 50; ++i) await healthy();
    });
    assert.ok(ms < 5000, `50 requests took ${ms} ms`);
    const grown = (await shop.server.resident_bytes()) - before_bytes;
    assert.ok(grown < 60 * MiB + sanitizer_bytes, `grew by ${(grown / MiB).toFixed(1)} MiB`);
    await Promise.all(idle.map((connection) => connection.closed(20_000)));
    idle.forEach((connection) => connection.end());
  });

  test('one connection more than allowed is told so: 503 with Retry-After (SE-13)', async () => {
    const crowd = [];
    let refused;
    for (let i = 0; i < 900 && !refused; ++i) {
      const connection = await shop.connect();
      crowd.push(connection);
      if (i < 790) continue;
      connection.send(get());
      const answer = await connection.answer().catch(() => undefined);
      if (answer?.status === 503) refused = answer;
    }
    assert.ok(refused?.headers['retry-after'], 'nobody was refused');
    crowd.forEach((connection) => connection.end());
    for (const deadline = Date.now() + 10_000; ;) {
      const answer = await shop.client.get('/healthz', { ...once, unchecked: true }).catch(() => undefined);
      if (answer?.status === 200) break;
      assert.ok(Date.now() < deadline, 'the room is not given back');
    }
  });

  test('pipelined answers that nobody reads take bounded memory, and end (SE-13)', async () => {
    const before_bytes = await shop.server.resident_bytes();
    const connections = await Promise.all(Array.from({ length: 8 }, () => shop.connect()));
    const wave = get('/openapi.json').repeat(2000);
    for (const connection of connections) connection.socket.pause();
    for (const connection of connections) connection.send(wave);
    let peak = 0;
    for (const deadline = Date.now() + 2500; Date.now() < deadline;) {
      peak = Math.max(peak, await shop.server.resident_bytes());
      await healthy();
    }
    const grown = peak - before_bytes;
    assert.ok(grown < 100 * MiB + sanitizer_bytes, `grew by ${(grown / MiB).toFixed(1)} MiB`);
    for (const connection of connections) {
      await connection.discard().closed();
      connection.end();
    }
    await healthy();
  });
});
