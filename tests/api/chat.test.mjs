// Conversations over REST: who may see them, messages once and in one order, and what slows a flood down.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { TestShop, engine } from '../support/shop.mjs';

describe(`chat (${engine})`, () => {
  let shop, client, ann, eve, mia;
  before(async () => {
    shop = await TestShop.open({ settings: { chat_messages_burst: 30 } });
    client = shop.client;
    [ann, eve, mia] = [await shop.registerUser({ name: 'Ann' }), await shop.registerUser({ name: 'Eve' }), await shop.hire('support')];
  });
  after(() => shop?.close());

  const as = (person) => ({ token: person.access_token });
  const refused = (answer, status, code) => assert.deepEqual([answer.status, answer.json?.code], [status, code], answer.text);
  const good = (answer, status = 200) => {
    assert.equal(answer.status, status, answer.text);
    return answer.json;
  };
  const open = async (person, body = { kind: 'support' }) => good(await client.post('/v1/conversations', body, as(person)), 201);
  const say = (person, { id }, text, client_id) => client.post(`/v1/conversations/${id}/messages`, { text, client_id }, as(person));

  test('a customer asks, an agent takes it, answers and closes it', async () => {
    const asked = await open(ann, { kind: 'support', subject: 'My mug', text: 'Where is it?' });
    assert.deepEqual([asked.status, asked.assigned_to, asked.last_message.text, asked.unread_count], ['open', null, 'Where is it?', 0]);

    const queue = good(await client.get('/v1/conversations?assigned_to=none&status=open', as(mia)));
    assert.ok(queue.data.some(({ id, unread_count }) => id === asked.id && unread_count === 1));
    assert.equal(good(await client.post(`/v1/conversations/${asked.id}/take`, {}, as(mia))).assigned_to, mia.user.id);
    const answer = good(await say(mia, asked, 'On its way.'), 201);
    assert.deepEqual([answer.sender.id, answer.sender.role], [mia.user.id, 'support']);

    const seen = good(await client.get(`/v1/conversations/${asked.id}`, as(ann)));
    assert.deepEqual(seen.participants.map(({ user_id }) => user_id).sort(), [ann.user.id, mia.user.id].sort());
    assert.equal(seen.unread_count, 1);
    assert.equal((await client.post(`/v1/conversations/${asked.id}/read`, { message_id: answer.id }, as(ann))).status, 204);
    assert.equal(good(await client.get(`/v1/conversations/${asked.id}`, as(ann))).unread_count, 0);
    assert.deepEqual(good(await client.get(`/v1/conversations/${asked.id}/messages`, as(mia))).data[0].read_by, [ann.user.id]);
    assert.equal(good(await client.patch(`/v1/conversations/${asked.id}`, { status: 'closed' }, as(mia))).status, 'closed');
    assert.ok(!good(await client.get('/v1/conversations?status=open', as(mia))).data.some(({ id }) => id === asked.id));
  });

  test("somebody else's conversation does not exist (SE-12)", async () => {
    const asked = await open(ann, { kind: 'support', text: 'Hello?' });
    const at = `/v1/conversations/${asked.id}`;
    const message = asked.last_message.id;
    refused(await client.get(at, as(eve)), 404, 'not_found');
    refused(await client.patch(at, { status: 'closed' }, as(eve)), 404, 'not_found');
    refused(await client.get(`${at}/messages`, as(eve)), 404, 'not_found');
    refused(await say(eve, asked, 'psst'), 404, 'not_found');
    refused(await client.post(`${at}/read`, { message_id: message }, as(eve)), 404, 'not_found');
    refused(await client.patch(`${at}/messages/${message}`, { text: 'psst' }, as(eve)), 404, 'not_found');
    refused(await client.delete(`${at}/messages/${message}`, as(eve)), 404, 'not_found');
    refused(await client.post(`${at}/take`, {}, as(eve)), 403, 'forbidden');
    refused(await client.get(at), 401, 'unauthenticated');
    assert.deepEqual(good(await client.get('/v1/conversations', as(eve))).data, []);
  });

  test('the same client_id is one message, however often and at once (RE-10)', async () => {
    const asked = await open(ann);
    const answers = await Promise.all(Array.from({ length: 12 }, () => say(ann, asked, 'Hello?', 'only-once')));
    for (const answer of answers) good(answer, 201);
    assert.equal(new Set(answers.map(({ json }) => json.id)).size, 1);
    assert.equal(good(await client.get(`/v1/conversations/${asked.id}/messages`, as(ann))).data.length, 1);
  });

  test('history comes in pages, backwards from the end and forwards from a message', async () => {
    const asked = await open(mia, { kind: 'direct', participant_id: (await shop.registerUser()).user.id });
    const sent = [];
    for (let i = 0; i < 7; ++i) sent.push(good(await say(mia, asked, `message ${i}`), 201).id);
    const pages = async (query) => {
      const seen = [];
      for (let cursor = ''; ; ) {
        const page = good(await client.get(`/v1/conversations/${asked.id}/messages?limit=3${query}${cursor}`, as(mia)));
        seen.push(...page.data.map(({ id }) => id));
        if (!page.has_more) return seen;
        cursor = `&cursor=${page.next_cursor}`;
      }
    };
    assert.deepEqual(await pages(''), [...sent].reverse());
    assert.deepEqual(await pages(`&after=${sent[1]}`), sent.slice(2));
    refused(await client.get(`/v1/conversations/${asked.id}/messages?after=msg_${'0'.repeat(26)}`, as(mia)), 400, 'invalid_parameter');
  });

  test('own messages can be corrected and taken back', async () => {
    const asked = await open(ann, { kind: 'support', text: 'Wher is it?' });
    const at = `/v1/conversations/${asked.id}/messages/${asked.last_message.id}`;
    assert.equal(good(await client.patch(at, { text: 'Where is it?' }, as(ann))).text, 'Where is it?');
    refused(await client.patch(at, { text: 'Nowhere' }, as(mia)), 403, 'forbidden');
    const deleted = good(await client.delete(at, as(ann)));
    assert.deepEqual([deleted.text, typeof deleted.deleted_at], ['', 'string']);
    refused(await client.delete(at, as(ann)), 404, 'not_found');
  });

  test('about an order: one that the customer sees', async () => {
    const order = await shop.placeOrder(await shop.fillCart(await shop.createProduct(), 1, as(ann)), as(ann));
    assert.equal((await open(ann, { kind: 'support', order_id: order.id })).order_id, order.id);
    const stolen = await client.post('/v1/conversations', { kind: 'support', order_id: order.id }, as(eve));
    refused(stolen, 422, 'validation_failed');
    assert.equal(stolen.json.errors[0].field, '/order_id');
  });

  test('somebody who is blocked can not write, and what they wrote can be reported', async () => {
    const [bob, troll] = [await shop.registerUser({ name: 'Bob' }), await shop.registerUser({ name: 'Troll' })];
    const talk = await open(troll, { kind: 'direct', participant_id: bob.user.id, text: 'You are a mug.' });
    const report = { message_id: talk.last_message.id, reason: 'Insults me' };
    const reported = good(await client.post(`/v1/conversations/${talk.id}/report`, report, as(bob)), 201);
    assert.deepEqual([reported.text, reported.status, reported.sender_id], ['You are a mug.', 'open', troll.user.id]);
    assert.equal(good(await client.post(`/v1/conversations/${talk.id}/report`, report, as(bob)), 201).id, reported.id);
    refused(await client.post(`/v1/conversations/${talk.id}/report`, report, as(eve)), 404, 'not_found');
    assert.equal((await client.post(`/v1/conversations/${talk.id}/report`, report, as(troll))).status, 422);

    assert.equal((await client.put(`/v1/me/blocks/${troll.user.id}`, {}, as(bob))).status, 204);
    assert.deepEqual(good(await client.get('/v1/me/blocks', as(bob))).data.map(({ user_id }) => user_id), [troll.user.id]);
    refused(await say(troll, talk, 'Hey!'), 403, 'forbidden');
    refused(await client.post('/v1/conversations', { kind: 'direct', participant_id: bob.user.id }, as(troll)), 403, 'forbidden');
    assert.equal((await client.delete(`/v1/me/blocks/${troll.user.id}`, as(bob))).status, 204);
    good(await say(troll, talk, 'Sorry.'), 201);

    await client.delete(`/v1/conversations/${talk.id}/messages/${talk.last_message.id}`, as(troll));
    const seen = good(await client.get('/v1/chat-reports', as(mia))).data.find(({ id }) => id === reported.id);
    assert.equal(seen.text, 'You are a mug.', 'taking it back does not take the complaint back');
    assert.equal(good(await client.post(`/v1/chat-reports/${reported.id}/resolve`, {}, as(mia))).resolved_by, mia.user.id);
    assert.ok(!good(await client.get('/v1/chat-reports', as(mia))).data.some(({ id }) => id === reported.id));
    refused(await client.get('/v1/chat-reports', as(bob)), 403, 'forbidden');
  });

  test('the team finds what was said by its words', async () => {
    const asked = await open(ann, { kind: 'support', text: 'The Äpfelkorb arrived BROKEN, on order 4711!' });
    const find = async (q) => good(await client.get(`/v1/messages?q=${encodeURIComponent(q)}`, as(mia))).data.map(({ id }) => id);
    const deadline = Date.now() + 10_000; // the index follows the event log
    while (!(await find('äpfelkorb')).length) {
      assert.ok(Date.now() < deadline, 'the message is not found');
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    assert.deepEqual(await find('broken 4711'), [asked.last_message.id]);
    assert.deepEqual(await find('broken 4712'), []);
    refused(await client.get('/v1/messages?q=broken', as(ann)), 403, 'forbidden');
    refused(await client.get('/v1/messages?q=%3F', as(mia)), 400, 'invalid_parameter');
  });

  test('the team keeps ready answers', async () => {
    const reply = good(await client.post('/v1/canned-replies', { title: 'Hours', text: 'We answer from 9 to 17.' }, as(mia)), 201);
    const at = `/v1/canned-replies/${reply.id}`;
    assert.equal(good(await client.patch(at, { title: 'Opening hours' }, as(mia))).text, 'We answer from 9 to 17.');
    assert.deepEqual(good(await client.get('/v1/canned-replies', as(mia))).data.map(({ title }) => title), ['Opening hours']);
    refused(await client.get('/v1/canned-replies', as(ann)), 403, 'forbidden');
    assert.equal((await client.delete(at, as(mia))).status, 204);
    refused(await client.delete(at, as(mia)), 404, 'not_found');
  });

  test('bad input is answered with what is wrong', async () => {
    const asked = await open(ann);
    for (const [body, field] of [
      [{ text: '' }, '/text'], [{ text: 'x'.repeat(4001) }, '/text'], [{ text: 7 }, '/text'], [{}, '/text'],
      [{ text: 'x', client_id: '' }, '/client_id'], [{ text: 'x', txet: 'y' }, '/txet'],
    ]) {
      const answer = await client.post(`/v1/conversations/${asked.id}/messages`, body, as(ann));
      assert.deepEqual([answer.status, answer.json.errors?.[0].field], [422, field], answer.text);
    }
    assert.equal((await client.post('/v1/conversations', { kind: 'group' }, as(ann))).status, 422);
    assert.equal((await client.post('/v1/conversations', { kind: 'direct' }, as(ann))).status, 422);
    refused(await client.get('/v1/conversations?assigned_to=nobody', as(mia)), 400, 'invalid_parameter');
    refused(await client.get('/v1/conversations?assigned_to=none', as(ann)), 403, 'forbidden');
    refused(await client.get('/v1/conversations/cnv_nonsense', as(ann)), 404, 'not_found');
    refused(await client.get('/v1/conversations?cursor=AAAA', as(ann)), 400, 'invalid_parameter');
  });

  test('a flood is slowed down, and says for how long (SE-13)', async () => {
    const [bot, asked] = [eve, await open(eve)];
    let answer;
    for (let i = 0; i < 60; ++i) {
      answer = await say(bot, asked, `buy now ${i}`);
      if (answer.status !== 201) break;
    }
    refused(answer, 429, 'rate_limited');
    assert.ok(Number(answer.headers['retry-after']) >= 1);
    good(await say(mia, asked, 'Others are not slowed down.'), 201);
  });
});
