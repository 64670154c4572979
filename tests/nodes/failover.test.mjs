// The primary of the database dies, and its synchronous standby takes over.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '../support/eventually.mjs';
import { InsistentShoppers } from '../support/insistent_shoppers.mjs';
import { PostgresPair } from '../support/postgres_pair.mjs';
import { TestShop, engine } from '../support/shop.mjs';

const back_within_ms = 5000;
const noticed_after_ms = 1000; // how long there is no primary
const some_orders = 10;
const aloneOn = engine === 'sqlite' && 'one server owns an SQLite database';
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

test(`RE-11: the primary is lost and the standby promoted: two nodes go on without help, no acknowledged order is lost (${engine})`, { skip: aloneOn, timeout: 120_000 }, async (t) => {
  const pair = await PostgresPair.open();
  let shop;
  t.after(async () => {
    await shop?.close();
    await pair.close();
  });
  shop = await TestShop.open({ database: pair.url, settings: { secret: 'known to both nodes, and to nobody else', log_level: 'error' } });
  const node = await shop.addNode();
  const token = await shop.signInAsAdmin();
  const product = await shop.createProduct({ stock: 1_000_000, price: 1000 });
  const shoppers = new InsistentShoppers([node, shop], product);
  await shoppers.sell(some_orders);
  await pair.killPrimary();
  await pause(noticed_after_ms);
  const before = shoppers.acknowledged.size;
  await pair.promote();
  const promoted = performance.now();
  await eventually(() => shoppers.acknowledged.size > before, 'the next sale', { timeout_ms: back_within_ms });
  const back_ms = Math.round(performance.now() - promoted);
  for (const { client } of [shop, node]) {
    await eventually(async () => (await client.get('/readyz', { unchecked: true })).status === 200, 'the node to be ready', { timeout_ms: back_within_ms });
  }
  await shoppers.sell(some_orders);
  await shoppers.finish();
  await shoppers.audit(shop, 1_000_000);
  // The nodes hear of each other on the new primary as they did on the old one.
  const priceThere = async () => (await node.client.get(`/v1/products/${product.id}`)).json.variants[0].price.amount;
  await priceThere();
  const path = `/v1/products/${product.id}/variants/${product.variants[0].id}`;
  assert.equal((await shop.client.patch(path, { price: { amount: 2000, currency: 'EUR' } }, { token })).status, 200);
  await eventually(async () => (await priceThere()) === 2000, 'the new price', { timeout_ms: back_within_ms });
  t.diagnostic(`sold again ${back_ms} ms after the promotion; ${shoppers.acknowledged.size} orders, ${before} on the old primary`);
});
