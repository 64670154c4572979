// Shoppers who place orders without pause while a test does things to the server, and the audit of what is there in
// the end. A shopper whose answer is lost asks again with the same Idempotency-Key once the server is back.
import assert from 'node:assert/strict';
import { orderOf } from './shop.mjs';

// A small seeded generator (mulberry32), so that a failing run can be replayed.
export function seeded(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let word = Math.imul(state ^ (state >>> 15), 1 | state);
    word = (word + Math.imul(word ^ (word >>> 7), 61 | word)) ^ word;
    return ((word ^ (word >>> 14)) >>> 0) / 2 ** 32;
  };
}

export class Shoppers {
  constructor(shop, products, { count = 64, random = Math.random } = {}) {
    this.shop = shop;
    this.products = products;
    this.random = random;
    this.acknowledged = []; // {order, text, key, body, replayed}
    this.lost = []; // e-mail addresses of tries that were given up without an answer
    this.refused = []; // answers other than 201
    this.attempts = 0;
    this.stopped = false;
    this.down = null; // a promise while the server is away
    this.waiting = [];
    this.work = Promise.all(Array.from({ length: count }, () => this.#shop()));
    this.work.catch(() => {}); // reached() and finish() tell
  }

  // Resolves when that many orders have been acknowledged; rejects with what a shopper failed at.
  reached(total) {
    if (this.acknowledged.length >= total) return Promise.resolve();
    return Promise.race([this.work, new Promise((resolve) => this.waiting.push({ total, resolve }))]);
  }

  async finish() {
    this.stopped = true;
    await this.work;
  }

  async #shop() {
    while (!this.stopped) {
      const email = `try-${++this.attempts}@example.com`;
      const product = this.products[Math.floor(this.random() * this.products.length)];
      const quantity = 1 + Math.floor(this.random() * 3);
      const givesUp = this.random() < 0.1;
      const cart = await this.#insist(() => this.shop.client.post('/v1/carts', { items: [{ variant_id: product.variants[0].id, quantity }] }));
      if (!cart) continue;
      const key = `order-${email}`;
      const body = orderOf(cart.json, { email });
      const answer = await this.#insist(() => this.shop.client.post('/v1/orders', body, { key }), givesUp);
      if (!answer) this.lost.push(email);
      else if (answer.status === 201) {
        const replayed = answer.headers['idempotent-replayed'] === 'true';
        this.#acknowledge({ order: answer.json, text: answer.text, key, body, replayed });
      }
      else this.refused.push(answer);
    }
  }

  // Tries until there is an answer; once, if it `givesUp` or everybody goes home.
  async #insist(call, givesUp = false) {
    for (;;) {
      try {
        return await call();
      } catch (error) {
        if (!error.code) throw error; // not the network: a broken contract
        if (givesUp || (this.stopped && !this.down)) return undefined;
        await (this.down ?? new Promise(setImmediate));
      }
    }
  }

  #acknowledge(found) {
    this.acknowledged.push(found);
    this.waiting = this.waiting.filter(({ total, resolve }) => this.acknowledged.length < total || resolve());
  }
}

export async function listAllOrders(shop) {
  const token = await shop.signInAsAdmin();
  const orders = [];
  for (let cursor = ''; ;) {
    const page = await shop.client.get(`/v1/orders?limit=100${cursor}`, { token });
    assert.equal(page.status, 200, page.text);
    orders.push(...page.json.data);
    if (!page.json.has_more) return orders;
    cursor = `&cursor=${page.json.next_cursor}`;
  }
}

// RE-1, RE-2, RE-3: what was acknowledged is there as it was said, nothing is there twice, and the stock agrees.
export async function audit(shop, shoppers, stockAtStart, random = Math.random) {
  const stored = await listAllOrders(shop);
  const byId = new Map(stored.map((order) => [order.id, order]));
  for (const { order } of shoppers.acknowledged) {
    assert.deepEqual(byId.get(order.id), order, `acknowledged order ${order.number} is missing or changed`);
  }
  const emails = stored.map(({ email }) => email);
  assert.equal(new Set(emails).size, emails.length, 'a try has made two orders');
  assert.equal(new Set(stored.map(({ number }) => number)).size, stored.length, 'an order number is used twice');
  const known = new Set([...shoppers.acknowledged.map(({ order }) => order.email), ...shoppers.lost]);
  assert.deepEqual(emails.filter((email) => !known.has(email)), [], 'an order that nobody placed');

  for (const product of shoppers.products) {
    const sold = stored.flatMap(({ lines }) => lines).filter(({ product_id }) => product_id === product.id)
      .reduce((sum, { quantity }) => sum + quantity, 0);
    assert.deepEqual(await shop.stockOf(product), { on_hand: stockAtStart, reserved: sold, available: stockAtStart - sold }, product.title);
  }
  for (const { key, body, text } of shoppers.acknowledged) {
    if (random() >= 0.25) continue;
    const again = await shop.client.post('/v1/orders', body, { key });
    assert.deepEqual([again.status, again.headers['idempotent-replayed'], again.text], [201, 'true', text]);
  }
  return stored;
}
