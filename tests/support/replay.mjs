// Replays a ledger of invoices through the HTTP API at full speed, and audits what came of it.
import assert from 'node:assert/strict';
import { addressIn } from './shop.mjs';
import { listAllOrders } from './orders_under_way.mjs';

const pounds = (amount) => ({ amount, currency: 'GBP' });

async function inParallel(count, items, work) {
  const queue = items[Symbol.iterator]();
  await Promise.all(Array.from({ length: count }, async () => {
    for (let next = queue.next(); !next.done; next = queue.next()) await work(next.value);
  }));
}

export class Replay {
  constructor(shop, ledger, { connections = 64 } = {}) {
    this.shop = shop;
    this.ledger = ledger;
    this.connections = connections;
    this.variants = new Map(); // sku → {id, product_id}
    this.stock = new Map(); // sku → units it began with
    this.orders = 0;
  }

  // As many units as were ever sold, so that at the end nothing must be left.
  async createProducts() {
    const token = await this.shop.signInAsAdmin();
    let serial = 0;
    await inParallel(16, this.ledger.products(), async ({ code, title, variants }) => {
      const body = {
        title: title.slice(0, 300), slug: `retail-${++serial}`, status: 'active', attributes: { code },
        options: [{ name: 'Price', values: variants.map(({ price }) => String(price)) }],
        variants: variants.map(({ sku, price, sold }) => ({ sku, price: pounds(price), on_hand: sold, options: { Price: String(price) } })),
      };
      const answer = await this.shop.client.post('/v1/products', body, { token, unchecked: true });
      assert.equal(answer.status, 201, `${code}: ${answer.text}`);
      for (const { id, sku } of answer.json.variants) this.variants.set(sku, { id, product_id: answer.json.id });
      for (const { sku, sold } of variants) this.stock.set(sku, sold);
    });
  }

  // Returns the orders placed a second.
  async placeOrders() {
    const started = performance.now();
    await inParallel(this.connections, this.ledger.invoices.keys(), (invoice) => this.#placeInvoice(invoice));
    return this.orders / ((performance.now() - started) / 1000);
  }

  async #placeInvoice(invoice) {
    const { email, country } = this.ledger.invoices.get(invoice);
    let part = 0;
    for (const lines of this.ledger.carts(invoice)) {
      const items = lines.map(({ sku, quantity }) => ({ variant_id: this.variants.get(sku).id, quantity }));
      const cart = await this.shop.client.post('/v1/carts', { currency: 'GBP', items }, { unchecked: true });
      assert.equal(cart.status, 201, `${invoice}: ${cart.text}`);
      const body = { cart_id: cart.json.id, email, note: invoice, expected_total: cart.json.total, shipping_address: addressIn(country) };
      const order = await this.shop.client.post('/v1/orders', body, { key: `${invoice}-${++part}`, unchecked: true });
      assert.equal(order.status, 201, `${invoice}: ${order.text}`);
      ++this.orders;
    }
  }

  // A return puts its units back on the shelf, with the reason in the stock's ledger.
  async takeReturns() {
    const token = await this.shop.signInAsAdmin();
    await inParallel(this.connections, this.ledger.returns, async ({ invoice, sku, quantity }) => {
      const at = `/v1/variants/${this.variants.get(sku).id}/stock`;
      const answer = await this.shop.client.post(at, { adjust: quantity, reason: `Return ${invoice}` }, { token, unchecked: true });
      assert.equal(answer.status, 201, `${invoice}: ${answer.text}`);
    });
  }

  // Every invoice's total is the file's to the penny, everything was sold, and every stock ledger adds up to its shelf.
  async audit() {
    const totals = new Map();
    for (const { note, total, lines } of await listAllOrders(this.shop)) {
      assert.equal(lines.reduce((sum, line) => sum + line.total.amount, 0), total.amount);
      totals.set(note, (totals.get(note) ?? 0) + total.amount);
    }
    assert.equal(totals.size, this.ledger.invoices.size, 'as many invoices as the file has');
    for (const [invoice, { total }] of this.ledger.invoices) assert.equal(totals.get(invoice), total, `invoice ${invoice}`);
    const returned = new Map();
    for (const { sku, quantity } of this.ledger.returns) returned.set(sku, (returned.get(sku) ?? 0) + quantity);
    const token = await this.shop.signInAsAdmin();
    await inParallel(16, this.variants, async ([sku, { id }]) => {
      const [sold, back] = [this.stock.get(sku), returned.get(sku) ?? 0];
      const sums = { on_hand: 0, reserved: 0 };
      for (let cursor = ''; ;) {
        const page = (await this.shop.client.get(`/v1/variants/${id}/stock?limit=100${cursor}`, { token, unchecked: true })).json;
        for (const entry of page.data) {
          sums.on_hand += entry.on_hand_change;
          sums.reserved += entry.reserved_change;
        }
        if (!page.has_more) break;
        cursor = `&cursor=${page.next_cursor}`;
      }
      assert.deepEqual(sums, { on_hand: sold + back, reserved: sold }, `the ledger of ${sku}`);
    });
    return totals;
  }
}
