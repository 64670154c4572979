// Socket.IO 5 by hand, and what hostile clients try: their connection ends, the server goes on.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { io } from 'socket.io-client';
import { Fixture, nextEvent, unsent_bytes_max } from '../support/fixture.mjs';

describe('Socket.IO', () => {
  let fixture;
  before(async () => {
    fixture = await Fixture.start({ threads: 2 });
  });
  after(() => fixture.stop());

  async function opened(path = '/normal/') {
    const wire = fixture.webSocket(path);
    await wire.next();
    return wire;
  }

  test('RT-7: CONNECT, its answer, and refusals', async () => {
    const wire = await opened();
    wire.send('40{"token":"123"}');
    assert.match(await wire.next(), /^40{"sid":"[\w-]{20,}"}$/);
    assert.equal(await wire.next(), '42["auth",{"token":"123"}]');
    wire.send('40/custom,{"a":1}');
    assert.match(await wire.next(), /^40\/custom,{"sid":"[\w-]+"}$/);
    assert.equal(await wire.next(), '42/custom,["auth",{"a":1}]');
    wire.send('40/random');
    assert.equal(await wire.next(), '44/random,{"message":"Invalid namespace"}');
    wire.send('40/no,');
    assert.equal(await wire.next(), '44/no,{"message":"Not authorized","data":{"code":401}}');
    wire.send('41/custom,');
    wire.send('42["message","main goes on"]');
    assert.equal(await wire.next(), '42["message-back","main goes on"]');
    wire.end();
  });

  test('RT-7: a connection that joins nothing is closed', async () => {
    const wire = await opened();
    await wire.close(3_000);
  });

  test('RT-7: the number of namespaces of one connection has an end', async () => {
    const wire = await opened();
    for (let i = 0; i < 2000; i += 1) wire.send(`40/dynamic-${i},`);
    let joined = 0;
    let refused = 0;
    while (joined + refused < 2000) {
      const message = await wire.next();
      if (message.startsWith('40')) joined += 1;
      if (message.startsWith('44')) refused += 1;
    }
    assert.equal(joined, 32);
    wire.end();
  });

  test('RT-8: acks and attachments, in both directions', async () => {
    const wire = await fixture.join();
    wire.send('42456["message-with-ack",1,"2",{"3":[false]}]');
    assert.equal(await wire.next(), '43456[1,"2",{"3":[false]}]');
    wire.send('42/custom'.slice(0, 2) + '9007199254740992["message-with-ack"]');
    assert.equal(await wire.next(), '439007199254740992[]');
    wire.send('452-789["message-with-ack",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]');
    wire.send(Buffer.from([1, 2, 3]));
    wire.send(Buffer.from([4, 5, 6]));
    assert.equal(await wire.next(), '462-789[{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]');
    assert.deepEqual(await wire.next(), Buffer.from([1, 2, 3]));
    assert.deepEqual(await wire.next(), Buffer.from([4, 5, 6]));
    wire.end();
  });

  const hostile = {
    'an unknown type': ['4abc'],
    'no array': ['42{}'],
    'an empty array': ['42[]'],
    'no name': ['42[null]'],
    'no payload': ['42'],
    'an id that is none': ['42abc["message"]'],
    'a reserved name': ['42["disconnect"]'],
    'broken JSON': ['42["a"'],
    'JSON 100,000 deep (RT-13)': [`42["a",${'['.repeat(100_000)}`],
    'a second CONNECT': ['40'],
    'a CONNECT_ERROR': ['44{"message":"x"}'],
    'a namespace it never joined': ['42/custom,["message"]'],
    'a namespace it has left': ['41', '42["message"]'],
    'text while attachments are due': ['451-["message",{"_placeholder":true,"num":0}]', '42["message"]'],
    'bytes that nobody waits for': [Buffer.from([1])],
    'an attachment that is not there': ['451-["message",{"_placeholder":true,"num":1}]'],
    'eleven attachments': ['4511-["message"]'],
    'an ack without an id': ['43[]'],
  };
  for (const [what, packets] of Object.entries(hostile)) {
    test(`RT-8, RT-9, RT-13: ${what} ends the connection`, async () => {
      const wire = await fixture.join();
      for (const packet of packets) wire.send(packet);
      await wire.close();
      assert.ok(fixture.isAlive());
    });
  }

  test('RT-10: acks that nobody asked for are ignored', async () => {
    const wire = await fixture.join();
    wire.send('43999["x"]');
    wire.send('42["message",1]');
    assert.equal(await wire.next(), '42["message-back",1]');
    wire.end();
  });

  test('RT-13: a client that stops reading is dropped; memory stays flat', async () => {
    const [wire, watchman] = [await fixture.join(), await fixture.watchman()];
    const before = fixture.memory_bytes();
    wire.socket.pause();
    const text = 'x'.repeat(100_000);
    for (let i = 0; i < 1000; i += 1) wire.send(`42["message","${text}"]`);
    assert.equal(await watchman.gone(wire.id), 'transport close');
    fixture.assertFlat(before, { waiting_bytes: unsent_bytes_max });
    wire.socket.resume();
    await wire.close(10_000);
    watchman.end();
    assert.ok(fixture.isAlive());
  });

  test('RT-14: what the server closes with', async () => {
    const big = await fixture.join();
    big.send('x'.repeat(1_000_001));
    assert.equal((await big.close()).code, 1009);
    const ping = await fixture.join();
    ping.socket.send('42["message","', { fin: false });
    ping.socket.ping('inside');
    ping.socket.send('done"]', { fin: true });
    assert.equal(await ping.next(), '42["message-back","done"]');
    assert.equal(ping.pongs, 1);
    ping.end();
    const garbled = await fixture.join();
    garbled.socket.send(Buffer.from([0x34, 0x32, 0xff]), { binary: false });
    assert.equal((await garbled.close()).code, 1007);
    const polite = await fixture.join();
    polite.socket.close(1000, 'bye');
    assert.equal((await polite.close()).code, 1000);
  });

  test('RT-5: five clients send and get 3,000 messages while they upgrade; none is lost, doubled or out of order', async () => {
    await Promise.all(Array.from({ length: 5 }, async () => {
      const socket = io(fixture.url, { path: '/normal/', forceNew: true });
      await nextEvent(socket, 'connect');
      const seen = [];
      const done = new Promise((resolve) => socket.on('message-back', (i) => seen.push(i) === 3000 && resolve()));
      for (let i = 0; i < 3000; i += 1) {
        socket.emit('message', i);
        if (i % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
      }
      await done;
      assert.deepEqual(seen, [...seen.keys()]);
      assert.equal(socket.io.engine.transport.name, 'websocket');
      socket.disconnect();
    }));
  });

  test('RT-10: a server is told to stop: its clients hear it', async () => {
    const own = await Fixture.start();
    const wire = await own.join();
    const stopped = own.stop();
    assert.equal((await wire.close()).code, 1001);
    await stopped;
    assert.equal(own.child.exitCode, 0);
  });
});
