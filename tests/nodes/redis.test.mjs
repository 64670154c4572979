// Two servers that tell each other through Redis, beside a Socket.IO server of npm's on the same one; and what goes on
// when Redis goes. KONTOR_TEST_CUT_SECONDS=30 for a long cut.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { DatabaseProxy } from '../support/database_proxy.mjs';
import { eventually } from '../support/eventually.mjs';
import { RedisServer } from '../support/redis_server.mjs';
import { TestShop, engine, orderOf } from '../support/shop.mjs';
import { Talker } from '../support/talker.mjs';

const cut_ms = Number(process.env.KONTOR_TEST_CUT_SECONDS ?? 3) * 1000;
const back_within_ms = 5000;
const aloneOn = engine === 'sqlite' && 'one server owns an SQLite database';
const talkative = { chat_messages_burst: 10_000, chat_messages_per_minute: 60_000 };
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

describe(`two nodes and Redis (${engine})`, { skip: aloneOn }, () => {
  let redis, shop, a, b, ann, mia;
  const talkers = [];
  before(async () => {
    redis = await RedisServer.open();
    shop = await TestShop.open({ settings: { secret: 'known to both nodes, and to nobody else', log_level: 'warn', ...redis.settings, ...talkative } });
    b = await shop.addNode();
    a = { client: shop.client, port: shop.port, server: shop.server };
    [ann, mia] = [await shop.registerUser({ name: 'Ann' }), await shop.hire('support')];
    await redisIs('up');
  });
  afterEach(() => talkers.splice(0).forEach((talker) => talker.close()));
  after(async () => {
    await shop?.close();
    await redis?.close();
  });

  const connect = async (node, person, options) => {
    const talker = await Talker.connect(node, person, options);
    talkers.push(talker);
    return talker;
  };
  const readiness = async ({ client }) => {
    const answer = await client.get('/readyz', { unchecked: true });
    return `${answer.status} ${answer.json.redis}`;
  };
  const redisIs = (state) => Promise.all([a, b].map((node) =>
    eventually(async () => (await readiness(node)) === `200 ${state}`, `Redis to be ${state}`, { timeout_ms: back_within_ms })));
  const open = async (text) => {
    const opened = await a.client.post('/v1/conversations', { kind: 'support', text }, { token: ann.access_token });
    assert.equal(opened.status, 201, opened.text);
    return opened.json;
  };
  const typing = (talker) => talker.heard.filter(({ event }) => event === 'typing').map(({ active }) => active);

  test('who types on one node is told on the other and by npm\'s server, once each; who is there as well', async () => {
    const published = await redis.listen('socket.io#*');
    const peer = await redis.peer();
    const talk = await open('Hello?');
    peer.io.on('connection', (socket) => socket.join(`conversation:${talk.id}`));
    const agent = await connect(b, mia);
    const [customer, phone] = [await connect(a, ann), await connect(a, mia)];
    const outside = await connect(peer);
    for (const talker of [customer, agent, phone]) await talker.join(talk);
    await agent.hears('presence', (news) => news.user_id === ann.user.id && news.online);
    for (const active of [true, false]) agent.socket.emit('typing', { conversation_id: talk.id, active });
    for (const listener of [customer, phone, outside]) {
      await listener.hears('typing', ({ active }) => !active);
      assert.deepEqual(typing(listener), [true, false]);
    }
    assert.deepEqual(typing(agent), [], 'not to who types');
    assert.deepEqual(published.map(({ channel }) => channel), Array(2).fill(`socket.io#/#conversation:${talk.id}#`));
    customer.close();
    await agent.hears('presence', (news) => news.user_id === ann.user.id && !news.online);
  });

  test('what npm\'s server emits reaches the clients of both nodes, but for whom it excepts', async () => {
    const peer = await redis.peer();
    const [customer, agent, laptop] = [await connect(a, ann), await connect(b, mia), await connect(b, ann)];
    peer.io.to(`user:${ann.user.id}`).to(`user:${mia.user.id}`).except(laptop.socket.id).emit('hello', { bytes: Buffer.from('both') });
    peer.io.emit('the end');
    for (const talker of [customer, agent, laptop]) await talker.hears('the end');
    const heard = (talker) => talker.heard.filter(({ event }) => event === 'hello').map(({ bytes }) => String(bytes));
    assert.deepEqual([customer, agent, laptop].map(heard), [['both'], ['both'], []]);
    peer.io.in(`user:${mia.user.id}`).disconnectSockets();
    await agent.hears('disconnect');
  });

  // `lose` and `restore` do it to Redis.
  const goesOn = (what, lose, restore) =>
    test(`RT-15, RE-11: ${what} for ${cut_ms / 1000} s: no acknowledged message or order is lost, and all is well within ${back_within_ms / 1000} s`, { timeout: 120_000 + cut_ms }, async (t) => {
      const talk = await open('Are you there?');
      const [customer, agent] = [await connect(a, ann), await connect(b, mia)];
      for (const talker of [customer, agent]) await talker.join(talk);
      const product = await shop.createProduct({ stock: 1_000_000 });
      const [said, ordered] = [[], []];
      let stopped = false;
      const talking = (async () => {
        for (let i = 0; !stopped; ++i) {
          said.push((await (i % 2 ? customer : agent).say(talk, `word ${i}`)).text);
          await pause(20);
        }
      })();
      const buying = (async () => {
        for (let i = 0; !stopped; ++i) {
          const cart = await shop.fillCart(product);
          const placed = await (i % 2 ? a : b).client.post('/v1/orders', orderOf(cart));
          assert.equal(placed.status, 201, placed.text);
          ordered.push(placed.json.id);
          await pause(20);
        }
      })();
      const work = Promise.all([talking, buying]);
      work.catch(() => {}); // awaited below
      t.after(() => (stopped = true)); // whatever fails before
      await eventually(() => said.length >= 5 && ordered.length >= 5, 'words and orders');
      await lose();
      const before = { said: said.length, ordered: ordered.length };
      await redisIs('away');
      assert.match((await b.client.get('/metrics', { unchecked: true })).text, /^kontor_redis_up 0$/m);
      await pause(cut_ms);
      const meanwhile = { said: said.length, ordered: ordered.length };
      // Nodes go on telling each other, through the database.
      for (const active of [true, false]) agent.socket.emit('typing', { conversation_id: talk.id, active });
      await customer.hears('typing', ({ active }) => !active);
      assert.deepEqual(typing(customer), [true, false]);
      await restore();
      const restored = performance.now();
      await redisIs('up');
      const back_ms = Math.round(performance.now() - restored);
      stopped = true;
      await work;
      for (const talker of [customer, agent]) {
        const words = () => talker.texts().filter((text) => text.startsWith('word'));
        await talker.until('for every acknowledged message', () => words().length >= said.length);
        assert.deepEqual(words(), said, 'each once, in order');
      }
      assert.ok(performance.now() - restored < back_within_ms, 'all is delivered in time');
      assert.ok(meanwhile.said > before.said && meanwhile.ordered > before.ordered, 'chat and orders went on meanwhile');
      const stored = new Set((await shop.server.sql('select id from orders')).split('\n'));
      assert.deepEqual(ordered.filter((id) => !stored.has(id)), []);
      t.diagnostic(`Redis back ${back_ms} ms after its return; ${said.length} messages, ${meanwhile.said - before.said} while it was away; ${ordered.length} orders, ${meanwhile.ordered - before.ordered} while it was away`);
    });

  goesOn('Redis is killed and away', () => redis.kill(), () => redis.start());
  goesOn('Redis stands still (SIGSTOP)', () => redis.hang(), () => redis.wake());

  test('once all nodes have Redis again they tell each other by it', { timeout: 60_000 }, async () => {
    const published = await redis.listen('socket.io#*');
    const talk = await open('Still there?');
    const [customer, agent] = [await connect(a, ann), await connect(b, mia)];
    for (const talker of [customer, agent]) await talker.join(talk);
    let active = false;
    await eventually(() => {
      agent.socket.emit('typing', { conversation_id: talk.id, active: (active = !active) });
      return published.length > 0;
    }, 'the channel to be used', { every_ms: 300 });
    await customer.hears('typing');
  });
});

