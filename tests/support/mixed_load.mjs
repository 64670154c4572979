// All that goes on in a shop of several nodes at once, while a test does things to them: people order, cancel and look, others
// write to each other, a web server hears of the orders and a mail server gets the letters; and the audit of what is there in
// the end.
import assert from 'node:assert/strict';
import { ChatWriter, auditConversation, countAcknowledged } from './chat_writers.mjs';
import { eventually } from './eventually.mjs';
import { HookReceiver } from './hook_receiver.mjs';
import { InsistentShoppers } from './insistent_shoppers.mjs';
import { Mailbox } from './mailbox.mjs';
import { listAllOrders } from './orders_under_way.mjs';

const stock_at_start = 1_000_000;
const hook_answered_after_ms = 100; // so that some are under way at any moment
const hooks_under_way_max = 8; // of one node
const letters_under_way_max = 1;
const hook_lease_ms = 30_000; // what a node was about to send when it died waits for so long
const letter_lease_ms = 90_000;
const surely_sent_ms = 10_000; // no living node is at one letter for so long
const a_while_ms = 60_000;
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

export class MixedLoad {
  // The two servers around the shop, whose `settings` the shop needs before it opens.
  static async open() {
    const load = new MixedLoad();
    load.receiver = await HookReceiver.open();
    load.receiver.answer = () => pause(hook_answered_after_ms).then(() => 204);
    load.mailbox = await Mailbox.open();
    return load;
  }

  constructor() {
    this.writers = []; // one on each node
    this.cancelled = new Map(); // order id → the order
  }

  get settings() {
    return { ...this.mailbox.settings, webhook_targets: 'any', chat_messages_burst: 1_000_000 };
  }

  // `shop`: a TestShop. `nodes`: all that are to be asked, {client, port}. The options go to InsistentShoppers.
  async begin(shop, nodes, { patient, ...options } = {}) {
    this.shop = shop;
    this.token = await shop.signInAsAdmin();
    const hook = await shop.client.post('/v1/webhooks', { url: this.receiver.url, events: ['order.placed'] }, { token: this.token });
    assert.equal(hook.status, 201, hook.text);
    this.product = await shop.createProduct({ stock: stock_at_start });
    this.customer = await shop.registerUser();
    const agent = await shop.hire('support');
    const opened = await shop.client.post('/v1/conversations', { kind: 'support', text: 'first' }, { token: this.customer.access_token });
    assert.equal(opened.status, 201, opened.text);
    this.writers = nodes.map((node, i) => new ChatWriter(node, i % 2 ? this.customer : agent, opened.json, `writer-${i}`, { patient }));
    const also = (order, n) => this.#cancelSomeAndLook(order, n);
    this.shoppers = new InsistentShoppers(nodes, this.product, { patient, email: (n) => `buyer-${n}@example.com`, also, ...options });
    this.writing = Promise.all(this.writers.map((writer) => writer.write()));
    this.writing.catch(() => {}); // sell() and finish() tell
  }

  // Order id → the order.
  get acknowledged() {
    return this.shoppers.acknowledged;
  }

  // Resolves when that many more orders are acknowledged.
  sell(some) {
    return Promise.race([this.writing, this.shoppers.sell(some)]);
  }

  // Resolves when each writer has had one more acknowledgement, of its own node.
  async chat(timing) {
    const before = this.writers.map(({ acknowledged }) => acknowledged.size);
    const all = () => this.writers.every(({ acknowledged }, i) => acknowledged.size > before[i]);
    await Promise.race([this.writing, eventually(all, 'an acknowledgement on each node', timing)]);
  }

  async finish() {
    await this.shoppers.finish();
    this.writers.forEach((writer) => writer.stop());
    await this.writing;
  }

