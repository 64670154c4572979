// Chat with the official client: who hears what, once and in order, and what happens to those who may not.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { TestShop, engine } from '../support/shop.mjs';
import { Talker } from '../support/talker.mjs';

for (const transports of [['websocket'], ['polling'], ['polling', 'websocket']]) {
  describe(`chat over ${transports.join(' and ')} (${engine})`, () => {
    let shop, ann, eve, mia;
    const talkers = [];
    before(async () => {
      shop = await TestShop.open({ settings: { chat_messages_burst: 40 } });
      [ann, eve, mia] = [await shop.registerUser({ name: 'Ann' }), await shop.registerUser({ name: 'Eve' }), await shop.hire('support')];
    });
    afterEach(() => talkers.splice(0).forEach((talker) => talker.close()));
    after(() => shop?.close());

    const connect = async (person, options) => {
      const talker = await Talker.connect(shop, person, { transports, ...options });
      talkers.push(talker);
      return talker;
    };
    const post = async (person, path, body) => {
      const answer = await shop.client.post(path, body, { token: person.access_token });
      assert.ok(answer.status < 300, answer.text);
      return answer.json;
    };
    const open = (person, body = { kind: 'support' }) => post(person, '/v1/conversations', body);

    test('a customer and an agent talk: asked, answered, typed, read', async () => {
      const [customer, agent] = [await connect(ann), await connect(mia)];
      const asked = await open(ann, { kind: 'support', subject: 'My mug', text: 'Where is it?' });
      const queued = await agent.hears('conversation:new', ({ id }) => id === asked.id);
      assert.deepEqual([queued.subject, queued.unread_count], ['My mug', 1]);
      const { messages } = await agent.join(asked);
      assert.deepEqual(messages.map(({ text }) => text), ['Where is it?']);
      await customer.join(asked);

      agent.socket.emit('typing', { conversation_id: asked.id, active: true });
      const typing = await customer.hears('typing');
      assert.deepEqual([typing.user_id, typing.active], [mia.user.id, true]);
      const answer = await agent.say(asked, 'On its way.');
      const { message } = await customer.hears('message:new', (news) => news.message.id === answer.id);
      assert.deepEqual(message, answer);
      await customer.must('message:read', { conversation_id: asked.id, message_id: answer.id });
      const read = await agent.hears('message:read');
      assert.deepEqual([read.user_id, read.message_id], [ann.user.id, answer.id]);

      await shop.client.patch(`/v1/conversations/${asked.id}/messages/${answer.id}`, { text: 'It arrives today.' }, { token: mia.access_token });
      assert.equal((await customer.hears('message:updated')).message.text, 'It arrives today.');
      await shop.client.patch(`/v1/conversations/${asked.id}`, { status: 'closed' }, { token: mia.access_token });
      assert.equal((await customer.hears('conversation:updated')).status, 'closed');
    });

    test("who writes doesn't hear themselves twice; every device hears", async () => {
      const [phone, laptop] = [await connect(ann), await connect(ann)];
      const asked = await open(ann);
      await phone.join(asked);
      const sent = await phone.say(asked, 'Hello?');
      await laptop.hears('message:new', ({ message }) => message.id === sent.id);
      await phone.hears('message:new', ({ message }) => message.id === sent.id);
      assert.deepEqual(phone.texts(), ['Hello?']);
    });

    test('the same client_id is one message, and is announced once', async () => {
      const customer = await connect(ann);
      const asked = await open(ann);
      const sent = await Promise.all([1, 2, 3].map(() => customer.say(asked, 'Only once', 'one')));
      assert.equal(new Set(sent.map(({ id }) => id)).size, 1);
      await customer.say(asked, 'and more');
      await customer.hears('message:new', ({ message }) => message.text === 'and more');
      assert.deepEqual(customer.texts(), ['Only once', 'and more']);
    });

    test('what was missed comes with the join, gap-free', async () => {
      const [customer, agent] = [await connect(ann), await connect(mia)];
      const asked = await open(ann);
      const first = await customer.say(asked, 'message 0');
      customer.close();
      for (let i = 1; i < 6; ++i) await agent.say(asked, `message ${i}`);
      const back = await connect(ann);
      const { messages, has_more } = await back.join(asked, first.id);
      assert.deepEqual([messages.map(({ text }) => text), has_more], [[1, 2, 3, 4, 5].map((i) => `message ${i}`), false]);
    });

    test("somebody else's conversation does not exist (SE-12)", async () => {
      const [customer, stranger] = [await connect(ann), await connect(eve)];
      const asked = await open(ann, { kind: 'support', text: 'Private' });
      const { messages } = await customer.join(asked);
      const here = { conversation_id: asked.id };
      await stranger.refused('conversation:join', here, 'not_found');
      await stranger.refused('message:send', { ...here, text: 'psst', client_id: '1' }, 'not_found');
      await stranger.refused('message:read', { ...here, message_id: messages[0].id }, 'not_found');
      stranger.socket.emit('typing', { ...here, active: true });
      await customer.say(asked, 'Still private');
      await customer.hears('message:new', ({ message }) => message.text === 'Still private');
      assert.deepEqual(stranger.heard, []);
      assert.ok(!customer.heard.some(({ event }) => event === 'typing'));
    });

    test('bad input is refused in the ack, or by the event error, and the connection goes on', async () => {
      const customer = await connect(ann);
      const asked = await open(ann);
      await customer.refused('message:send', { conversation_id: asked.id, text: '' }, 'validation_failed');
      await customer.refused('message:send', { conversation_id: asked.id, text: 'x', typo: 1 }, 'unknown_field');
      await customer.refused('message:send', 'hello', 'validation_failed');
      await customer.refused('conversation:join', { conversation_id: asked.id, after: `msg_${'0'.repeat(26)}` }, 'not_found');
      customer.socket.emit('message:send');
      await customer.hears('error', ({ code, message }) => code === 'validation_failed' && message);
      customer.socket.emit('message:read', { conversation_id: asked.id, message_id: `msg_${'0'.repeat(26)}` });
      await customer.hears('error', ({ code }) => code === 'not_found');
      customer.heard.length = 0;
      customer.socket.emit('typing', null);
      await customer.hears('error', ({ code }) => code === 'validation_failed');
      customer.socket.emit('auth:refresh', { token: 'nonsense' });
      await customer.hears('error', ({ code }) => code === 'unauthenticated');
      assert.equal((await customer.say(asked, 'Fine.')).text, 'Fine.');
    });

    test('presence: the first device on, the last device off', async () => {
      const [bob, kim] = [await shop.registerUser({ name: 'Bob' }), await shop.registerUser({ name: 'Kim' })];
      const talk = await open(bob, { kind: 'direct', participant_id: kim.user.id });
      const [agent, friend] = [await connect(mia), await connect(kim)];
      const phone = await connect(bob);
      const ofBob = (online) => (news) => news.user_id === bob.user.id && news.online === online;
      for (const other of [friend, agent]) await other.hears('presence', ofBob(true));
      const laptop = await connect(bob);
      assert.ok((await friend.join(talk)).online.includes(bob.user.id));
      phone.close();
      await laptop.join(talk);
      laptop.close();
      await friend.hears('presence', ofBob(false));
      const news = friend.heard.filter(({ event, user_id }) => event === 'presence' && user_id === bob.user.id);
      assert.deepEqual(news.map(({ online }) => online), [true, false]);
    });

    test('a flood is slowed down (SE-13)', async () => {
      const bot = await connect(eve);
      const asked = await open(eve);
      let ack;
      for (let i = 0; i < 80; ++i) {
        ack = await bot.ask('message:send', { conversation_id: asked.id, text: `buy now ${i}` });
        if (!ack.ok) break;
      }
      assert.deepEqual([ack.ok, ack.error?.code], [false, 'rate_limited']);
      const customer = await connect(ann);
      await customer.say(await open(ann), 'Others are not slowed down.');
    });
  });
}

