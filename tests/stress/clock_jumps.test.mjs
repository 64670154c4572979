// RE-12: somebody sets the clock of a shop that sells: an hour ahead, then an hour behind, then right again.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { eventually } from '../support/eventually.mjs';
import { listAllOrders } from '../support/orders_under_way.mjs';
import { patience } from '../support/server.mjs';
import { TestShop, engine, orderOf, password } from '../support/shop.mjs';
import { Talker } from '../support/talker.mjs';
import { totp } from '../support/totp.mjs';
import { WallClock } from '../support/wall_clock.mjs';

const hour_s = 3600;
const clocks = [0, hour_s, -hour_s, 0]; // seconds off, one after the other
const deedsEach = 3;
const half_minute_ms = 30_000; // of a TOTP step
const sanitized = patience > 1 && 'a sanitizer and libfaketime both replace what tells the time';

describe(`the clock jumps (${engine})`, { skip: sanitized }, () => {
  let shop, clock;
  before(async () => {
    clock = await WallClock.open();
    shop = await TestShop.open({ wrapper: clock.wrapper, settings: { log_level: 'error' } });
  });
  after(async () => {
    await shop?.close();
    await clock?.close();
  });

  const setClock = async (seconds) => {
    await clock.shift(seconds);
    const isThere = async () => Math.abs(Date.parse((await shop.client.get('/healthz')).headers.date) - clock.now_ms()) < 5000;
    await eventually(isThere, 'the server to know the time');
  };
  // Whoever's token has ended meanwhile gets another, as every client does.
  const tokenOf = async (person) => {
    const me = await shop.client.get('/v1/me', { token: person.access_token });
    if (me.status === 200) return person.access_token;
    assert.deepEqual([me.status, me.json.code], [401, 'token_expired'], me.text);
    const answer = await shop.client.post('/v1/auth/refresh', { refresh_token: person.refresh_token });
    assert.equal(answer.status, 200, answer.text);
    Object.assign(person, answer.json);
    return person.access_token;
  };
  // Signs in with an authenticator's code of the server's own time.
  const signInWithCode = async ({ email, secret }, at_ms = clock.now_ms()) => {
    const first = await shop.client.post('/v1/auth/login', { email, password });
    assert.equal(first.json.mfa_required, true, first.text);
    return shop.client.post('/v1/auth/mfa', { mfa_token: first.json.mfa_token, code: totp(secret, at_ms) });
  };

  test('RE-12: tokens, codes, orders, their numbers and events, and messages stay right', { timeout: 240_000 }, async () => {
    const product = await shop.createProduct({ stock: 1000 });
    const admin = { ...shop.admin };
    const ann = await shop.registerUser();
    const opened = await shop.client.post('/v1/conversations', { kind: 'support', text: 'first' }, { token: ann.access_token });
    const talker = await Talker.connect(shop, ann, { reconnection: false });
    await talker.join(opened.json);
    const placed = []; // {order, key, cart}, as they were acknowledged
    const said = [];
    for (const [turn, seconds] of clocks.entries()) {
      await setClock(seconds);
      for (let i = 0; i < deedsEach; ++i) {
        const [key, cart] = [`turn-${turn}-${i}`, await shop.fillCart(product)];
        placed.push({ key, cart, order: await shop.placeOrder(cart, { key }) });
        assert.ok(Math.abs(Date.parse(placed.at(-1).order.created_at) - clock.now_ms()) < 5000, 'the order tells the time of its clock');
        assert.equal((await shop.client.get('/v1/orders', { token: await tokenOf(ann) })).status, 200);
        if (talker.socket.connected) said.push(await talker.say(opened.json, `turn ${turn}, ${i}`, `turn-${turn}-${i}`));
      }
      shop.admin.access_token = await tokenOf(admin);
    }
    assert.equal(talker.socket.connected, true, 'what is due by the clock of the wall ends no connection');

    const { key, cart, order } = placed[0];
    const again = await shop.client.post('/v1/orders', orderOf(cart), { key });
    assert.deepEqual([again.status, again.json.id], [201, order.id]);
    assert.equal(new Set(placed.map(({ order: { id } }) => id)).size, placed.length);
    const numbers = placed.map(({ order: { number } }) => number);
    assert.deepEqual(numbers, [...numbers].sort((a, b) => a - b), 'later orders have greater numbers');
    assert.deepEqual((await listAllOrders(shop)).map(({ id }) => id).sort(), placed.map(({ order: { id } }) => id).sort(), 'no page leaves one out');
    const events = (await shop.client.get('/v1/events?limit=100&type=order.placed', { token: shop.admin.access_token })).json.data;
    const subjects = events.filter(({ type }) => type === 'order.placed').map(({ subject }) => subject);
    assert.deepEqual(subjects, placed.map(({ order: { id } }) => id), 'events stand in the order of what happened');
    assert.equal(said.length, clocks.length * deedsEach);
    const missed = await talker.join(opened.json, said[0].id);
    assert.deepEqual(missed.messages.map(({ id }) => id), said.slice(1).map(({ id }) => id), 'messages too, and none is missing');
    talker.close();
  });

  test('RE-12: a code counts once, however the clock is set back', { timeout: 120_000 }, async () => {
    await setClock(0);
    const mia = await shop.enrol(await shop.registerUser());
    await setClock(hour_s);
    const ahead_ms = clock.now_ms();
    const signedIn = await signInWithCode(mia, ahead_ms);
    assert.equal(signedIn.status, 200, signedIn.text);
    await setClock(0);
    assert.equal((await signInWithCode(mia, ahead_ms)).status, 401, 'of another time');
    await setClock(hour_s);
    assert.equal((await signInWithCode(mia, ahead_ms)).status, 401, 'used before');
    assert.equal((await signInWithCode(mia, ahead_ms + half_minute_ms)).status, 200, 'the next one counts');
  });

  test('RE-12: what a checkout holds is given back on time, and never sold twice', { timeout: 120_000 }, async () => {
    await setClock(0);
    const product = await shop.createProduct({ stock: 1 });
    const [early, late] = [await shop.fillCart(product), await shop.fillCart(product)];
    const checkOut = (cart) => shop.client.post(`/v1/carts/${cart.id}/checkout`, {});
    assert.equal((await checkOut(early)).status, 200);
    assert.equal((await shop.client.post('/v1/orders', orderOf(late))).status, 409, 'held for somebody else');
    await setClock(hour_s);
    await eventually(async () => (await shop.stockOf(product)).available === 1, 'the units to be given back');
    assert.equal((await checkOut(late)).status, 200);
    await setClock(0);
    assert.equal((await shop.client.post('/v1/orders', orderOf(early))).status, 409);
    assert.equal((await shop.client.post('/v1/orders', orderOf(late))).status, 201);
    assert.deepEqual(await shop.stockOf(product), { on_hand: 1, reserved: 1, available: 0 });
  });
});
