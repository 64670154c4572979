// Engine.IO 4 by hand: the documented exchanges and what is refused, by both transports.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { RawConnection } from '../support/raw.mjs';
import { Fixture, socketId } from '../support/fixture.mjs';

const tick = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

for (const threads of [1, 2]) {
  describe(`Engine.IO, ${threads} thread(s)`, () => {
    let fixture;
    const path = '/normal/'; // a slow heartbeat, so that nothing but the test's own packets pass
    before(async () => {
      fixture = await Fixture.start({ threads });
    });
    after(() => fixture.stop());
    const poll = (sid, at = '/engine.io/', options = {}) => fixture.fetch(at, { sid }, options);
    const post = (sid, body, at = '/engine.io/', headers = {}) => fixture.fetch(at, { sid }, { method: 'POST', body, headers });
    const postHead = (sid, length) => `POST ${path}?EIO=4&transport=polling&sid=${sid} HTTP/1.1\r\nHost: x\r\nContent-Length: ${length}\r\n`;
    // The server has read the head, as it asks for the body.
    const beginPost = async (connection, sid, length) => {
      connection.send(`${postHead(sid, length)}Expect: 100-continue\r\n\r\n`);
      assert.equal((await connection.answer()).status, 100);
    };

    test('RT-1: the handshake says what the session is like', async () => {
      const answer = await fixture.fetch('/normal/');
      assert.equal(answer.status, 200);
      assert.equal(answer.headers.get('content-type'), 'text/plain; charset=UTF-8');
      assert.match(answer.headers.get('cache-control'), /no-store/);
      const { sid, ...rest } = JSON.parse((await answer.text()).slice(1));
      assert.deepEqual(rest, { upgrades: ['websocket'], pingInterval: 25000, pingTimeout: 20000, maxPayload: 1000000 });
      assert.match(sid, /^[\w-]{22,}$/);
      const wire = fixture.webSocket('/engine.io/');
      const opened = JSON.parse((await wire.next()).slice(1));
      assert.deepEqual(opened.upgrades, []);
      wire.end();
    });

    test('RT-2: each mistake has its code', async () => {
      const refused = async (query, options) => {
        const answer = await fetch(`${fixture.url}/engine.io/?${new URLSearchParams(query)}`, options);
        assert.equal(answer.status, 400, JSON.stringify(query));
        return answer.json();
      };
      const polling = { EIO: '4', transport: 'polling' };
      for (const transport of ['abc', '', '__proto__', 'constructor']) {
        assert.deepEqual(await refused({ EIO: '4', transport }), { code: 0, message: 'Transport unknown' });
      }
      for (const sid of ['abc', '__proto__', 'x'.repeat(26), 'AAAAAAAAAAAAAAAAAAAAAAAAff']) {
        assert.deepEqual(await refused({ ...polling, sid }), { code: 1, message: 'Session ID unknown' });
      }
      for (const method of ['POST', 'PUT', 'DELETE']) {
        assert.deepEqual(await refused(polling, { method }), { code: 2, message: 'Bad handshake method' });
      }
      assert.deepEqual(await refused({ EIO: '4', transport: 'websocket' }), { code: 3, message: 'Bad request' });
      for (const EIO of ['3', 'abc', '']) {
        assert.deepEqual(await refused({ EIO, transport: 'polling' }), { code: 5, message: 'Unsupported protocol version' });
      }
    });

    test('RT-3: packets of a body come back in their order, text and bytes', async () => {
      const sid = await fixture.openPolling();
      const body = '4hello\x1e4två\x1ebAQIDBA==';
      assert.equal(await (await post(sid, body)).text(), 'ok');
      assert.equal(await (await poll(sid)).text(), body);
    });

    test('RT-3: a GET waits for news; one that is given up ends the session', async () => {
      const sid = await fixture.openPolling(path);
      await post(sid, '40', path);
      const welcome = await (await poll(sid, path)).text();
      assert.match(welcome, /^40{"sid":"[\w-]+"}\x1e42\["auth",{}\]$/);
      const waiting = poll(sid, path);
      await tick(20);
      await post(sid, '42["message",1]', path);
      assert.equal(await (await waiting).text(), '42["message-back",1]');
      const watchman = await fixture.watchman();
      const given_up = await RawConnection.open(fixture.port);
      given_up.send(`GET ${path}?EIO=4&transport=polling&sid=${sid} HTTP/1.1\r\nHost: x\r\n\r\n`);
      given_up.end();
      assert.equal(await watchman.gone(socketId(welcome)), 'transport error');
      assert.equal((await poll(sid, path)).status, 400);
      watchman.end();
    });

    test('RT-3: two GETs at once end the session', async () => {
      const sid = await fixture.openPolling(path);
      const answers = await Promise.all([poll(sid, path), poll(sid, path)]);
      const [first, second] = answers.sort((a, b) => a.status - b.status); // whichever came first
      assert.deepEqual([first.status, await first.text(), second.status], [200, '1', 400]);
      assert.equal((await poll(sid, path)).status, 400);
    });

    test('RT-3: two bodies on their way at once end the session, whichever is whole first', async () => {
      const sid = await fixture.openPolling(path);
      const [first, second] = [await RawConnection.open(fixture.port), await RawConnection.open(fixture.port)];
      await beginPost(first, sid, 2);
      first.send('4');
      second.send(`${postHead(sid, 2)}\r\n40`);
      assert.equal((await second.answer()).status, 400);
      first.send('0');
      assert.equal((await first.answer()).status, 400);
      assert.equal((await poll(sid, path)).status, 400);
      for (const connection of [first, second]) connection.end();
    });

    test('RT-3: a body that breaks off ends the session; one after the other is fine', async () => {
      const sid = await fixture.openPolling(path);
      for (let i = 0; i < 50; i += 1) assert.equal((await post(sid, i === 0 ? '40' : '42["nobody listens"]', path)).status, 200);
      const welcome = await (await poll(sid, path)).text();
      const watchman = await fixture.watchman();
      const broken = await RawConnection.open(fixture.port);
      broken.send(`${postHead(sid, 20)}\r\n42["m`);
      broken.end();
      assert.equal(await watchman.gone(socketId(welcome)), 'transport error');
      assert.equal((await poll(sid, path)).status, 400);
      watchman.end();
    });

    test('RT-3: a large answer is compressed for those who can read it', async () => {
      const ask = async (sid, encoding) => {
        const connection = await RawConnection.open(fixture.port);
        connection.send(`GET /normal/?EIO=4&transport=polling&sid=${sid} HTTP/1.1\r\nHost: x\r\nAccept-Encoding: ${encoding}\r\n\r\n`);
        const { headers } = await connection.answer();
        connection.end();
        return [headers['content-encoding'], Number(headers['content-length'])];
      };
      const fill = async (text) => {
        const sid = await fixture.openPolling(path);
        await post(sid, '40', path);
        await poll(sid, path);
        await post(sid, `42["message","${text}"]`, path);
        return sid;
      };
      const [encoding, length] = await ask(await fill('x'.repeat(5000)), 'gzip');
      assert.deepEqual([encoding, length < 1000], ['gzip', true]);
      assert.deepEqual(await ask(await fill('x'.repeat(5000)), 'identity'), [undefined, 5021]);
      assert.equal((await ask(await fill('x'.repeat(500)), 'gzip'))[0], undefined);
    });

    test('RT-3: what is no packet ends the session, and so do raw bytes', async () => {
      for (const [body, headers] of [['abc', {}], ['4a\x1e', {}], ['b!!!', {}], ['4a', { 'content-type': 'application/octet-stream' }]]) {
        const sid = await fixture.openPolling();
        assert.equal((await post(sid, body, '/engine.io/', headers)).status, 400, body);
        assert.equal((await poll(sid)).status, 400, body);
      }
      const sid = await fixture.openPolling(path);
      assert.equal((await post(sid, `4${'x'.repeat(1_000_000)}`, path)).status, 413);
    });

    test('RT-6: ping and pong by polling; silence ends the session', async () => {
      const sid = await fixture.openPolling();
      for (let i = 0; i < 3; i += 1) {
        assert.equal(await (await poll(sid)).text(), '2');
        assert.equal((await post(sid, '3')).status, 200);
      }
      const silent = await fixture.openPolling();
      await tick(500);
      assert.equal((await poll(silent)).status, 400);
    });

    test('RT-6: a client that pings or closes is closed', async () => {
      const sid = await fixture.openPolling(path);
      await post(sid, '2', path);
      assert.equal((await poll(sid, path)).status, 400);
      const other = await fixture.openPolling(path);
      const waiting = poll(other, path);
      await tick(20);
      await post(other, '1', path);
      assert.equal(await (await waiting).text(), '6');
      assert.equal((await poll(other, path)).status, 400);
      for (const packet of ['1', '2', 'abc', '']) {
        const wire = fixture.webSocket(path);
        await wire.next();
        wire.send(packet);
        await wire.close();
      }
      const silent = fixture.webSocket('/engine.io/');
      silent.answersPings = false;
      await silent.close();
    });

    test('RT-5: from polling to WebSocket', async () => {
      const sid = await fixture.openPolling();
      const wire = fixture.webSocket('/engine.io/', { sid });
      await wire.opened();
      wire.send('2probe');
      assert.equal(await wire.next(), '3probe');
      assert.equal(await (await poll(sid)).text(), '6', 'a noop ends the GET');
      wire.send('5');
      wire.send('4hello');
      assert.equal(await wire.next(), '4hello');
      assert.equal((await poll(sid)).status, 400);
      const second = fixture.webSocket('/engine.io/', { sid });
      await second.close();
      wire.send('4still here');
      assert.equal(await wire.next(), '4still here');
      wire.end();
    });

    test('RT-5: a GET that waits is ended 100 ms after the probe, as npm\'s server does it', async () => {
      const sid = await fixture.openPolling(path);
      const waiting = poll(sid, path);
      const wire = fixture.webSocket(path, { sid });
      await wire.opened();
      const began = performance.now();
      wire.send('2probe');
      assert.equal(await wire.next(), '3probe');
      assert.equal(await (await waiting).text(), '6');
      assert.ok(performance.now() - began >= 99, 'not before');
      wire.end();
    });

    test('RT-5: a wrong probe costs only its WebSocket', async () => {
      const sid = await fixture.openPolling(path);
      for (const packet of ['2wrong', '5', '4hello', 'abc']) {
        const wire = fixture.webSocket(path, { sid });
        await wire.opened();
        wire.send(packet);
        await wire.close();
      }
      assert.equal((await post(sid, '40', path)).status, 200);
      assert.match(await (await poll(sid, path)).text(), /^40/);
      const unknown = fixture.webSocket(path, { sid: 'x'.repeat(26) });
      await unknown.close();
    });

    test('RT-12: CORS on polling; a page of somebody else can preflight', async () => {
      const answer = await fixture.fetch('/normal/', {}, { headers: { origin: 'https://shop.example' } });
      assert.equal(answer.headers.get('access-control-allow-origin'), '*');
      const preflight = await fixture.fetch('/normal/', {}, {
        method: 'OPTIONS',
        headers: { origin: 'https://shop.example', 'access-control-request-method': 'POST' },
      });
      assert.equal(preflight.status, 204);
      assert.match(preflight.headers.get('access-control-allow-methods'), /POST/);
    });

    test('RT-14: a handshake that is none is refused', async () => {
      const ask = async (lines) => {
        const connection = await RawConnection.open(fixture.port);
        connection.send(`GET /normal/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n${lines}\r\n`);
        const answer = await connection.answer();
        connection.end();
        return answer.status;
      };
      assert.equal(await ask('Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: short\r\n'), 400);
      assert.equal(await ask('Sec-WebSocket-Version: 8\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n'), 426);
      assert.equal(await ask('Sec-WebSocket-Version: 13\r\n'), 400);
    });
  });
}
