// The primary of the database dies under orders, chat, webhooks and letters, and its synchronous standby takes over.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '../support/eventually.mjs';
import { MixedLoad } from '../support/mixed_load.mjs';
import { PostgresPair } from '../support/postgres_pair.mjs';
import { TestShop, engine } from '../support/shop.mjs';

const back_within_ms = 5000;
const noticed_after_ms = 1000; // how long there is no primary
const customers = 8;
const some_orders = 20;
const aloneOn = engine === 'sqlite' && 'one server owns an SQLite database';
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

test(`RE-9, RE-10, RE-11: the primary is lost and the standby promoted: two nodes go on without help, nothing acknowledged is lost, no effect doubled (${engine})`, { skip: aloneOn, timeout: 240_000 }, async (t) => {
  const load = await MixedLoad.open();
  let pair, shop;
  t.after(async () => {
    await shop?.close();
    await pair?.close();
    await load.close();
  });
  pair = await PostgresPair.open();
  shop = await TestShop.open({ database: pair.url, settings: { secret: 'known to both nodes, and to nobody else', log_level: 'error', ...load.settings } });
  const nodes = [await shop.addNode(), shop];
  await load.begin(shop, nodes, { count: customers, patient: true });
  await load.sell(some_orders);
  await pair.killPrimary();
  await pause(noticed_after_ms);
  const before = load.acknowledged.size;
  await pair.promote();
  const promoted = performance.now();
  const since_ms = () => Math.round(performance.now() - promoted);
  const chatting = load.chat({ timeout_ms: back_within_ms }).then(since_ms);
  await eventually(() => load.acknowledged.size > before, 'the next sale', { timeout_ms: back_within_ms });
  const back_ms = since_ms();
  const chat_ms = await chatting;
  for (const { client } of nodes) {
    await eventually(async () => (await client.get('/readyz', { unchecked: true })).status === 200, 'the node to be ready', { timeout_ms: back_within_ms });
  }
  await load.sell(some_orders);
  await load.finish();
  const found = await load.audit(nodes.length);
  // The nodes hear of each other on the new primary as they did on the old one.
  const [node] = nodes;
  const { product, token } = load;
  const priceThere = async () => (await node.client.get(`/v1/products/${product.id}`)).json.variants[0].price.amount;
  await priceThere();
  const path = `/v1/products/${product.id}/variants/${product.variants[0].id}`;
  assert.equal((await shop.client.patch(path, { price: { amount: 2000, currency: 'EUR' } }, { token })).status, 200);
  await eventually(async () => (await priceThere()) === 2000, 'the new price', { timeout_ms: back_within_ms });
  t.diagnostic(`sold again ${back_ms} ms after the promotion, in chat on both nodes after ${chat_ms} ms; ${before} orders on the old primary; ${found}`);
});