  // RE-1, RE-3, RE-9, RE-10: what was acknowledged is there and nothing besides, the stock agrees, and everybody was told. `blows`:
  // how many times a node lost what it was at, which may come again under the id of the first. Tells what there was.
  async audit(blows) {
    const orders = await listAllOrders(this.shop);
    const named = (list) => list.map(({ id, number }) => `${id} ${number}`).sort();
    assert.deepEqual(named(orders), named([...this.acknowledged.values()]), 'each try has made one order, and it is there');
    assert.deepEqual(named(orders.filter(({ status }) => status === 'cancelled')), named([...this.cancelled.values()]));
    const sold = orders.length - this.cancelled.size;
    assert.deepEqual(await this.shop.stockOf(this.product), { on_hand: stock_at_start, reserved: sold, available: stock_at_start - sold });
    await auditConversation(this.shop.client, this.customer.access_token, this.writers);
    const hooks_again = await this.#auditWebhooks(orders, blows);
    const letters_again = await this.#auditLetters(blows);
    return `${orders.length} orders, ${this.cancelled.size} cancelled, ${countAcknowledged(this.writers)} messages; ` +
      `${this.receiver.taken.length} webhooks, ${hooks_again} of them again; ${this.#letters().length} letters, ${letters_again} of them again`;
  }

  async close() {
    this.writers.forEach((writer) => writer.close());
    await this.receiver.close();
    await this.mailbox.close();
  }

  // Each step is asked of another node than the one before.
  async #cancelSomeAndLook(order, n) {
    await this.shoppers.insist(n + 1, (client, options) => client.get(`/v1/products/${this.product.id}`, options), 200);
    const path = `/v1/orders/${order.id}`;
    if (n % 5 === 0) {
      await this.shoppers.insist(n + 2, (client, options) => client.post(`${path}/cancel`, {}, { token: this.token, key: `cancel-${n}`, ...options }), 200);
      this.cancelled.set(order.id, order);
    }
    const seen = await this.shoppers.insist(n + 3, (client, options) => client.get(path, { token: this.token, ...options }), 200);
    assert.equal(seen.id, order.id, 'the next node knows it');
  }

  // Once all are settled nothing comes again.
  async #auditWebhooks(orders, blows) {
    const waiting = async () => Number(await this.shop.server.sql("select count(*) from webhook_deliveries where state = 'waiting'"));
    const all = async () => this.receiver.subjects.size >= orders.length && (await waiting()) === 0;
    await eventually(all, 'a webhook for each order', { timeout_ms: hook_lease_ms + a_while_ms, every_ms: 200 });
    const { taken } = this.receiver;
    assert.deepEqual([...this.receiver.subjects].sort(), orders.map(({ id }) => id).sort(), 'each order is told');
    const told = new Set(taken.map(({ id }) => id));
    assert.equal(told.size, orders.length, 'a second telling has the id of the first');
    const again = taken.length - told.size;
    assert.ok(again <= hooks_under_way_max * blows, `${again} webhooks came again`);
    return again;
  }

  async #auditLetters(blows) {
    const wanted = [...this.acknowledged.values(), ...this.cancelled.values()].map(({ email }) => email).sort();
    const written = () => new Map(this.#letters().map(({ messageId, envelope }) => [messageId, envelope.rcptTo[0].address]));
    const all = async () => {
      // What a node was about to deliver when it died needn't wait for as long as it would.
      const forgotten_until = Date.now() + letter_lease_ms - surely_sent_ms;
      const waiting = await this.shop.server.sql(`update mail_outbox set next_try_at = 0 where state = 'waiting' and attempts > 0 and next_try_at < ${forgotten_until};
        select count(*) from mail_outbox where state = 'waiting'`);
      return written().size >= wanted.length && waiting === '0';
    };
    await eventually(all, 'a letter for each order', { timeout_ms: a_while_ms, every_ms: 200 });
    assert.deepEqual([...written().values()].sort(), wanted, 'each is written once');
    const again = this.#letters().length - wanted.length;
    assert.ok(again <= letters_under_way_max * blows, `${again} letters came again`);
    return again;
  }

  #letters() {
    return this.mailbox.letters.filter(({ subject }) => /order/i.test(subject));
  }
}
