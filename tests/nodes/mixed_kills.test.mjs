// Three servers over one database sell, cancel, chat and are read from, while each is killed in turn. KONTOR_TEST_NODES for
// another number of them, KONTOR_TEST_ROUNDS for more than one round.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ChatWriter, auditConversation, countAcknowledged } from '../support/chat_writers.mjs';
import { HookReceiver } from '../support/hook_receiver.mjs';
import { InsistentShoppers } from '../support/insistent_shoppers.mjs';
import { listAllOrders } from '../support/orders_under_way.mjs';
import { TestShop, engine } from '../support/shop.mjs';

const count = Number(process.env.KONTOR_TEST_NODES ?? 3);
const rounds = Number(process.env.KONTOR_TEST_ROUNDS ?? 1);
const customers = 8;
const stockAtStart = 1_000_000;
const ordersWhileDown = 20;
const hooksUnderWayMax = 8; // of one node
const lease_ms = 30_000; // a webhook that a dead node was about to send waits for so long
const aloneOn = engine === 'sqlite' && 'one server owns an SQLite database';

test(`RE-9, RE-10, RE-11: ${count} nodes, each killed in turn under mixed load: nothing acknowledged is lost, no effect doubled (${engine})`, { skip: aloneOn, timeout: 600_000 }, async (t) => {
  const shop = await TestShop.open({ settings: { secret: 'known to all nodes, and to nobody else', log_level: 'error', webhook_targets: 'any', chat_messages_burst: 1_000_000 } });
  const receiver = await HookReceiver.open();
  t.after(async () => {
    await shop.close();
    await receiver.close();
  });
  const nodes = [shop];
  while (nodes.length < count) nodes.push(await shop.addNode());
  const token = await shop.signInAsAdmin();
  await shop.client.post('/v1/webhooks', { url: receiver.url, events: ['order.placed'] }, { token });
  const product = await shop.createProduct({ stock: stockAtStart });
  const [ann, mia] = [await shop.registerUser(), await shop.hire('support')];
  const opened = await shop.client.post('/v1/conversations', { kind: 'support', text: 'first' }, { token: ann.access_token });
  const writers = nodes.map((node, i) => new ChatWriter(node, i % 2 ? ann : mia, opened.json, `writer-${i}`));
  t.after(() => writers.forEach((writer) => writer.close()));

  const cancelled = new Set();
  // Each is asked of another node than what came before.
  const also = async ({ id }, n) => {
    await shoppers.insist(n + 1, (client) => client.get(`/v1/products/${product.id}`), 200);
    if (n % 5 === 0) {
      await shoppers.insist(n + 2, (client) => client.post(`/v1/orders/${id}/cancel`, {}, { token, key: `cancel-${n}` }), 200);
      cancelled.add(id);
    }
    assert.equal((await shoppers.insist(n + 3, (client) => client.get(`/v1/orders/${id}`, { token }), 200)).id, id, 'the next node knows it');
  };
  const shoppers = new InsistentShoppers(nodes, product, { count: customers, patient: false, email: (n) => `buyer-${n}@example.com`, also });
  const { acknowledged } = shoppers;
  const writing = Promise.all(writers.map((writer) => writer.write()));
  const sell = (some) => Promise.race([writing, shoppers.sell(some)]);
  await sell(ordersWhileDown);
  let longest_ms = 0;
  for (let round = 0; round < rounds; ++round) {
    for (const { server } of nodes) {
      await server.kill9();
      const killed = performance.now();
      await sell(1);
      longest_ms = Math.max(longest_ms, performance.now() - killed);
      await sell(ordersWhileDown);
      await server.start();
      await sell(ordersWhileDown);
    }
  }
  await shoppers.finish();
  writers.forEach((writer) => writer.stop());
  await writing;

  const orders = await listAllOrders(shop);
  assert.deepEqual(orders.map(({ id }) => id).sort(), [...acknowledged.keys()].sort(), 'each try has made one order, and it is there');
  assert.deepEqual(orders.filter(({ status }) => status === 'cancelled').map(({ id }) => id).sort(), [...cancelled].sort());
  assert.equal((await shop.stockOf(product)).available, stockAtStart - orders.length + cancelled.size);
  await auditConversation(shop.client, ann.access_token, writers);
  await receiver.until(({ subjects }) => subjects.size === orders.length, 'a webhook for each order', lease_ms + 60_000);
  const again = receiver.taken.length - new Set(receiver.taken.map(({ id }) => id)).size;
  assert.ok(again <= hooksUnderWayMax * count * rounds, `${again} webhooks came again`);
  assert.equal(new Set(receiver.taken.map(({ id }) => id)).size, orders.length, 'a second telling has the id of the first');
  t.diagnostic(`${count * rounds} kills, ${orders.length} orders, ${countAcknowledged(writers)} messages, ${receiver.taken.length} webhooks; the next sale after ${Math.round(longest_ms)} ms at most`);
});
