// Taking one's data along, having it erased, addresses by country, API keys of programs, staff search, the audit log.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { TestShop, address, engine, password, unique } from '../support/shop.mjs';

describe(`people (${engine})`, () => {
  let shop, client, admin;
  before(async () => {
    shop = await TestShop.open();
    client = shop.client;
    admin = await shop.signInAsAdmin();
  });
  after(() => shop?.close());

  const admin_id = () => shop.admin.user.id;
  const refused = (answer, status, code) => assert.deepEqual([answer.status, answer.json?.code], [status, code], answer.text);

  describe("one's own data", () => {
    test('can be taken along: profile, addresses, devices and orders, and nobody else\'s', async () => {
      const [ada, bob] = [await shop.registerUser(), await shop.registerUser()];
      const mug = await shop.createProduct();
      for (const person of [ada, bob]) {
        const token = person.access_token;
        await client.post('/v1/me/addresses', address({ line1: `Home of ${person.email}` }), { token });
        const order = await shop.placeOrder(await shop.fillCart(mug, 1, { token }), { token });
        person.order = order.id;
      }
      const { status, json, text } = await client.get('/v1/me/export', { token: ada.access_token });
      assert.equal(status, 200, text);
      assert.equal(json.profile.email, ada.email);
      assert.equal(json.addresses[0].line1, `Home of ${ada.email}`);
      assert.deepEqual(json.orders.map(({ id }) => id), [ada.order]);
      assert.equal(json.devices.length, 1);
      assert.ok(!text.includes(bob.email) && !text.includes(bob.order));
      assert.doesNotMatch(text, /argon2|hash|secret/i);
      refused(await client.get('/v1/me/export'), 401, 'unauthenticated');
    });

    test('holds what was said in the chat, whom they blocked, and orders placed as a guest with an address that is proven', async () => {
      const [ada, bob] = [await shop.registerUser({ name: 'Ada' }), await shop.registerUser({ name: 'Bob' })];
      const mug = await shop.createProduct();
      const guests = await shop.placeOrder(await shop.fillCart(mug), { email: ada.email.toUpperCase() });
      const bobs = await shop.placeOrder(await shop.fillCart(mug, 1, { token: bob.access_token }), { token: bob.access_token, email: ada.email });
      const talk = (await client.post('/v1/conversations', { kind: 'direct', participant_id: bob.user.id, text: 'Dear Bob' }, { token: ada.access_token })).json;
      await client.post(`/v1/conversations/${talk.id}/messages`, { text: 'Dear Ada' }, { token: bob.access_token });
      await client.put(`/v1/me/blocks/${admin_id()}`, undefined, { token: ada.access_token });
      const taken = async () => (await client.get('/v1/me/export', { token: ada.access_token })).json;
      const before = await taken();
      assert.deepEqual(before.conversations.map(({ id, messages }) => [id, messages.map(({ text }) => text)]), [[talk.id, ['Dear Ada', 'Dear Bob']]]);
      assert.deepEqual(before.blocks.map(({ user_id }) => user_id), [admin_id()]);
      assert.deepEqual(before.guest_orders, [], 'anybody can write her address into an order');
      await shop.server.sql(`update users set email_verified = 1 where id = '${ada.user.id}'`);
      const after = await taken();
      assert.deepEqual(after.guest_orders.map(({ id }) => id), [guests.id]);
      assert.ok(!JSON.stringify(after.orders).includes(bobs.id));
    });

    test('is erased from the chat and from orders placed as a guest; what others said stays', async () => {
      const [ada, bob, mia] = [await shop.registerUser({ name: 'Ada Gone' }), await shop.registerUser(), await shop.hire('support')];
      const guests = await shop.placeOrder(await shop.fillCart(await shop.createProduct()), { email: ada.email, note: 'Ring twice' });
      const word = unique('rumpelstilzchen').replaceAll('-', '');
      const open = async (body) => (await client.post('/v1/conversations', body, { token: ada.access_token })).json;
      const direct = await open({ kind: 'direct', participant_id: bob.user.id, text: `Dear Bob, ${word}` });
      await client.post(`/v1/conversations/${direct.id}/messages`, { text: 'Dear Ada' }, { token: bob.access_token });
      await client.post(`/v1/conversations/${direct.id}/report`, { message_id: direct.last_message.id, reason: 'Rude' }, { token: bob.access_token });
      await open({ kind: 'support', subject: `About ${word}`, text: `My ${word} is broken` });
      const found = () => client.get(`/v1/messages?q=${word}`, { token: mia.access_token });
      while ((await found()).json.data.length === 0) await new Promise((resolve) => setTimeout(resolve, 20)); // it is in the index
      await shop.server.sql(`update users set email_verified = 1 where id = '${ada.user.id}'`);
      assert.equal((await client.delete('/v1/me', { token: ada.access_token, body: { password } })).status, 204);

      const { json } = await client.get(`/v1/conversations/${direct.id}/messages`, { token: bob.access_token });
      assert.deepEqual(json.data.map(({ text, deleted_at }) => [text, deleted_at !== null]), [['Dear Ada', false], ['', true]]);
      assert.equal((await client.get(`/v1/conversations/${direct.id}`, { token: bob.access_token })).json.status, 'closed');
      assert.deepEqual((await found()).json.data, []);
      for (const table of ['messages', 'message_words', 'conversations', 'chat_reports']) {
        const rows = await shop.server.sql(`select * from ${table}`);
        assert.ok(!rows.includes(word), table);
      }
      const kept = await client.get(`/v1/orders/${guests.id}`, { token: admin });
      assert.deepEqual([kept.json.note, kept.json.shipping_address.name, kept.json.email], [null, 'Erased', 'erased@erased.invalid']);
    });

    test('of one person or of all is taken along by who may, with a second factor of the last minutes (SE-11), and that is recorded', async () => {
      const ada = await shop.registerUser({ name: 'Ada Exported' });
      await client.post('/v1/me/addresses', address({ city: 'Exportville' }), { token: ada.access_token });
      const all = [];
      for (let cursor; cursor !== null;) {
        const page = await client.post('/v1/users/export', { limit: 2, ...(cursor && { cursor }) }, { token: admin });
        assert.equal(page.status, 200, page.text);
        all.push(...page.json.data);
        cursor = page.json.next_cursor;
      }
      assert.equal(new Set(all.map(({ id }) => id)).size, all.length);
      assert.equal(all.find(({ id }) => id === ada.user.id).addresses[0].city, 'Exportville');
      assert.doesNotMatch(JSON.stringify(all), /argon2/);
      const one = await client.post(`/v1/users/${ada.user.id}/export`, {}, { token: admin });
      assert.deepEqual([one.status, one.json.profile.email, one.json.addresses.length], [200, ada.email, 1], one.text);
      const [entry] = (await client.get(`/v1/audit?target=/v1/users/${ada.user.id}/export`, { token: admin })).json.data;
      assert.equal(entry.actor, admin_id());
      assert.ok(!JSON.stringify(entry.after).includes(ada.email), 'the log holds no second copy');

      const other = await shop.server.command('admin', 'create', '--email', 'plain@example.com', '--password', password);
      assert.match(other, /is an admin now/);
      const plain = (await shop.signIn('plain@example.com')).access_token;
      const manager = (await shop.hire('manager')).access_token;
      for (const target of ['/v1/users/export', `/v1/users/${ada.user.id}/export`]) {
        refused(await client.post(target, {}, { token: plain }), 403, 'mfa_required');
        refused(await client.post(target, {}, { token: manager }), 403, 'forbidden');
        refused(await client.post(target, {}), 401, 'unauthenticated');
      }
    });

    test('is erased with the password (SE-11): the account is gone at once, its orders stay as nobody\'s', async () => {
      const ada = await shop.registerUser({ name: 'Ada Forgotten' });
      const token = ada.access_token;
      const mug = await shop.createProduct();
      await client.post('/v1/me/addresses', address(), { token });
      const order = await shop.placeOrder(await shop.fillCart(mug, 1, { token }), { token, note: 'Ring twice' });

      refused(await client.delete('/v1/me', { token, body: {} }), 422, 'validation_failed');
      refused(await client.delete('/v1/me', { token, body: { password: 'wrong horse' } }), 401, 'invalid_credentials');
      const erased = await client.delete('/v1/me', { token, body: { password } });
      assert.equal(erased.status, 204, erased.text);
      refused(await client.get('/v1/me', { token }), 401, 'unauthenticated');
      refused(await client.post('/v1/auth/login', { email: ada.email, password }), 401, 'invalid_credentials');
      assert.equal((await client.post('/v1/auth/refresh', { refresh_token: ada.refresh_token })).status, 401);

      const kept = await client.get(`/v1/orders/${order.id}`, { token: admin });
      assert.equal(kept.json.total.amount, order.total.amount);
      assert.deepEqual([kept.json.user_id, kept.json.note, kept.json.shipping_address.country], [null, null, 'GB']);
      for (const word of [ada.email, 'Ada', 'St James', 'SW1Y']) assert.ok(!kept.text.includes(word), word);
      refused(await client.get(`/v1/orders/${order.id}?email=erased@erased.invalid`), 404, 'not_found');
      assert.equal((await client.get(`/v1/users?q=${ada.email}`, { token: admin })).json.data.length, 0);

      const again = await shop.registerUser({ email: ada.email });
      assert.notEqual(again.user.id, ada.user.id, 'the address is free again');
    });

    test('of staff is not erased while they are staff', async () => {
      const sue = await shop.hire('support');
      refused(await client.delete('/v1/me', { token: sue.access_token, body: { password } }), 409, 'conflict');
    });
  });

  describe('addresses', () => {
    const bad = [
      ['a country that is none', { country: 'XX' }, '/country'],
      ['a British postal code in Germany', { country: 'DE' }, '/postal_code'],
      ['five letters in Britain', { postal_code: 'ABCDE' }, '/postal_code'],
      ['an American address without its state', { country: 'US', postal_code: '62704' }, '/region'],
    ];
    for (const [what, changes, field] of bad) {
      test(`${what} is refused at its member`, async () => {
        const { access_token: token } = await shop.registerUser();
        const answer = await client.post('/v1/me/addresses', address(changes), { token });
        refused(answer, 422, 'validation_failed');
        assert.equal(answer.json.errors[0].field, field);
      });
    }

    test('fit where the country\'s post says so, also in small letters, and a change is checked as a whole', async () => {
      const { access_token: token } = await shop.registerUser();
      const good = [
        { postal_code: 'sw1y 4jh' }, { country: 'DE', postal_code: '10115' }, { country: 'HK', region: 'Kowloon', postal_code: '-' },
        { country: 'US', region: 'IL', postal_code: '62704-1234' }, { country: 'JP', region: 'Tokyo', postal_code: '150-0001' },
      ];
      for (const changes of good) {
        const answer = await client.post('/v1/me/addresses', address(changes), { token });
        assert.equal(answer.status, 201, answer.text);
      }
      const { json } = await client.get('/v1/me/addresses', { token });
      const { id } = json.data.find(({ country }) => country === 'GB');
      refused(await client.patch(`/v1/me/addresses/${id}`, { country: 'FR' }, { token }), 422, 'validation_failed');
      assert.equal((await client.get(`/v1/me/addresses/${id}`, { token })).json.country, 'GB');
    });
  });

  describe('staff search', () => {
    test('finds by the beginnings of address, domain and words of the name, whatever their case, in pages', async () => {
      const word = unique('q').replaceAll('-', '');
      const people = [];
      for (let i = 0; i < 5; ++i) people.push(await shop.registerUser({ email: `p${i}@${word}.example`, name: `Ann${i} Öz${word}` }));
      const ids = people.map(({ user }) => user.id).reverse();
      const find = async (q) => (await client.get(`/v1/users?q=${encodeURIComponent(q)}`, { token: admin })).json.data.map(({ id }) => id);
      assert.deepEqual((await find(word)).sort(), [...ids].sort());
      assert.deepEqual((await find(`ÖZ${word}`)).sort(), [...ids].sort());
      assert.deepEqual(await find(`p3@${word}`), [people[3].user.id]);
      assert.deepEqual(await find(`öz${word} ann2`), [people[2].user.id]);
      assert.deepEqual(await find(`${word} nobody`), []);
      const seen = [];
      for (let cursor = ''; cursor !== null;) {
        const { json } = await client.get(`/v1/users?q=${word}&limit=2${cursor && `&cursor=${cursor}`}`, { token: admin });
        seen.push(...json.data.map(({ id }) => id));
        cursor = json.next_cursor;
      }
      assert.deepEqual(seen.sort(), [...ids].sort());
    });
  });

  describe('API keys', () => {
    const make = async (permissions, token = admin) => client.post('/v1/api-keys', { name: 'Warehouse', permissions }, { token });

    test('do what they were given and nothing else, until they are deleted', async () => {
      const made = await make(['orders:read', 'orders:write']);
      assert.equal(made.status, 201, made.text);
      assert.match(made.json.key, /^sk_[A-Za-z0-9_-]{43}$/);
      const key = made.json.key;
      const order = await shop.placeOrder(await shop.fillCart(await shop.createProduct()));
      assert.ok((await client.get('/v1/orders', { token: key })).json.data.some(({ id }) => id === order.id));
      const processed = await client.post(`/v1/orders/${order.id}/process`, {}, { token: key });
      assert.equal(processed.status, 200, processed.text);
      assert.equal(processed.json.timeline.at(-1).actor, made.json.id);
      refused(await client.post('/v1/products', {}, { token: key }), 403, 'forbidden');
      for (const target of ['/v1/me', '/v1/me/addresses', '/v1/auth/sessions', '/v1/me/export']) {
        refused(await client.get(target, { token: key }), 403, 'forbidden');
      }
      assert.equal((await client.delete(`/v1/api-keys/${made.json.id}`, { token: admin })).status, 204);
      refused(await client.get('/v1/orders', { token: key }), 401, 'unauthenticated');
      refused(await client.delete(`/v1/api-keys/${made.json.id}`, { token: admin }), 404, 'not_found');
    });

    test('are shown once and listed without their secret', async () => {
      const made = await make(['users:read']);
      const { json, text } = await client.get('/v1/api-keys', { token: admin });
      const listed = json.data.find(({ id }) => id === made.json.id);
      assert.deepEqual([listed.name, listed.permissions, listed.hint], ['Warehouse', ['users:read'], made.json.key.slice(0, 8)]);
      assert.ok(!text.includes(made.json.key));
      const again = { token: admin, key: unique('idem') };
      const first = await client.post('/v1/api-keys', { name: 'A', permissions: ['users:read'] }, again);
      const second = await client.post('/v1/api-keys', { name: 'A', permissions: ['users:read'] }, again);
      assert.notEqual(first.json.key, second.json.key, 'no Idempotency-Key stores a secret');
    });

    test('are made by who may, with what they may: nobody grants a permission they lack', async () => {
      const manager = await shop.hire('manager');
      refused(await make(['orders:read'], manager.access_token), 403, 'forbidden');
      const settings_only = (await make(['settings:write'])).json.key;
      const answer = await make(['users:write'], settings_only);
      assert.equal(answer.status, 403, answer.text); // no key gives a second factor, so none makes keys at all
      refused(await make([]), 422, 'validation_failed');
      refused(await make(['orders:everything']), 422, 'validation_failed');
      refused(await make(['chat:agent']), 422, 'validation_failed');
      refused(await make(undefined), 422, 'validation_failed');
    });

    test('of somebody who may do less now are void', async () => {
      const boss = await shop.hire('admin');
      const enrolled = await shop.enrol(boss);
      const made = await make(['users:read'], enrolled.access_token);
      assert.equal(made.status, 201, made.text);
      await client.patch(`/v1/users/${boss.user.id}`, { role: 'customer' }, { token: admin });
      const deadline = Date.now() + 20_000;
      while ((await client.get('/v1/users', { token: made.json.key })).status !== 401) assert.ok(Date.now() < deadline);
    });

    test('that are made up, cut or another kind of token are refused', async () => {
      const key = (await make(['users:read'])).json.key;
      for (const bad of ['sk_', 'sk_x', key.slice(0, -1), `${key}A`, key.toUpperCase(), `sk_${'A'.repeat(5000)}`]) {
        refused(await client.get('/v1/users', { token: bad }), 401, 'unauthenticated');
      }
    });

    test('outlive a crash', async () => {
      const key = (await make(['users:read'])).json.key;
      await shop.kill9AndRestart();
      assert.equal((await client.get('/v1/users', { token: key })).status, 200);
    });
  });

  describe('the audit log', () => {
    const entries = async (query) => (await client.get(`/v1/audit?${query}`, { token: admin })).json.data;

    test('tells who did what with a permission, before and after, and by which request', async () => {
      const ada = await shop.registerUser();
      const target = `/v1/users/${ada.user.id}`;
      const changed = await client.patch(target, { role: 'support' }, { token: admin, headers: { 'x-request-id': 'audit-test-1' } });
      assert.equal(changed.status, 200);
      const [entry, ...rest] = await entries(`target=${encodeURIComponent(target)}`);
      assert.equal(rest.length, 0);
      assert.deepEqual([entry.action, entry.actor, entry.request_id], ['PATCH /v1/users/{id}', shop.admin.user.id, 'audit-test-1']);
      assert.deepEqual([entry.before.role, entry.after.role], ['customer', 'support']);
      assert.equal((await entries(`actor=${ada.user.id}`)).length, 0);
    });

    test('holds no secret and no refusal, and nothing that people do to what is their own', async () => {
      const made = await client.post('/v1/api-keys', { name: 'Audited', permissions: ['users:read'] }, { token: admin });
      const of_keys = await entries('target=/v1/api-keys');
      assert.equal(of_keys[0].after.name, 'Audited');
      assert.ok(!JSON.stringify(of_keys).includes(made.json.key.slice(9)));
      const ada = await shop.registerUser();
      await client.patch('/v1/me', { name: 'Ada' }, { token: ada.access_token });
      await client.patch(`/v1/users/${ada.user.id}`, { disabled: true }, { token: ada.access_token });
      assert.equal((await entries(`actor=${ada.user.id}`)).length, 0);
      const order = await shop.placeOrder(await shop.fillCart(await shop.createProduct(), 1, ada.access_token && { token: ada.access_token }), { token: ada.access_token });
      await client.post(`/v1/orders/${order.id}/cancel`, {}, { token: ada.access_token });
      assert.equal((await entries(`actor=${ada.user.id}`)).length, 0);
    });

    test('is for the owner only (SE-12)', async () => {
      const manager = await shop.hire('manager');
      refused(await client.get('/v1/audit', { token: manager.access_token }), 403, 'forbidden');
      refused(await client.get('/v1/audit'), 401, 'unauthenticated');
    });

    test('is read in pages, newest first', async () => {
      const first = await client.get('/v1/audit?limit=2', { token: admin });
      const second = await client.get(`/v1/audit?limit=2&cursor=${first.json.next_cursor}`, { token: admin });
      const ids = [...first.json.data, ...second.json.data].map(({ id }) => id);
      assert.deepEqual(ids, [...new Set(ids)].sort().reverse());
    });

    test('passes `kontor audit verify`, which prints the head of the chain', async () => {
      const printed = await shop.server.command('audit', 'verify');
      assert.match(printed, /entries, none altered or missing/);
      const [, head] = /head (\d+:[0-9a-f]+)/.exec(printed);
      await client.patch(`/v1/users/${(await shop.registerUser()).user.id}`, { role: 'support' }, { token: admin });
      assert.match(await shop.server.command('audit', 'verify', '--head', head), /none altered or missing/);
      await assert.rejects(shop.server.command('audit', 'verify', '--head', head.replace(/.$/, (c) => (c === '0' ? '1' : '0'))));
    });
  });

  test('mass assignment: what a request may not set is refused, not ignored (SE-12)', async () => {
    const { access_token: token } = await shop.registerUser();
    const tries = [
      ['POST', '/v1/auth/register', { email: `${unique('m')}@example.com`, password, name: 'M', role: 'admin' }, '/role'],
      ['POST', '/v1/auth/register', { email: `${unique('m')}@example.com`, password, name: 'M', email_verified: true }, '/email_verified'],
      ['PATCH', '/v1/me', { permissions: ['users:write'] }, '/permissions'],
      ['PATCH', '/v1/me', { email_verified: true }, '/email_verified'],
      ['PATCH', '/v1/me', { pending_email: 'x@example.com' }, '/pending_email'],
      ['POST', '/v1/me/addresses', address({ user_id: 'usr_00000000000000000000000000' }), '/user_id'],
      ['POST', '/v1/auth/password/reset', { token: 'x', password, user_id: 'usr_00000000000000000000000000' }, '/user_id'],
    ];
    for (const [method, target, body, field] of tries) {
      const answer = await client.call(method, target, { body, token: target.includes('/auth/') ? undefined : token });
      refused(answer, 422, 'unknown_field');
      assert.equal(answer.json.errors[0].field, field);
    }
  });
});
