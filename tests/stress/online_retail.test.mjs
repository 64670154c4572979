// Nine months of a real wholesaler, replayed. The data is not part of this project: KONTOR_TEST_ORDERS names the folder
// with its YYYY-MM.csv.gz files (UCI "Online Retail"), KONTOR_TEST_MONTHS how many of them (1; 9 is all).
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { readLedger } from '../support/online_retail.mjs';
import { Replay } from '../support/replay.mjs';
import { TestShop, engine } from '../support/shop.mjs';

const folder = process.env.KONTOR_TEST_ORDERS;
const months = Number(process.env.KONTOR_TEST_MONTHS ?? 1);

describe(`online retail (${engine})`, { skip: folder ? false : 'KONTOR_TEST_ORDERS names no folder' }, () => {
  let shop;
  before(async () => (shop = await TestShop.open({ settings: { log_level: 'warn' } })));
  after(() => shop?.close());

  test(`${months} months of invoices balance to the penny (RE-1, RE-2)`, { timeout: 3_600_000 }, async (t) => {
    const ledger = readLedger(folder, months);
    const replay = new Replay(shop, ledger);
    await replay.createProducts();
    const rate = await replay.placeOrders();
    await replay.takeReturns();
    await replay.audit();
    for (const [what, count] of Object.entries(ledger.counts)) t.diagnostic(`${what}: ${count}`);
    t.diagnostic(`${ledger.invoices.size} invoices as ${replay.orders} orders over ${replay.connections} connections: ${rate.toFixed(0)} orders/s`);
    const [first] = ledger.invoices.values();
    first.total += 1;
    await assert.rejects(replay.audit(), /invoice/, 'the audit can fail');
  });
});
