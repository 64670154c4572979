// Three servers over one database sell, cancel, chat and are read from, while each is killed in turn. KONTOR_TEST_NODES for
// another number of them, KONTOR_TEST_ROUNDS for more than one round.
import { test } from 'node:test';
import { MixedLoad } from '../support/mixed_load.mjs';
import { TestShop, engine } from '../support/shop.mjs';

const count = Number(process.env.KONTOR_TEST_NODES ?? 3);
const rounds = Number(process.env.KONTOR_TEST_ROUNDS ?? 1);
const customers = 8;
const ordersWhileDown = 20;
const aloneOn = engine === 'sqlite' && 'one server owns an SQLite database';

test(`RE-9, RE-10, RE-11: ${count} nodes, each killed in turn under mixed load: nothing acknowledged is lost, no effect doubled (${engine})`, { skip: aloneOn, timeout: 600_000 }, async (t) => {
  const load = await MixedLoad.open();
  let shop;
  t.after(async () => {
    await shop?.close();
    await load.close();
  });
  shop = await TestShop.open({ settings: { secret: 'known to all nodes, and to nobody else', log_level: 'error', ...load.settings } });
  const nodes = [shop];
  while (nodes.length < count) nodes.push(await shop.addNode());
  await load.begin(shop, nodes, { count: customers, patient: false });
  await load.sell(ordersWhileDown);
  let longest_ms = 0;
  for (let round = 0; round < rounds; ++round) {
    for (const { server } of nodes) {
      await server.kill9();
      const killed = performance.now();
      await load.sell(1);
      longest_ms = Math.max(longest_ms, performance.now() - killed);
      await load.sell(ordersWhileDown);
      await server.start();
      await load.sell(ordersWhileDown);
    }
  }
  await load.finish();
  const found = await load.audit(count * rounds);
  t.diagnostic(`${count * rounds} kills; ${found}; the next sale after ${Math.round(longest_ms)} ms at most`);
});
