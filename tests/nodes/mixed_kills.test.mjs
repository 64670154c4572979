// Three servers over one database sell, cancel, chat and are read from, while each is killed in turn. KONTOR_TEST_NODES for
// another number of them, KONTOR_TEST_ROUNDS for more than one round.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ChatWriter, auditConversation, countAcknowledged } from '../support/chat_writers.mjs';
import { eventually } from '../support/eventually.mjs';
import { HookReceiver } from '../support/hook_receiver.mjs';
import { listAllOrders } from '../support/orders_under_way.mjs';
import { TestShop, engine, orderOf } from '../support/shop.mjs';

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

  const acknowledged = new Map(); // order id → its key
  const cancelled = new Set();
  let [stopped, serial] = [false, 0];
  // What one node doesn't answer is asked of the next, under the same key.
  const insist = async (first, call) => {
    for (let i = first; ; ++i) {
      try {
        return await call(nodes[i % count].client);
      } catch (error) {
        if (!error.code || error.code.startsWith('ERR_ASSERTION')) throw error;
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    }
  };
  const customer = async () => {
    while (!stopped) {
      const n = ++serial;
      const items = [{ variant_id: product.variants[0].id, quantity: 1 }];
      assert.equal((await insist(n, (client) => client.get(`/v1/products/${product.id}`))).status, 200);
      const cart = (await insist(n, (client) => client.post('/v1/carts', { items }))).json;
      const placed = await insist(n + 1, (client) => client.post('/v1/orders', orderOf(cart, { email: `buyer-${n}@example.com` }), { key: `sale-${n}` }));
      assert.equal(placed.status, 201, placed.text);
      acknowledged.set(placed.json.id, `sale-${n}`);
      const at = `/v1/orders/${placed.json.id}`;
      if (n % 5 === 0) {
        const gone = await insist(n + 2, (client) => client.post(`${at}/cancel`, {}, { token, key: `cancel-${n}` }));
        assert.equal(gone.status, 200, gone.text);
        cancelled.add(placed.json.id);
      }
      assert.equal((await insist(n + 3, (client) => client.get(at, { token }))).json.id, placed.json.id, 'the next node knows it');
    }
  };
  const work = Promise.all([...Array.from({ length: customers }, customer), ...writers.map((writer) => writer.write())]);
  const sell = async (some) => {
    const before = acknowledged.size;
    await Promise.race([work, eventually(() => acknowledged.size >= before + some, 'sales')]);
  };
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
  stopped = true;
  writers.forEach((writer) => writer.stop());
  await work;

  const orders = await listAllOrders(shop);
  assert.deepEqual(orders.map(({ id }) => id).sort(), [...acknowledged.keys()].sort(), 'each try has made one order, and it is there');
  assert.deepEqual(orders.filter(({ status }) => status === 'cancelled').map(({ id }) => id).sort(), [...cancelled].sort());
  assert.equal((await shop.stockOf(product)).available, stockAtStart - orders.length + cancelled.size);
  await auditConversation(shop.client, ann.access_token, writers);
  const told = () => new Set(receiver.taken.map(({ subject }) => subject));
  await eventually(() => told().size === orders.length, 'a webhook for each order', { timeout_ms: lease_ms + 60_000, every_ms: 200 });
  const again = receiver.taken.length - new Set(receiver.taken.map(({ id }) => id)).size;
  assert.ok(again <= hooksUnderWayMax * count * rounds, `${again} webhooks came again`);
  assert.equal(new Set(receiver.taken.map(({ id }) => id)).size, orders.length, 'a second telling has the id of the first');
  t.diagnostic(`${count * rounds} kills, ${orders.length} orders, ${countAcknowledged(writers)} messages, ${receiver.taken.length} webhooks; the next sale after ${Math.round(longest_ms)} ms at most`);
});
