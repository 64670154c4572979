// A Node process with npm's @socket.io/redis-emitter reaches the shop's clients, and nothing else that is published in
// Redis does any harm.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, afterEach, before, describe, test } from 'node:test';
import { Emitter } from '@socket.io/redis-emitter';
import { eventually } from '../support/eventually.mjs';
import { RedisServer } from '../support/redis_server.mjs';
import { TestShop, engine } from '../support/shop.mjs';
import { Talker } from '../support/talker.mjs';

const figure = async (shop, name) => {
  const { text } = await shop.client.get('/metrics', { unchecked: true });
  return Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1]);
};
const readiness = async (shop) => {
  const answer = await shop.client.get('/readyz', { unchecked: true });
  return [answer.status, answer.json.redis];
};
const is = (state, shop) => async () => (await readiness(shop))[1] === state;

describe(`emitting from a Node process (${engine})`, () => {
  let redis, shop, emitter, ann, ben;
  const talkers = [];
  before(async () => {
    redis = await RedisServer.open();
    shop = await TestShop.open({ settings: { ...redis.settings, log_level: 'info' } });
    emitter = await redis.emitter();
    await eventually(is('up', shop), 'Redis');
    [ann, ben] = [await shop.registerUser(), await shop.registerUser()];
  });
  afterEach(() => talkers.splice(0).forEach((talker) => talker.close()));
  after(async () => {
    await shop?.close();
    await redis?.close();
  });

  const connect = async (person, options) => {
    const talker = await Talker.connect(shop, person, options);
    talker.events = [];
    talker.socket.onAny((event, ...values) => talker.events.push([event, ...values]));
    talkers.push(talker);
    return talker;
  };
  const roomOf = ({ user }) => `user:${user.id}`;
  // What was heard up to an event for everybody that came last.
  const heardBy = async (...listeners) => {
    emitter.emit('that was all');
    return Promise.all(listeners.map(async (listener) => {
      await listener.hears('that was all');
      return listener.events.filter(([event]) => event !== 'that was all' && event !== 'presence');
    }));
  };

  test('everybody, a room, several rooms at once, all but a room or a socket', async () => {
    const [a, b] = [await connect(ann), await connect(ben)];
    emitter.emit('all', 1);
    emitter.to(roomOf(ann)).emit('one', 2);
    emitter.to([roomOf(ann), roomOf(ben)]).to(a.socket.id).emit('both', 3);
    emitter.except(roomOf(ben)).emit('not ben', 4);
    emitter.to(roomOf(ann)).except(a.socket.id).emit('nobody', 5);
    emitter.to('a room that nobody is in').emit('nobody', 6);
    emitter.volatile.emit('gladly', 7);
    assert.deepEqual(await heardBy(a, b), [
      [['all', 1], ['one', 2], ['both', 3], ['not ben', 4], ['gladly', 7]],
      [['all', 1], ['both', 3], ['gladly', 7]],
    ]);
  });

  test('a namespace of its own', async () => {
    const [guest, a] = [await connect(undefined, { space: '/storefront' }), await connect(ann)];
    emitter.of('/storefront').emit('sale', { percent: 20 });
    emitter.of('/nowhere').emit('sale', { percent: 90 });
    await guest.hears('sale');
    assert.deepEqual(guest.events, [['sale', { percent: 20 }]]);
    assert.deepEqual(await heardBy(a), [[]]);
  });

  test('every kind of value comes as a Node server would send it; bytes as bytes', async () => {
    const a = await connect(ann);
    const values = [null, true, -1, 0, 127, 128, 65_536, 2 ** 40, -(2 ** 40), 1.5, -2.5e-300, '', 'Grüße 🛒', 'x'.repeat(70_000),
      [], {}, { nested: [{ deep: 'enough' }] }, Array.from({ length: 300 }, (_, i) => i)];
    emitter.emit('values', ...values);
    emitter.emit('dates', new Date(0), new Date('2026-11-23T08:00:00.250Z'), { inside: new Date('1999-12-31T23:59:59.999Z') });
    emitter.emit('bytes', Buffer.from([0, 1, 255]), { inside: [randomBytes(300).fill(7)] }, 'beside');
    const [[first, dates, bytes]] = await heardBy(a);
    assert.deepEqual(first, ['values', ...values]);
    assert.deepEqual(dates.slice(1).map((date) => new Date(date.inside ?? date).getTime()),
      [0, Date.parse('2026-11-23T08:00:00.250Z'), Date.parse('1999-12-31T23:59:59.999Z')]);
    assert.deepEqual(bytes, ['bytes', Buffer.from([0, 1, 255]), { inside: [Buffer.alloc(300, 7)] }, 'beside']);
  });

  test('socketsJoin, socketsLeave and disconnectSockets', async () => {
    const [a, b] = [await connect(ann, { reconnection: false }), await connect(ben)];
    emitter.in(roomOf(ann)).socketsJoin(['vip', 'newsletter']);
    emitter.to('vip').emit('for vips', 1);
    emitter.to(['vip', 'newsletter']).emit('once', 2);
    emitter.in('vip').socketsLeave('vip');
    emitter.to('vip').emit('for vips', 3);
    assert.deepEqual(await heardBy(a, b), [[['for vips', 1], ['once', 2]], []]);
    emitter.in('newsletter').disconnectSockets();
    assert.equal((await a.hears('disconnect')).reason, 'io server disconnect');
    assert.deepEqual(await heardBy(b), [[]]);
  });

  test('RT-15: garbage on every channel of the adapter stops nothing', async () => {
    const a = await connect(ann);
    const publisher = await redis.client();
    const deep = (byte, levels) => Buffer.concat([Buffer.alloc(levels, byte), Buffer.from([0xc0])]);
    const packed = (text) => Buffer.concat([Buffer.from([0x93, 0xa1, 0x78]), text]); // ["x", …
    const rubbish = [
      '', '{', '[]', 'null', '{"type":2}', '{"type":99,"opts":{}}', '{"type":"2","opts":{"rooms":[]}}', '{"type":2,"opts":7,"rooms":{}}',
      '{"type":4,"opts":{"rooms":[{}]},"close":1}', `{"type":2,"opts":{"rooms":[]},"rooms":[${'['.repeat(5000)}`,
      deep(0x91, 100), deep(0x91, 200_000), deep(0x81, 100), // arrays in arrays
      Buffer.from([0xdd, 0xff, 0xff, 0xff, 0xff]), Buffer.from([0xdf, 0x7f, 0xff, 0xff, 0xff]), // four billion items, none of which comes
      Buffer.from([0xc6, 0xff, 0xff, 0xff, 0xff, 0]), Buffer.from([0xdb, 0x7f, 0xff, 0xff, 0xff, 0]), Buffer.from([0xc1]),
      packed(Buffer.from([0xc0, 0xc0])), packed(Buffer.from([0x80, 0x80])), packed(Buffer.from([0x01])),
      Buffer.alloc(2_000_000, 0x90), 'x'.repeat(2_000_000), randomBytes(100_000),
      ...Array.from({ length: 300 }, (_, i) => randomBytes(i)),
    ];
    const channels = ['socket.io#/#', 'socket.io#/#room#', 'socket.io#', 'socket.io#/nowhere#', 'socket.io-request#/#', 'socket.io-request#',
      'socket.io-nodes#presence#', 'socket.io-nodes#'];
    const before = await figure(shop, 'kontor_realtime_ignored_messages_total');
    for (const channel of channels) await Promise.all(rubbish.map((message) => publisher.publish(channel, message)));
    emitter.emit('still here', 1);
    await a.hears('still here');
    assert.ok((await figure(shop, 'kontor_realtime_ignored_messages_total')) - before > rubbish.length, 'it was heard, and counted');
    assert.deepEqual(await readiness(shop), [200, 'up']);
    assert.equal(await figure(shop, 'kontor_redis_losses_total'), 0);
    assert.deepEqual(await heardBy(a), [[['still here', 1]]], 'none of it was told to anybody');
  });

  test('a Redis that is away is told of once in the log, and its return as well; a wrong password in plain words', async () => {
    await redis.kill();
    await eventually(is('away', shop), 'the loss to be noticed');
    assert.deepEqual(await readiness(shop), [200, 'away']);
    assert.equal(await figure(shop, 'kontor_redis_up'), 0);
    await new Promise((resolve) => setTimeout(resolve, 1500)); // some tries fail meanwhile
    await redis.start();
    await eventually(is('up', shop), 'its return', { timeout_ms: 5000 });
    assert.equal(await figure(shop, 'kontor_redis_up'), 1);
    assert.equal(await figure(shop, 'kontor_redis_losses_total'), 1);
    const lines = shop.server.log.join('').split('\n').filter((line) => line.includes(' redis: '));
    assert.equal(lines.length, 3, lines.join('\n'));
    assert.match(lines[1], /is away: .*The shop goes on without it/);
    assert.match(lines[2], /is back after \d s/);
    assert.ok(!shop.server.log.join('').includes(encodeURIComponent('known to this test only')), 'no password in the log');

    const other = await TestShop.open({ settings: { redis_url: `redis://:wrong@127.0.0.1:${redis.port}`, log_level: 'info' } });
    try {
      await eventually(() => /redis: .* is away: .*WRONGPASS/.test(other.server.log.join('')), 'the reason in the log');
      assert.deepEqual(await readiness(other), [200, 'away']);
    } finally {
      await other.close();
    }
  });

  test('a Unix socket is as good, and a prefix keeps two shops on one Redis apart', async () => {
    const other = await TestShop.open({ settings: { redis_url: redis.unixUrl, redis_prefix: 'other-shop' } });
    const cal = await other.registerUser();
    try {
      await eventually(is('up', other), 'Redis');
      const [a, c] = [await connect(ann), await Talker.connect(other, cal)];
      talkers.push(c);
      emitter.emit('for the first shop');
      new Emitter(await redis.client(), { key: 'other-shop' }).emit('for the other shop');
      await Promise.all([a.hears('for the first shop'), c.hears('for the other shop')]);
      assert.deepEqual(await heardBy(a), [[['for the first shop']]]);
      assert.ok(!c.heard.some(({ event }) => event === 'for the first shop'));
    } finally {
      await other.close();
    }
  });
});
