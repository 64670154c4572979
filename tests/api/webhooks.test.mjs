// Webhooks as a receiver sees them, and the event feed.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { HookReceiver } from '../support/hook_receiver.mjs';
import { TestShop, engine } from '../support/shop.mjs';

describe(`webhooks (${engine})`, () => {
  let shop, token;
  before(async () => {
    shop = await TestShop.open({ settings: { webhook_targets: 'any' } });
    token = await shop.signInAsAdmin();
  });
  after(() => shop?.close());

  const hook = async (t, events, answer) => {
    const receiver = await HookReceiver.open();
    if (answer) receiver.answer = answer;
    const made = await shop.client.post('/v1/webhooks', { url: receiver.url, events }, { token });
    assert.equal(made.status, 201, made.text);
    t.after(async () => {
      await shop.client.delete(`/v1/webhooks/${made.json.id}`, { token });
      await receiver.close();
    });
    return { receiver, id: made.json.id, secretOf: async () => (await shop.client.get(`/v1/webhooks/${made.json.id}/secret`, { token })).json.secret };
  };
  const sell = async () => shop.placeOrder(await shop.fillCart(await shop.createProduct()));
  const act = async (order, what, body = {}) => {
    const answer = await shop.client.post(`/v1/orders/${order.id}/${what}`, body, { token });
    assert.equal(answer.status, 200, answer.text);
  };

  test('an order is told, signed so that the standard library believes it and nobody else can sign', async (t) => {
    const { receiver, secretOf } = await hook(t, ['order.placed']);
    const order = await sell();
    await receiver.until(({ taken }) => taken.length === 1);
    const [request] = receiver.requests;
    assert.equal(request.event.type, 'order.placed');
    assert.equal(request.event.subject, order.id);
    assert.equal(request.event.data.number, order.number);
    assert.equal(request.headers['webhook-id'], request.event.id);
    assert.match(request.event.id, /^evt_/);
    const secret = await secretOf();
    receiver.verify(request, secret);
    assert.throws(() => receiver.verify({ ...request, body: `${request.body} ` }, secret), /signature/i);
    const stale = { ...request.headers, 'webhook-timestamp': String(Number(request.headers['webhook-timestamp']) - 1) };
    assert.throws(() => receiver.verify({ ...request, headers: stale }, secret), /signature/i);
  });

  test('only what an endpoint asked for comes, each event once if it is taken', async (t) => {
    const { receiver } = await hook(t, ['order.shipped', 'product.*']);
    const order = await sell();
    await act(order, 'ship', { carrier: 'DHL', tracking_number: '1' });
    await receiver.until(({ taken }) => taken.some(({ type }) => type === 'order.shipped'));
    const types = receiver.taken.map(({ type }) => type);
    assert.deepEqual([...new Set(types)].filter((type) => type !== 'order.shipped' && !type.startsWith('product.')), []);
    const ids = receiver.taken.map(({ id }) => id);
    assert.equal(new Set(ids).size, ids.length);
  });

  test('a refused event comes again, and those of the same order wait behind it', async (t) => {
    let refusals = 1;
    const { receiver, id } = await hook(t, ['order.*'], ({ type }) => (type === 'order.placed' && refusals-- > 0 ? 500 : 200));
    const order = await sell();
    await act(order, 'process');
    await act(order, 'ship', { carrier: 'DHL', tracking_number: '1' });
    const other = await sell();
    await receiver.until(({ taken }) => taken.length === 4);
    const of = (subject) => receiver.taken.filter((event) => event.subject === subject).map(({ type }) => type);
    assert.deepEqual(of(order.id), ['order.placed', 'order.processing', 'order.shipped']);
    assert.equal(receiver.taken[0].subject, other.id, 'nobody else waits');
    const log = await shop.client.get(`/v1/webhooks/${id}/deliveries?limit=10`, { token });
    const twice = log.json.data.find(({ attempts }) => attempts === 2);
    assert.equal(twice.type, 'order.placed');
    assert.equal(twice.state, 'delivered');
  });

  test('what comes while one of the same order is on its way follows at once', async (t) => {
    let answer;
    const slow = new Promise((resolve) => (answer = resolve));
    const { receiver, id } = await hook(t, ['order.*'], async ({ type }) => {
      if (type === 'order.placed') await slow;
      return 200;
    });
    const deliveries = async () => (await shop.client.get(`/v1/webhooks/${id}/deliveries`, { token })).json.data;
    const order = await sell();
    await until(() => receiver.waitingFor > 0);
    await act(order, 'process');
    await until(async () => (await deliveries()).some(({ type }) => type === 'order.processing'));
    answer();
    await receiver.until(({ taken }) => taken.length === 2, 'the second event', 10_000);
    assert.deepEqual(receiver.taken.map(({ type }) => type), ['order.placed', 'order.processing']);
  });

  test('what happened first is told first, in whatever order the log is read', { skip: engine !== 'postgres' && 'one writer' }, async (t) => {
    const { receiver } = await hook(t, ['order.placed', 'order.shipped']);
    const [early, between] = [await shop.server.openSession(), await shop.server.openSession()];
    for (const session of [early, between]) await session.run('begin; select pg_current_xact_id()');
    const order = await sell();
    // An event about the order, written behind its placing by a transaction that began before it.
    await early.run(`insert into events (type, subject, payload, created_at)
      select 'order.shipped', subject, payload, created_at from events where type = 'order.placed' and subject = '${order.id}'; commit`);
    await new Promise((resolve) => setTimeout(resolve, 300)); // it can be read now, the placing can't
    assert.deepEqual(receiver.requests, []);
    await between.run('commit');
    await receiver.until(({ taken }) => taken.length === 2);
    assert.deepEqual(receiver.taken.map(({ type }) => type), ['order.placed', 'order.shipped']);
    for (const session of [early, between]) await session.end();
  });

  test('a redirect is a refusal, and is not followed', async (t) => {
    const { receiver, id } = await hook(t, ['order.placed'], () => 302);
    await sell();
    await receiver.until(({ requests }) => requests.length === 1);
    await until(async () => (await shop.client.get(`/v1/webhooks/${id}/deliveries?state=waiting`, { token })).json.data[0]?.last_status === 302);
    assert.equal(receiver.requests.length, 1);
  });

  test('a receiver that answers 410 is told nothing more', async (t) => {
    const { receiver, id } = await hook(t, ['order.placed'], () => 410);
    await sell();
    await until(async () => (await shop.client.get(`/v1/webhooks/${id}`, { token })).json.status === 'disabled');
    assert.equal(receiver.requests.length, 1);
    const enabled = await shop.client.patch(`/v1/webhooks/${id}`, { status: 'enabled' }, { token });
    assert.equal(enabled.json.status, 'enabled');
  });

  test('for a day after a rotation, both secrets verify', async (t) => {
    const { receiver, id, secretOf } = await hook(t, ['order.placed']);
    const old = await secretOf();
    assert.equal((await shop.client.post(`/v1/webhooks/${id}/rotate-secret`, undefined, { token })).status, 200);
    const fresh = await secretOf();
    assert.notEqual(fresh, old);
    await sell();
    await receiver.until(({ taken }) => taken.length === 1);
    for (const secret of [old, fresh]) receiver.verify(receiver.requests[0], secret);
  });

  test('a replay tells everything from one event on again, under the same ids', async (t) => {
    const { receiver, id } = await hook(t, ['order.placed']);
    const orders = [await sell(), await sell()];
    await receiver.until(({ taken }) => taken.length === 2);
    const from = receiver.taken.find(({ subject }) => subject === orders[1].id).id;
    const replay = await shop.client.post(`/v1/webhooks/${id}/replay`, { from }, { token });
    assert.equal(replay.status, 202, replay.text);
    await receiver.until(({ taken }) => taken.length === 3);
    assert.equal(receiver.taken[2].id, from);
  });

  test('RE-9: a server killed while it tells forgets no event', async (t) => {
    const { receiver } = await hook(t, ['order.placed']);
    const told = new Set();
    const orders = [];
    for (let kill = 0; kill < 3; ++kill) {
      orders.push(...(await Promise.all(Array.from({ length: 8 }, sell))));
      await shop.kill9AndRestart();
    }
    await receiver.until(({ taken }) => {
      for (const { subject } of taken) told.add(subject);
      return orders.every(({ id }) => told.has(id));
    }, 'a webhook for each order', 60_000);
  });

  test('bad input is refused, and others may not look', async () => {
    const refused = async (body, status, code) => {
      const answer = await shop.client.post('/v1/webhooks', body, { token });
      assert.equal(answer.status, status, answer.text);
      assert.equal(answer.json.errors?.[0]?.code ?? answer.json.code, code);
    };
    await refused({ url: 'nonsense', events: ['*'] }, 422, 'invalid_url');
    await refused({ url: 'https://me:secret@shop.example', events: ['*'] }, 422, 'invalid_url');
    await refused({ url: 'https://shop.example', events: [] }, 422, 'out_of_range');
    await refused({ url: 'https://shop.example', events: ['order.pl*'] }, 422, 'invalid_event');
    await refused({ url: 'https://shop.example', events: ['*'], secret: 'mine' }, 422, 'unknown_field');
    const manager = await shop.hire('manager');
    for (const path of ['/v1/webhooks', '/v1/events']) {
      assert.equal((await shop.client.get(path, { token: manager.access_token })).status, 403);
      assert.equal((await shop.client.get(path)).status, 401);
    }
    assert.equal((await shop.client.get('/v1/webhooks/whk_00000000000000000000000000', { token })).status, 404);
    assert.equal((await shop.client.get('/v1/events?after=evt_nonsense', { token })).status, 400);
  });

  test('the feed gives every event after a place, in pages', async () => {
    const orders = [await sell(), await sell()];
    const seen = [];
    for (let after = ''; ;) {
      const page = await shop.client.get(`/v1/events?type=order.placed&limit=5${after}`, { token });
      assert.equal(page.status, 200, page.text);
      seen.push(...page.json.data);
      after = `&after=${page.json.next}`;
      if (!page.json.has_more && orders.every(({ id }) => seen.some(({ subject }) => subject === id))) break;
    }
    const ids = seen.map(({ id }) => id);
    assert.deepEqual(ids, [...new Set(ids)].sort());
  });
});

test(`without leave, webhooks never reach into the shop's own network (SE-16, ${engine})`, async (t) => {
  const shop = await TestShop.open();
  t.after(() => shop.close());
  const token = await shop.signInAsAdmin();
  for (const url of ['http://shop.example/hooks', 'https://127.0.0.1/hooks', 'https://[::1]/hooks', 'https://169.254.169.254/latest']) {
    const answer = await shop.client.post('/v1/webhooks', { url, events: ['*'] }, { token });
    assert.equal(answer.status, 422, url);
    assert.equal(answer.json.errors[0].code, 'not_public');
  }
  // A name that leads inside shows only when it is connected to.
  const made = await shop.client.post('/v1/webhooks', { url: 'https://localhost:9/hooks', events: ['product.*'] }, { token });
  assert.equal(made.status, 201, made.text);
  await shop.createProduct();
  await until(async () => {
    const { json } = await shop.client.get(`/v1/webhooks/${made.json.id}/deliveries`, { token });
    return json.data[0]?.last_error === 'the address is not public';
  });
});

async function until(done, timeout_ms = 20_000) {
  const deadline = Date.now() + timeout_ms;
  while (!(await done())) {
    assert.ok(Date.now() < deadline, 'it did not come to that');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
