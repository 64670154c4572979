// Shoppers of a shop with several nodes who want their order whatever happens: no answer, or one that says "later", is asked
// again of the next node under the same key. See orders_under_way.mjs for those of a single server.
import assert from 'node:assert/strict';
import { eventually } from './eventually.mjs';
import { orderOf } from './shop.mjs';

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const pause_ms = 10; // between two tries

export class InsistentShoppers {
  // `shops`: the nodes, {client}. `patient`: answers that a cut or failover explains (5xx, 409) are asked again; else the first
  // answer must be an order. `timeout_ms`: of each try. `unchecked`: of a version that may tell more than the contract knows.
  // `email(n)`: of the n-th order. `also(order, n)`: what else its shopper does, see insist().
  constructor(shops, product, { count = 4, patient = true, timeout_ms, unchecked, email = () => undefined, also = async () => {} } = {}) {
    this.shops = shops;
    this.product = product;
    this.patient = patient;
    this.options = { timeout_ms, unchecked };
    this.email = email;
    this.also = also;
    this.acknowledged = new Map(); // order id → the order
    this.stopped = false;
    this.tries = 0;
    this.work = Promise.all(Array.from({ length: count }, () => this.#shop()));
    this.work.catch(() => {}); // finish() tells
  }

  // Resolves when that many more orders are acknowledged.
  async sell(some) {
    const goal = this.acknowledged.size + some;
    await Promise.race([this.work, eventually(() => this.acknowledged.size >= goal, `${some} more orders`)]);
  }

  async finish() {
    this.stopped = true;
    await this.work;
  }

  // RE-1, RE-3: what was acknowledged is there under its number, nothing is there besides, and the stock agrees.
  async audit(shop, stock_at_start) {
    const rows = (await shop.server.sql("select id || ' ' || number from orders")).split('\n').map((row) => row.split(' '));
    const stored = new Map(rows);
    for (const [id, { number }] of this.acknowledged) assert.equal(stored.get(id), String(number), `acknowledged order ${id}`);
    assert.equal(stored.size, this.acknowledged.size, 'one order for each key');
    assert.equal((await shop.stockOf(this.product)).available, stock_at_start - stored.size);
  }

  // The answer to `call(client, options)` of whatever node gives it with that status, `first` one asked before the others.
  async insist(first, call, status = 201) {
    for (let i = first; ; ++i) {
      try {
        const answer = await call(this.shops[i % this.shops.length].client, this.options);
        if (answer.status === status) return answer.json;
        assert.ok(this.patient && (answer.status >= 500 || answer.status === 409), answer.text);
      } catch (error) {
        const no_answer = this.options.timeout_ms !== undefined && /: no answer in /.test(error.message);
        if (!no_answer && (!error.code || error.code.startsWith('ERR_ASSERTION'))) throw error; // not the network: a broken contract
      }
      await pause(pause_ms);
    }
  }

  async #shop() {
    while (!this.stopped) {
      const n = ++this.tries;
      const items = [{ variant_id: this.product.variants[0].id, quantity: 1 }];
      const cart = await this.insist(n, (client, options) => client.post('/v1/carts', { items }, options));
      const email = this.email(n);
      const body = orderOf(cart, email ? { email } : {});
      const order = await this.insist(n + 1, (client, options) => client.post('/v1/orders', body, { key: `insist-${n}`, ...options }));
      this.acknowledged.set(order.id, order);
      await this.also(order, n);
    }
  }
}
