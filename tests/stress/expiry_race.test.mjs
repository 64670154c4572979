// The end of a checkout's hold against what happens at that moment: its own order, and somebody who waits for its units.
// KONTOR_TEST_ROUNDS=200 for a long run; the rounds run side by side, as each waits for its hold to end.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { TestShop, engine, orderOf } from '../support/shop.mjs';

const rounds = Number(process.env.KONTOR_TEST_ROUNDS ?? 20);
const holdSeconds = 5; // and the job that ends holds looks every five seconds
const units = 4;

const until = (ms) => new Promise((resolve) => setTimeout(resolve, Math.max(0, ms - Date.now())));

describe(`expiry against checkout, ${rounds} rounds (${engine})`, () => {
  let shop, client;
  before(async () => {
    shop = await TestShop.open({ settings: { log_level: 'warn', checkout_hold_seconds: holdSeconds, checkout_hold_max_seconds: holdSeconds } });
    client = shop.client;
  });
  after(() => shop?.close());

  // One cart holds all there is and orders some time around the end of its hold; a rival wants the same units.
  const round = async (product) => {
    const cart = await shop.fillCart(product, units);
    const held = await client.post(`/v1/carts/${cart.id}/checkout`, {});
    assert.equal(held.status, 200, held.text);
    const rival = await shop.fillCart(product, units);
    const early = await client.post('/v1/orders', orderOf(rival));
    assert.equal(early.json.code, 'out_of_stock', 'what is held is not for sale');
    const end = Date.parse(held.json.held_until);
    const last = end + 2 * holdSeconds * 1000;
    const owner = async () => {
      await until(end - 200 + Math.random() * (holdSeconds * 1000 + 400));
      return client.post('/v1/orders', orderOf(cart));
    };
    const buyer = async () => {
      for (;;) {
        await until(Math.max(Date.now(), end - 200) + 200 + Math.random() * 200);
        const answer = await client.post('/v1/orders', orderOf(rival));
        if (answer.status === 201 || Date.now() > last) return answer;
      }
    };
    const answers = await Promise.all([owner(), buyer()]);
    for (const { status, json, text } of answers) assert.ok(status === 201 || json.code === 'out_of_stock', text);
    return answers.map(({ status }) => status === 201);
  };

  test('one of the two gets the units, none are lost or sold twice (RE-1)', { timeout: 600_000 }, async (t) => {
    const products = [];
    for (let i = 0; i < rounds; ++i) products.push(await shop.createProduct({ stock: units }));
    const won = await Promise.all(products.map(round));
    for (const winners of won) assert.equal(winners.filter(Boolean).length, 1);
    for (const product of products) assert.deepEqual(await shop.stockOf(product), { on_hand: units, reserved: units, available: 0 });
    t.diagnostic(`${won.filter(([owner]) => owner).length} times the owner, ${won.filter(([, rival]) => rival).length} times the rival`);
  });
});
