// Pictures in a conversation through a whole server: taken in like those of products, seen by nobody but those who may
// read the conversation.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { png } from '../support/png.mjs';
import { TestShop, engine, password } from '../support/shop.mjs';
import { Talker } from '../support/talker.mjs';

const boundary = 'a-boundary-of-our-own';
const part = (disposition, content) => Buffer.concat([Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; ${disposition}\r\n\r\n`), content, Buffer.from('\r\n')]);
const form = (file, alt = 'The handle') => Buffer.concat([
  part('name="file"; filename="photo.png"', file), part('name="alt"', Buffer.from(alt)), Buffer.from(`--${boundary}--\r\n`)]);

describe(`pictures in chat (${engine})`, () => {
  let shop, client, ann, eve, mia, asked;
  before(async () => {
    shop = await TestShop.open();
    client = shop.client;
    [ann, eve, mia] = [await shop.registerUser({ name: 'Ann' }), await shop.registerUser({ name: 'Eve' }), await shop.hire('support')];
    asked = (await client.post('/v1/conversations', { kind: 'support' }, as(ann))).json;
  });
  after(() => shop?.close());

  const as = (person) => ({ token: person.access_token });
  const refused = (answer, status, code) => assert.deepEqual([answer.status, answer.json?.code], [status, code], answer.text);
  const upload = (person, body = form(png(900, 300, [200, 40, 40], { text: 'taken at home' })), { id } = asked) =>
    client.post(`/v1/conversations/${id}/pictures`, body, {
      ...as(person), timeout_ms: 60_000, headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
    });
  const look = (url, person) => client.get(url, { ...(person ? as(person) : {}), unchecked: true });

  test('a customer sends one, the team sees it live, and later in the history', async () => {
    const [customer, agent] = [await Talker.connect(shop, ann), await Talker.connect(shop, mia)];
    await agent.join(asked);
    const uploaded = await upload(ann);
    assert.equal(uploaded.status, 201, uploaded.text);
    const { id, alt, width, height, urls } = uploaded.json;
    assert.deepEqual([alt, width, height], ['The handle', 900, 300]);
    const message = { conversation_id: asked.id, text: 'It broke here:', picture_ids: [id], client_id: 'with-picture' };
    const sent = (await customer.must('message:send', message)).message;
    const heard = (await agent.hears('message:new', (news) => news.message.id === sent.id)).message;
    assert.deepEqual(heard.pictures, [uploaded.json]);
    assert.equal((await customer.must('message:send', message)).message.id, sent.id, 'sent again, it is the same');
    const history = (await client.get(`/v1/conversations/${asked.id}/messages`, as(mia))).json;
    assert.deepEqual(history.data[0].pictures, [uploaded.json]);

    const file = await look(urls.small, mia);
    assert.equal(file.status, 200);
    assert.deepEqual([file.headers['content-type'], file.bytes.toString('latin1', 8, 12)], ['image/webp', 'WEBP']);
    assert.match(file.headers['cache-control'], /^private/);
    assert.match(file.headers['content-security-policy'], /sandbox/);
    assert.equal(file.headers['x-content-type-options'], 'nosniff');
    assert.ok(!file.bytes.includes('taken at home'));
    assert.equal((await client.get(urls.small, { ...as(mia), unchecked: true, headers: { 'if-none-match': file.headers.etag } })).status, 304);
    for (const talker of [customer, agent]) talker.close();
  });

  test('nobody else sees it (SE-12)', async () => {
    const { id, urls } = (await upload(ann)).json;
    refused(await look(urls.thumb, mia), 404, 'not_found'); // not sent yet
    assert.equal((await look(urls.thumb, ann)).status, 200);
    const alone = await client.post(`/v1/conversations/${asked.id}/messages`, { picture_ids: [id] }, as(ann));
    assert.deepEqual([alone.status, alone.json.text], [201, ''], alone.text);
    assert.equal((await look(urls.thumb, mia)).status, 200);
    refused(await look(urls.thumb, eve), 404, 'not_found');
    refused(await look(urls.thumb), 401, 'unauthenticated');
    refused(await upload(eve), 404, 'not_found');
    const elsewhere = (await client.post('/v1/conversations', { kind: 'support' }, as(eve))).json;
    refused(await look(urls.thumb.replace(asked.id, elsewhere.id), eve), 404, 'not_found');
    const stolen = await client.post(`/v1/conversations/${elsewhere.id}/messages`, { picture_ids: [id] }, as(eve));
    assert.deepEqual([stolen.status, stolen.json.errors?.[0].field], [422, '/picture_ids/0']);
    for (const wrong of ['huge', '__proto__', '..']) refused(await look(urls.thumb.replace('thumb', wrong), ann), 404, 'not_found');
  });

  test('one that is taken back is gone', async () => {
    const { id, urls } = (await upload(ann)).json;
    const sent = (await client.post(`/v1/conversations/${asked.id}/messages`, { picture_ids: [id] }, as(ann))).json;
    const gone = await client.delete(`/v1/conversations/${asked.id}/messages/${sent.id}`, as(ann));
    assert.deepEqual(gone.json.pictures, []);
    refused(await look(urls.original, ann), 404, 'not_found');
  });

  test('those of somebody who has their account erased are gone, sent or not', async () => {
    const dan = await shop.registerUser({ name: 'Dan' });
    const talk = (await client.post('/v1/conversations', { kind: 'support' }, as(dan))).json;
    const [sent, unsent] = [(await upload(dan, undefined, talk)).json, (await upload(dan, undefined, talk)).json];
    await client.post(`/v1/conversations/${talk.id}/messages`, { picture_ids: [sent.id] }, as(dan));
    assert.equal((await look(sent.urls.thumb, mia)).status, 200);
    assert.equal((await client.delete('/v1/me', { ...as(dan), body: { password } })).status, 204);
    refused(await look(sent.urls.thumb, mia), 404, 'not_found');
    const [message] = (await client.get(`/v1/conversations/${talk.id}/messages`, as(mia))).json.data;
    assert.deepEqual(message.pictures, []);
    for (const { id } of [sent, unsent]) {
      const rows = await shop.server.sql(`select file from chat_picture_files where picture_id = '${id}'`);
      assert.equal(rows.trim(), '', 'no row keeps its files from the sweeper');
    }
  });

  test('what is no picture, too large or too many is refused', async () => {
    refused(await upload(ann, form(Buffer.from('<svg onload="alert(1)">'))), 415, 'unsupported_media_type');
    assert.equal((await upload(ann, form(png(1, 1, [0, 0, 0], { claimed: [60_000, 60_000] })))).status, 422);
    refused(await client.post(`/v1/conversations/${asked.id}/pictures`, { file: 'x' }, as(ann)), 415, 'unsupported_media_type');
    const many = Array.from({ length: 5 }, () => `pic_${'0'.repeat(26)}`);
    const answer = await client.post(`/v1/conversations/${asked.id}/messages`, { picture_ids: many }, as(ann));
    assert.deepEqual([answer.status, answer.json.errors?.[0].field], [422, '/picture_ids']);
    assert.equal((await client.post(`/v1/conversations/${asked.id}/messages`, { picture_ids: [] }, as(ann))).status, 422);
  });
});
