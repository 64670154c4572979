// The audit log tells of every write that somebody could do because of a permission: who, what, before and after, by which
// request. What else checks it: tests/support/audited.mjs, for every such write of every test.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { TestShop, engine, unique } from '../support/shop.mjs';

describe(`the audit log (${engine})`, () => {
  let shop, client, admin, sue, ann;
  before(async () => {
    shop = await TestShop.open({ settings: { webhook_targets: 'any' } });
    client = shop.client;
    admin = await shop.signInAsAdmin();
    sue = await shop.hire('support');
    ann = await shop.registerUser();
  });
  after(() => shop?.close());

  const operations = () => Object.entries(shop.contract.document.paths)
    .flatMap(([path, methods]) => Object.entries(methods).map(([method, operation]) => ({ name: `${method.toUpperCase()} ${path}`, path, method, operation })));

  test('every endpoint that needs a permission to write is one that the log tells of', () => {
    const writes = operations().filter(({ method, operation }) => method !== 'get' && /[Pp]ermission `/.test(operation.description ?? ''));
    assert.ok(writes.length > 40, `${writes.length}`);
    for (const { name, operation } of writes) assert.ok(operation['x-audited'], name);
  });

  test('and of each that changes what is there already, the log can tell how it stood before', () => {
    for (const { name, path, operation } of operations()) {
      if (!operation['x-audited'] || !path.includes('{')) continue;
      assert.ok(operation['x-audited'].before, `${name}: declare a GET of what it changes, at that path or a beginning of it (Api::resource_of)`);
    }
  });

  const call = async (method, target, body, token = admin) => {
    const answer = await client.call(method, target, { body, token, headers: { 'x-request-id': unique('audited') } });
    assert.ok(answer.status < 300, `${method} ${target}: ${answer.text}`);
    return answer;
  };
  // Its entries, the earliest first.
  const entriesOf = async (answer) => {
    const { json } = await client.get('/v1/audit?limit=10', { token: admin });
    return json.data.filter(({ request_id }) => request_id === answer.headers['x-request-id']).reverse();
  };
  const made = async (target, body, token) => (await call('POST', target, body, token)).json;

  // What is done, and what of it the log has to show: [before, after].
  const deeds = {
    'an account that is disabled': async () => [
      await call('PATCH', `/v1/users/${(await shop.registerUser()).user.id}`, { disabled: true }), ({ disabled }) => disabled, [false, true]],
    'a product that is renamed': async () => [
      await call('PATCH', `/v1/products/${(await shop.createProduct({ title: 'Old' })).id}`, { title: 'New' }), ({ title }) => title, ['Old', 'New']],
    'a variant whose price changes': async () => {
      const { id, variants } = await shop.createProduct({ price: 100 });
      return [await call('PATCH', `/v1/products/${id}/variants/${variants[0].id}`, { price: { amount: 200, currency: 'EUR' } }),
        (state) => (state.variants?.[0] ?? state).price.amount, [100, 200]];
    },
    'stock that is counted anew': async () => {
      const { variants } = await shop.createProduct({ stock: 5 });
      return [await call('POST', `/v1/variants/${variants[0].id}/stock`, { set: 9 }), (state) => state.stock?.on_hand ?? state.on_hand_after, [5, 9]];
    },
    'a category that moves': async () => [
      await call('PATCH', `/v1/categories/${(await made('/v1/categories', { name: 'Old', slug: unique('c') })).id}`, { name: 'New' }),
      ({ name }) => name, ['Old', 'New']],
    'an order that is cancelled by staff': async () => [
      await call('POST', `/v1/orders/${(await shop.placeOrder(await shop.fillCart(await shop.createProduct()))).id}/cancel`, {}),
      ({ status }) => status, ['pending', 'cancelled']],
    'a discount that is replaced': async () => {
      const code = unique('CODE');
      const discount = await made('/v1/discounts', { code, kind: 'percent', percent_ppm: 100_000 });
      return [await call('PUT', `/v1/discounts/${discount.id}`, { code, kind: 'percent', percent_ppm: 200_000 }), ({ percent_ppm }) => percent_ppm, [100_000, 200_000]];
    },
    'a tax rate that goes': async () => {
      const rate = await made('/v1/tax-rates', { name: 'VAT', country: 'FR', rate_ppm: 200_000 });
      return [await call('DELETE', `/v1/tax-rates/${rate.id}`), (state) => state?.rate_ppm, [200_000, undefined]];
    },
    'a webhook that is disabled': async () => {
      const hook = await made('/v1/webhooks', { url: 'http://127.0.0.1:9/', events: ['order.placed'] });
      return [await call('PATCH', `/v1/webhooks/${hook.id}`, { status: 'disabled' }), ({ status }) => status, ['enabled', 'disabled']];
    },
    'a key that is deleted': async () => [
      await call('DELETE', `/v1/api-keys/${(await made('/v1/api-keys', { name: 'Till', permissions: ['orders:read'] })).id}`), (state) => state?.name, ['Till', undefined]],
    'synonyms that are forgotten': async () => {
      const words = [unique('sofa'), unique('couch')];
      return [await call('DELETE', `/v1/search/synonyms/${(await made('/v1/search/synonyms', { words })).id}`), (state) => state?.words, [words, undefined]];
    },
    'a canned reply of the team': async () => {
      const { id } = await made('/v1/canned-replies', { title: 'Old', text: 'Hello' }, sue.access_token);
      return [await call('PATCH', `/v1/canned-replies/${id}`, { title: 'New' }, sue.access_token), ({ title }) => title, ['Old', 'New']];
    },
    'a conversation that is assigned': async () => {
      const { id } = await made('/v1/conversations', { kind: 'support', text: 'Hello?' }, ann.access_token);
      return [await call('PATCH', `/v1/conversations/${id}`, { assigned_to: sue.user.id }, sue.access_token), ({ assigned_to }) => assigned_to, [null, sue.user.id]];
    },
    'a conversation that somebody takes': async () => {
      const { id } = await made('/v1/conversations', { kind: 'support' }, ann.access_token);
      return [await call('POST', `/v1/conversations/${id}/take`, {}, sue.access_token), ({ assigned_to }) => assigned_to, [null, sue.user.id]];
    },
    'a report that is resolved': async () => {
      const conversation = await made('/v1/conversations', { kind: 'direct', participant_id: sue.user.id, text: 'Something rude' }, ann.access_token);
      const report = await made(`/v1/conversations/${conversation.id}/report`, { message_id: conversation.last_message.id, reason: 'Rude' }, sue.access_token);
      return [await call('POST', `/v1/chat-reports/${report.id}/resolve`, {}, sue.access_token), ({ status }) => status, ['open', 'resolved']];
    },
  };
  for (const [what, deed] of Object.entries(deeds)) {
    test(`tells before and after of ${what}`, async () => {
      const [answer, shown, states] = await deed();
      const [entry, ...more] = await entriesOf(answer);
      assert.ok(entry, 'there is an entry');
      assert.equal(more.length, 0);
      assert.deepEqual([shown(entry.before), shown(entry.after ?? undefined)], states, JSON.stringify(entry));
    });
  }

  test('tells of what takes several transactions when it begins and when it is done', async () => {
    const slug = unique('audited');
    const answer = await client.post('/v1/products/import', `slug,title,sku,price,currency\n${slug},Cup,${slug},1,EUR\n`, {
      token: admin, timeout_ms: 60_000, headers: { 'content-type': 'text/csv', 'x-request-id': slug } });
    assert.equal(answer.status, 200, answer.text);
    const [begun, done] = await entriesOf(answer);
    assert.deepEqual([begun.action, begun.after], [done.action, null]);
    assert.equal(done.after.created, 1);
  });

  test('keeps no secret, and nothing of what people say to each other', async () => {
    const hook = await made('/v1/webhooks', { url: 'http://127.0.0.1:9/', events: ['*'] });
    const { secret } = (await client.get(`/v1/webhooks/${hook.id}/secret`, { token: admin })).json;
    await call('POST', `/v1/webhooks/${hook.id}/rotate-secret`, {});
    const { key } = await made('/v1/api-keys', { name: 'Till', permissions: ['orders:read'] });
    const asked = await made('/v1/conversations', { kind: 'support', subject: 'My operation', text: 'My leg hurts' }, ann.access_token);
    await call('POST', `/v1/conversations/${asked.id}/take`, {}, sue.access_token);
    await call('PATCH', `/v1/conversations/${asked.id}`, { status: 'closed' }, sue.access_token);
    await made('/v1/conversations', { kind: 'support', participant_id: ann.user.id, text: 'Get well soon' }, sue.access_token);
    const rows = await shop.server.sql('select before, after from audit_log');
    for (const word of [secret, key.slice(9), 'My operation', 'My leg hurts', 'Get well soon', 'Something rude', 'argon2']) assert.ok(!rows.includes(word), word);
  });

  test('has an entry for what the owner does on the command line', async () => {
    await shop.server.command('keys', 'rotate');
    const [entry] = (await client.get('/v1/audit?actor=command%20line', { token: admin })).json.data;
    assert.equal(entry.action, 'keys rotate');
  });

  test('is described as it is', () => {
    const guide = readFileSync(new URL('../../docs/accounts.md', import.meta.url), 'utf8');
    assert.match(guide, /x-audited/);
  });
});