describe(`who may connect (${engine})`, () => {
  let shop, ann;
  before(async () => {
    shop = await TestShop.open({ settings: { access_token_seconds: 10 } });
    ann = await shop.registerUser();
  });
  after(() => shop?.close());

  test('nobody without a token, or with one that is no good', async () => {
    for (const person of [undefined, { access_token: 'nonsense' }, { access_token: 7 }]) {
      const talker = new Talker(shop, person, { reconnection: false });
      await assert.rejects(talker.connected(), (error) => error.data?.code === 'unauthenticated');
      talker.close();
    }
  });

  test('a token that ends is warned of; a new one keeps the connection, an old one ends it', async () => {
    const short = await shop.signIn(ann.email);
    const [careful, careless] = [await Talker.connect(shop, short), await Talker.connect(shop, short, { reconnection: false })];
    await careful.hears('auth:expiring');
    const { expires_at } = await careless.hears('auth:expiring');
    const lasting = Date.parse(expires_at) - Date.now() - 4_000; // a new one from now on outlives the old one by far
    await new Promise((resolve) => setTimeout(resolve, lasting));
    const fresh = await shop.signIn(ann.email);
    await careful.must('auth:refresh', { token: fresh.access_token });
    await careless.hears('disconnect');
    assert.ok(careful.socket.connected);
    careful.close();
  });

  test('logging out ends the connections of that session at once (SE-10)', async () => {
    const [here, elsewhere] = [await shop.signIn(ann.email), await shop.signIn(ann.email)];
    const [gone, stays] = [await Talker.connect(shop, here, { reconnection: false }), await Talker.connect(shop, elsewhere)];
    await shop.client.post('/v1/auth/logout', { refresh_token: here.refresh_token });
    await gone.hears('disconnect');
    assert.ok(stays.socket.connected);
    stays.close();
  });
});

describe(`news of the shop (${engine})`, () => {
  let shop, ann, mia;
  before(async () => {
    shop = await TestShop.open();
    [ann, mia] = [await shop.registerUser(), await shop.hire('support')];
  });
  after(() => shop?.close());

  test('an order tells its customer and staff, and nobody else', async () => {
    const [customer, staff, other] = [await Talker.connect(shop, ann), await Talker.connect(shop, mia), await Talker.connect(shop, await shop.registerUser())];
    const token = ann.access_token;
    const order = await shop.placeOrder(await shop.fillCart(await shop.createProduct(), 1, { token }), { token });
    await staff.hears('order:new', (news) => news.order.id === order.id);
    await shop.moveOrder(order, 'process');
    for (const talker of [customer, staff]) await talker.hears('order:updated', (news) => news.order.status === 'processing');
    assert.ok(!customer.heard.some(({ event }) => event === 'order:new'));
    assert.deepEqual(other.heard, []);
    for (const talker of [customer, staff, other]) talker.close();
  });

  test('a guest watches the stock of a product', async () => {
    const product = await shop.createProduct({ stock: 5 });
    const guest = await Talker.connect(shop, undefined, { space: '/storefront' });
    const { stock } = await guest.must('product:watch', { product_id: product.id });
    assert.deepEqual(stock.variants, [{ variant_id: product.variants[0].id, available: 5 }]);
    await shop.placeOrder(await shop.fillCart(product, 2));
    await guest.hears('stock', ({ variants }) => variants[0].available === 3);
    await guest.must('product:unwatch', { product_id: product.id });
    await guest.refused('product:watch', { product_id: `prd_${'0'.repeat(26)}` }, 'not_found');
    guest.close();
  });
});
