// Effects on the outside world with two servers over one database, one of which is killed: each once, none lost.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { eventually } from '../support/eventually.mjs';
import { HookReceiver } from '../support/hook_receiver.mjs';
import { InsistentShoppers } from '../support/insistent_shoppers.mjs';
import { Mailbox } from '../support/mailbox.mjs';
import { TestShop, engine, orderOf } from '../support/shop.mjs';

const secret = 'known to both nodes, and to nobody else';
const aloneOn = engine === 'sqlite' && 'one server owns an SQLite database';
const ordersBefore = 100;
const ordersAfter = 100;
const lease_ms = 30_000; // a webhook that a dead node was about to send waits for so long

describe(`nodes that share the work (${engine})`, { skip: aloneOn }, () => {
  const openShop = async (t, settings) => {
    const mailbox = await Mailbox.open();
    const shop = await TestShop.open({ settings: { secret, log_level: 'warn', ...mailbox.settings, ...settings } });
    t.after(async () => {
      await shop.close();
      await mailbox.close();
    });
    return { shop, mailbox, other: await shop.addNode() };
  };
  const lettersOf = (mailbox) => mailbox.letters.filter(({ subject }) => /order/i.test(subject));

  test('two nodes that start on an empty database at once set it up once', async (t) => {
    const one = await TestShop.server({ settings: { secret } });
    const two = await one.createNode();
    t.after(async () => {
      await two.dispose();
      await one.dispose();
    });
    await Promise.all([one.start(), two.start()]);
    const migrations = Number(await one.sql('select count(*) from schema_migrations'));
    assert.ok(migrations > 30, `${migrations} migrations`);
    const said = [one, two].map(({ log }) => log.join('').match(/migrated to/g)?.length ?? 0);
    assert.deepEqual(said.sort((x, y) => x - y), [0, migrations]);
  });

  test('with two nodes a letter is delivered once, and a webhook told once', async (t) => {
    const { shop, mailbox, other } = await openShop(t, { webhook_targets: 'any' });
    const receiver = await HookReceiver.open();
    t.after(() => receiver.close());
    const token = await shop.signInAsAdmin();
    await shop.client.post('/v1/webhooks', { url: receiver.url, events: ['order.placed'] }, { token });
    const product = await shop.createProduct({ stock: 1000 });
    const orders = await Promise.all(Array.from({ length: 40 }, async (_, i) => {
      const node = i % 2 ? shop : other;
      const cart = await shop.fillCart(product);
      return (await node.client.post('/v1/orders', orderOf(cart, { email: `guest-${i}@example.com` }))).json;
    }));
    await eventually(() => lettersOf(mailbox).length >= orders.length, 'a letter for each order');
    await receiver.until(({ taken }) => taken.length >= orders.length);
    await new Promise((resolve) => setTimeout(resolve, 500)); // a second one would come about now
    const recipients = lettersOf(mailbox).map(({ envelope }) => envelope.rcptTo[0].address);
    assert.deepEqual(recipients.sort(), orders.map(({ email }) => email).sort());
    assert.deepEqual(receiver.taken.map(({ subject }) => subject).sort(), orders.map(({ id }) => id).sort());
  });

  test('RE-9, RE-11: kill -9 of one node under load loses no order, no letter and no webhook', { timeout: 240_000 }, async (t) => {
    const { shop, mailbox, other } = await openShop(t, { webhook_targets: 'any' });
    const receiver = await HookReceiver.open();
    t.after(() => receiver.close());
    const token = await shop.signInAsAdmin();
    await shop.client.post('/v1/webhooks', { url: receiver.url, events: ['order.placed'] }, { token });
    const product = await shop.createProduct({ stock: 1_000_000 });
    // What one doesn't answer is asked of the other; any answer must be the order.
    const shoppers = new InsistentShoppers([other, shop], product, { count: 8, patient: false, email: (n) => `buyer-${n}@example.com` });
    const { acknowledged } = shoppers;
    await shoppers.sell(ordersBefore);
    await other.server.kill9();
    const before = acknowledged.size;
    await shoppers.sell(ordersAfter); // the node that is left goes on
    await shoppers.finish();

    // A letter that the dead node was about to deliver would wait for a minute and a half.
    await shop.server.sql("update mail_outbox set next_try_at = 0 where state = 'waiting'");
    await receiver.until(({ subjects }) => [...acknowledged.keys()].every((id) => subjects.has(id)), 'a webhook for each order', lease_ms + 30_000);
    const written = () => new Set(lettersOf(mailbox).map(({ envelope }) => envelope.rcptTo[0].address));
    await eventually(() => written().size === acknowledged.size, 'a letter for each order', { timeout_ms: 60_000, every_ms: 200 });

    await shoppers.audit(shop, 1_000_000);
    const orders = acknowledged.size; // every try was answered in the end, so there are no others
    // What was on its way when the node died may come a second time, under the id of the first.
    const byId = new Map(receiver.taken.map(({ id, subject }) => [id, subject]));
    assert.equal(byId.size, orders);
    const again = (list) => list.length - new Set(list).size;
    assert.ok(again(receiver.taken.map(({ id }) => id)) <= 8, 'no more than were under way');
    assert.ok(again(lettersOf(mailbox).map(({ messageId }) => messageId)) <= 1, 'a node delivers one letter at a time');
    assert.equal(new Set(lettersOf(mailbox).map(({ messageId }) => messageId)).size, orders);
    t.diagnostic(`${orders} orders, ${before} before the kill; ${receiver.taken.length} webhooks, ${lettersOf(mailbox).length} letters`);
  });
});
