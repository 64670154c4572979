// Replays a folder of real invoices (UCI "Online Retail", YYYY-MM.csv.gz) through the HTTP API of a fresh server:
//   KONTOR_BIN=build/release/kontor node tools/replay_orders.mjs FOLDER [MONTHS]
// KONTOR_TEST_ENGINE=postgres (under tools/with_postgres.sh) for the other engine. Prints what was mapped, what was
// refused and why, and orders a second; fails if a total differs by a penny or a stock ledger doesn't add up.
import { readLedger } from '../tests/support/online_retail.mjs';
import { Replay } from '../tests/support/replay.mjs';
import { TestShop, engine } from '../tests/support/shop.mjs';

const [folder, months = '9'] = process.argv.slice(2);
if (!folder) {
  console.error('usage: node tools/replay_orders.mjs FOLDER [MONTHS]');
  process.exit(2);
}
const ledger = readLedger(folder, Number(months));
for (const [what, count] of Object.entries(ledger.counts)) console.log(`${String(count).padStart(8)}  ${what}`);
const shop = await TestShop.open({ settings: { log_level: 'warn' } });
try {
  const replay = new Replay(shop, ledger);
  const seconds = async (what, work) => {
    const started = performance.now();
    const answer = await work();
    console.log(`${((performance.now() - started) / 1000).toFixed(1).padStart(8)}  s to ${what}`);
    return answer;
  };
  await seconds(`create ${ledger.prices.size} products`, () => replay.createProducts());
  const rate = await seconds('place the orders', () => replay.placeOrders());
  await seconds(`take ${ledger.returns.length} returns`, () => replay.takeReturns());
  await seconds('audit totals and stock ledgers', () => replay.audit());
  console.log(`${engine}: ${ledger.invoices.size} invoices as ${replay.orders} orders, ${rate.toFixed(0)} orders/s over ${replay.connections} connections; balanced`);
} finally {
  await shop.close();
}