test(`a node that alone has lost Redis is spoken to through the database, and speaks so (${engine})`, { skip: aloneOn, timeout: 90_000 }, async (t) => {
  const redis = await RedisServer.open();
  const proxy = await DatabaseProxy.open(redis.url);
  const shop = await TestShop.open({ settings: { secret: 'known to both nodes, and to nobody else', log_level: 'warn', ...redis.settings } });
  const talkers = [];
  t.after(async () => {
    talkers.forEach((talker) => talker.close());
    await shop.close();
    await proxy.close();
    await redis.close();
  });
  const node = await shop.addNode({ settings: { redis_url: redis.url.replace(`:${redis.port}`, `:${proxy.port}`) } });
  const redisIs = (state, { client }) =>
    eventually(async () => (await client.get('/readyz', { unchecked: true })).json.redis === state, `Redis to be ${state}`);
  await Promise.all([redisIs('up', shop), redisIs('up', node)]);
  const [ann, mia] = [await shop.registerUser(), await shop.hire('support')];
  for (const [on, person] of [[shop, ann], [node, mia]]) talkers.push(await Talker.connect(on, person));
  const [customer, agent] = talkers;
  const opened = await shop.client.post('/v1/conversations', { kind: 'support', text: 'Can you hear me?' }, { token: ann.access_token });
  for (const talker of talkers) await talker.join(opened.json);
  let active = false;
  const typesUntilHeard = (from, to) => {
    const before = to.heard.length;
    return eventually(() => {
      from.socket.emit('typing', { conversation_id: opened.json.id, active: (active = !active) });
      return to.heard.slice(before).some(({ event }) => event === 'typing');
    }, 'typing to be heard', { every_ms: 250, timeout_ms: 15_000 });
  };
  await typesUntilHeard(customer, agent);
  proxy.break();
  await redisIs('away', node);
  await redisIs('up', shop);
  await typesUntilHeard(customer, agent); // once the node was heard in the database, with its next sign of life
  await typesUntilHeard(agent, customer);
  talkers.push(await Talker.connect(shop, await shop.registerUser()));
  await agent.hears('presence', (news) => news.user_id === talkers.at(-1).person.user.id && news.online);
});
