// What Socket.IO's own protocol suites and the test-suite of its client do to the conformance program, in our words: the
// awkward ones, where a server that is right in every packet can still be wrong in its timing.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, describe, test } from 'node:test';
import { Manager, io } from 'socket.io-client';
import WebSocket from 'ws';
import { RawConnection } from '../support/raw.mjs';
import { Fixture, nextEvent } from '../support/fixture.mjs';

const session_unknown = 1; // RT-2
const bad_request = 3;
const tick = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

describe('the protocol suites (fixtures A, B, D, E)', () => {
  let fixture;
  before(async () => {
    fixture = await Fixture.start();
  });
  after(() => fixture.stop());
  const url = (path, sid) => `${fixture.url.replace('http', 'ws')}${path}?EIO=4&transport=websocket${sid ? `&sid=${sid}` : ''}`;
  const text = async (socket) => (await once(socket, 'message'))[0].toString();
  // What a GET is refused with; undefined if it isn't.
  const codeOf = async (path, sid) => {
    const answer = await fixture.fetch(path, { sid });
    return answer.status === 400 ? (await answer.json()).code : undefined;
  };

  test('each message is listened for when the one before it has been seen', async () => {
    for (let i = 0; i < 8; i += 1) {
      const socket = new WebSocket(url('/socket.io/'));
      assert.match(await text(socket), /^0{/);
      socket.send(i % 2 ? '40/custom,{"token":"abc"}' : '40');
      const namespace = i % 2 ? '/custom,' : '';
      assert.match(await text(socket), new RegExp(`^40${namespace}{"sid":"[^"]+"}$`));
      assert.equal(await text(socket), `42${namespace}["auth",${i % 2 ? '{"token":"abc"}' : '{}'}]`);
      socket.terminate();
    }
  });

  test('an event that does not wait for `auth` is answered behind it', async () => {
    const wire = fixture.webSocket('/socket.io/');
    await wire.next();
    wire.send('40');
    wire.send('42["message",1]');
    assert.match(await wire.next(), /^40/);
    assert.equal(await wire.next(), '42["auth",{}]');
    assert.equal(await wire.next(), '42["message-back",1]');
    wire.end();
  });

  for (const path of ['/engine.io/', '/socket.io/']) {
    test(`${path}: a session is over when its ping has gone unanswered, to the millisecond`, async () => {
      for (let i = 0; i < 5; i += 1) {
        const sid = await fixture.openPolling(path);
        await tick(500);
        assert.equal((await fixture.fetch(path, { sid })).status, 400);
      }
    });

    test(`${path}: a GET beside another ends the session`, async () => {
      const sid = await fixture.openPolling(path);
      const answers = await Promise.all([
        fixture.fetch(path, { sid }),
        tick(5).then(() => fixture.fetch(path, { sid, t: 'burst' })),
      ]);
      const [first, second] = answers.sort((a, b) => a.status - b.status); // whichever came first
      assert.deepEqual([first.status, await first.text(), second.status], [200, '1', 400]);
      assert.deepEqual([(await second.json()).code, await codeOf(path, sid)], [bad_request, session_unknown]);
    });

    test(`${path}: pings come by both transports; a close ends the GET that waits`, async () => {
      const socket = new WebSocket(url(path));
      await text(socket);
      for (let i = 0; i < 3; i += 1) {
        assert.equal(await text(socket), '2');
        socket.send('3');
      }
      socket.terminate();
      const sid = await fixture.openPolling(path);
      const [answer] = await Promise.all([fixture.fetch(path, { sid }), fixture.fetch(path, { sid }, { method: 'POST', body: '1' })]);
      assert.deepEqual([answer.status, await answer.text()], [200, '6']);
      assert.equal((await fixture.fetch(path, { sid })).status, 400);
    });

    test(`${path}: who upgrades without waiting is upgraded; the old ways are closed`, async () => {
      const sid = await fixture.openPolling(path);
      const socket = new WebSocket(url(path, sid));
      await once(socket, 'open');
      socket.send('2probe');
      socket.send('5');
      assert.equal((await fixture.fetch(path, { sid })).status, 400);
      const second = new WebSocket(url(path, sid));
      second.on('error', () => {});
      await new Promise((resolve) => second.on('close', resolve));
      assert.equal(socket.readyState, WebSocket.OPEN);
      socket.terminate();
    });

    test(`${path}: a WebSocket for a wrong version or transport is refused`, async () => {
      for (const query of ['transport=websocket', 'EIO=abc&transport=websocket', 'EIO=4', 'EIO=4&transport=abc']) {
        const socket = new WebSocket(`${fixture.url.replace('http', 'ws')}${path}?${query}`);
        socket.on('error', () => {});
        await new Promise((resolve) => socket.on('close', resolve));
      }
    });
  }

  // Under /normal/ no heartbeat ends it meanwhile. A GET that comes before the server has heard of the first one's end is
  // beside that one, which ends the session as well: then nothing is seen, and another session is tried.
  test('a GET that is given up ends the session', async () => {
    const codes = [];
    for (let pause_ms = 20; codes.at(-1) !== session_unknown && pause_ms < 1000; pause_ms *= 2) {
      const sid = await fixture.openPolling('/normal/');
      const given_up = await RawConnection.open(fixture.port);
      given_up.send(`GET /normal/?EIO=4&transport=polling&sid=${sid} HTTP/1.1\r\nHost: x\r\n\r\n`).end();
      await tick(pause_ms);
      codes.push(await codeOf('/normal/', sid));
    }
    assert.equal(codes.at(-1), session_unknown, `codes ${codes}`);
  });

  test('leaving the main namespace leaves the connection, which goes on pinging', async () => {
    const wire = await fixture.join('/socket.io/');
    wire.answersPings = false;
    wire.send('41');
    assert.equal(await wire.next(), '2');
    wire.end();
  });

  test('the heartbeats are those that were promised', async () => {
    const heartbeat = async (path) => {
      const { pingInterval, pingTimeout, maxPayload } = JSON.parse((await (await fixture.fetch(path)).text()).slice(1));
      return [pingInterval, pingTimeout, maxPayload];
    };
    for (const path of ['/engine.io/', '/socket.io/']) assert.deepEqual(await heartbeat(path), [300, 200, 1_000_000]);
    for (const path of ['/recovery/', '/normal/']) assert.deepEqual(await heartbeat(path), [25_000, 20_000, 1_000_000]);
  });

  test('RT-11: the wire of connection state recovery', async () => {
    const wire = fixture.webSocket('/recovery/');
    await wire.next();
    wire.send('40');
    const { sid, pid } = JSON.parse((await wire.next()).slice(2));
    wire.send('42["hi"]');
    const [, offset] = JSON.parse((await wire.next()).slice(2));
    assert.equal(typeof offset, 'string', 'the offset is the last argument');
    wire.send('420["join","blue"]');
    assert.equal(await wire.next(), '430[true]', 'an ack has none');
    wire.end();
    const other = fixture.webSocket('/recovery/');
    await other.next();
    other.send('40');
    await other.next();
    other.send('42["emit-room","blue","news",1]');
    await tick(100);
    const connect = async (auth) => {
      const back = fixture.webSocket('/recovery/');
      await back.next();
      back.send(`40${JSON.stringify(auth)}`);
      return [back, JSON.parse((await back.next()).slice(2))];
    };
    for (const auth of [{ pid: 'made up', offset }, { pid, offset: 'made up' }, { pid, offset: 7 }, { pid }]) {
      const [fresh, answer] = await connect(auth);
      assert.notEqual(answer.sid, sid, JSON.stringify(auth));
      fresh.end();
    }
    const [back, answer] = await connect({ pid, offset });
    assert.deepEqual([answer.sid, answer.pid], [sid, pid]);
    assert.match(await back.next(), /^42\["news",1,"[^"]+"\]$/);
    back.end();
    await tick(3_200);
    const [late, anew] = await connect({ pid, offset });
    assert.notEqual(anew.sid, sid, 'too late');
    late.end();
    other.end();
  });
});

describe("the client's own suite (fixture C)", () => {
  let fixture;
  const open = [];
  before(async () => {
    fixture = await Fixture.start();
  });
  after(async () => {
    for (const socket of open) socket.disconnect();
    await fixture.stop();
  });
  const connect = (path = '', options = {}) => {
    const socket = io(fixture.clientUrl + path, { forceNew: true, reconnectionDelay: 10, ...options });
    open.push(socket);
    return socket;
  };
  const ack = (socket, ...args) => new Promise((resolve) => socket.emit(...args, (...answer) => resolve(answer)));

  test('hi, echo, false, dates and writing of many kinds', async () => {
    const socket = connect();
    for (const event of ['hi', 'false']) {
      const heard = nextEvent(socket, event);
      socket.emit(event);
      assert.equal((await heard)[0] === false, event === 'false'); // the offset is always behind it
    }
    assert.deepEqual(await ack(socket, 'echo', 123), [123]);
    const [date] = await ack(socket, 'getAckDate', { test: true });
    assert.ok(!Number.isNaN(Date.parse(date)));
    const taken = nextEvent(socket, 'takeDate');
    socket.emit('getDate');
    assert.equal(typeof (await taken)[0], 'string');
    const object = nextEvent(socket, 'takeDateObj');
    socket.emit('getDateObj');
    assert.equal(typeof (await object)[0].date, 'string');
    const writing = [];
    const all = new Promise((resolve) => socket.on('takeUtf8', (text) => writing.push(text) === 5 && resolve()));
    socket.emit('getUtf8');
    await all;
    assert.deepEqual(writing, ['てすと', 'Я Б Г Д Ж Й', 'Ä ä Ü ü ß', 'utf8 — string', 'utf8 — string']);
  });

  test('acks both ways: "got it" for 5 and {test: true} only', async () => {
    const socket = connect();
    const heard = [];
    socket.onAny((event) => heard.push(event));
    for (const answer of [[4, { test: true }], [5, {}], [5, { test: true }]]) {
      socket.once('ack', (give) => give(...answer));
      const asked = nextEvent(socket, 'ack');
      socket.emit('ack');
      await asked;
      await ack(socket, 'echo', 1);
    }
    assert.deepEqual(heard, ['ack', 'ack', 'ack', 'got it']);
  });

  test('bytes alone, inside of others, in order', async () => {
    const socket = connect();
    const bytes = Buffer.from('asdfasdf');
    for (const [asks, gets] of [['doge', 'doge'], ['getbin', 'takebin']]) {
      const got = nextEvent(socket, gets);
      socket.emit(asks);
      assert.deepEqual(Buffer.from((await got)[0]), bytes);
    }
    const mixed = { hello: 'lol', message: bytes, goodbye: 'gotcha' };
    for (const [sends, value, answer] of [
      ['buffa', bytes, 'buffack'], ['blob', bytes, 'back'], ['jsonbuff', mixed, 'jsonbuff-ack'], ['jsonblob', mixed, 'jsonblob-ack'],
    ]) {
      const answered = nextEvent(socket, answer);
      socket.emit(sends, value);
      await answered;
    }
    const second = nextEvent(socket, 'abuff2-ack');
    socket.emit('abuff1', bytes);
    socket.emit('abuff2', 'please arrive second');
    await second;
    const third = nextEvent(socket, 'blob3-ack');
    socket.emit('blob1', bytes);
    socket.emit('blob2', 'second');
    socket.emit('blob3', bytes);
    await third;
  });

  test('the handshake that a server sees: query, auth, headers, time, url', async () => {
    for (const [socket, query] of [
      [connect('/?c=d', {}), { c: 'd' }],
      [connect('/', { query: { e: 'f' } }), { e: 'f' }],
    ]) {
      const [handshake] = await ack(socket, 'getHandshake');
      for (const [name, value] of Object.entries(query)) assert.equal(handshake.query[name], value);
      assert.match(handshake.url, /^\/socket\.io\/\?/);
      assert.equal(typeof handshake.headers.host, 'string');
      assert.ok(!Number.isNaN(Date.parse(handshake.time)));
      assert.equal(typeof handshake.issued, 'number');
      assert.equal(handshake.secure, false);
    }
    const asked = connect('/abc?b=c&d=e', { query: { '&a': '&=?a' }, auth: (give) => give({ e: 'f' }) });
    const [handshake] = await nextEvent(asked, 'handshake');
    assert.equal(handshake.query['&a'] ?? handshake.query.b, asked.io.opts.query['&a'] ?? 'c');
    assert.deepEqual(handshake.auth, { e: 'f' });
    assert.equal(handshake.query.e, undefined);
  });

  test('ids: the same on both sides, in every namespace; another after a reconnect without a recovery', async () => {
    for (const path of ['/', '/foo']) {
      const socket = connect(path);
      const [id] = await ack(socket, 'getId');
      assert.equal(socket.id, id);
      assert.notEqual(socket.id, socket.io.engine.id);
      socket.io.engine.close();
      await nextEvent(socket, 'connect');
      assert.notEqual(socket.id, id);
    }
  });

  test('RT-11: after an event, a reconnect continues the session', async () => {
    const socket = connect();
    const hi = nextEvent(socket, 'hi');
    socket.emit('hi');
    await hi;
    const { id } = socket;
    assert.equal(socket.recovered, false);
    socket.io.engine.close();
    await nextEvent(socket, 'connect');
    assert.deepEqual([socket.id, socket.recovered], [id, true]);
  });

  test('who may not come in is told why, and is not asked again', async () => {
    const errors = [];
    const refused = connect('/no');
    refused.on('connect_error', (error) => errors.push(error.message));
    await nextEvent(refused, 'connect_error');
    refused.io.engine.close();
    await nextEvent(connect('/foo'), 'connect'); // which takes longer than asking again would
    assert.deepEqual(errors, ['Auth failed (custom namespace)']);
    const [error] = await nextEvent(connect('/?fail=1'), 'connect_error');
    assert.equal(error.message, 'Auth failed (main namespace)');
    const [invalid] = await nextEvent(connect('/invalid'), 'connect_error');
    assert.equal(invalid.message, 'Invalid namespace');
  });

  test('a time limit of the client ends before the server answers', async () => {
    for (const transports of [['polling'], ['websocket']]) {
      const [error] = await nextEvent(connect('/', { transports, timeout: 0 }), 'connect_error');
      assert.equal(error.message, 'timeout');
    }
    const socket = connect();
    await assert.rejects(socket.timeout(50).emitWithAck('unknown'));
    assert.equal(await socket.timeout(1_000).emitWithAck('echo', 42), 42);
  });

  test('several namespaces on one connection come and go', async () => {
    const manager = new Manager(fixture.clientUrl, { reconnectionDelay: 10 });
    const [root, foo, asd] = ['/', '/foo', '/asd'].map((name) => manager.socket(name));
    open.push(root, foo, asd);
    await Promise.all([root, foo, asd].map((socket) => nextEvent(socket, 'connect')));
    root.disconnect();
    const [id] = await ack(foo, 'getId');
    assert.equal(id, foo.id);
    root.connect();
    await nextEvent(root, 'connect');
    foo.disconnect();
    asd.disconnect();
    const closed = once(manager, 'close');
    root.disconnect();
    await closed;
    for (const name of ['/timeout_socket', '/valid']) await nextEvent(connect(name), 'connect');
  });

  test('packets are sent again until they are acknowledged, in their order', async () => {
    const socket = connect('/', { retries: 3, ackTimeout: 300 });
    let asked = 0;
    socket.on('ack', () => { asked += 1; });
    const given_up = new Promise((resolve) => socket.emit('ack', resolve));
    await given_up;
    assert.equal(asked, 4);
    const seen = [];
    await Promise.all([1, 2, 3].map((i) => new Promise((resolve) => socket.emit('echo', i, (error, value) => resolve(seen.push(value))))));
    assert.deepEqual(seen, [1, 2, 3]);
  });
});
