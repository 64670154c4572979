// `kontor copy`: a shop that was under load moves from one engine to the other, and sells on there as if nothing had
// happened.
import assert from 'node:assert/strict';
import { cp, readdir } from 'node:fs/promises';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { Client } from '../support/client.mjs';
import { eventually } from '../support/eventually.mjs';
import { HookReceiver } from '../support/hook_receiver.mjs';
import { Shoppers, listAllOrders, seeded } from '../support/orders_under_way.mjs';
import { ServerProcess } from '../support/server.mjs';
import { TestShop, engine, password } from '../support/shop.mjs';

const seed = Number(process.env.KONTOR_TEST_SEED ?? (Date.now() & 0xffff));
const settings = { log_level: 'warn', webhook_targets: 'any' };
const orders_under_load = 150;

describe('moving between engines', { skip: engine !== 'postgres' && 'it needs both, so it runs where PostgreSQL does' }, () => {
  const places = [];
  after(async () => {
    for (const place of places) await place.dispose();
  });

  async function place(on) {
    const made = await ServerProcess.create({ settings, ...(on === 'sqlite' ? { database: 'sqlite:' } : {}) });
    if (on === 'sqlite') made.database = null;
    places.push(made);
    return made;
  }
  const urlOf = (server) => server.database ?? `sqlite:${path.join(server.data, 'kontor.db')}`;
  const copy = (from, to) => from.command('copy', '--from', urlOf(from), '--to', urlOf(to));
  const refusal = (from, to) => copy(from, to).then(() => assert.fail('it should have been refused'), (error) => {
    assert.equal(error.code, 1, error.message);
    return error.stderr;
  });
  const bringAlong = async (from, to) => {
    for (const name of ['media', 'chat', 'secret']) await cp(path.join(from.data, name), path.join(to.data, name), { recursive: true });
  };
  const count_all = `select ${['orders', 'users', 'products', 'events'].map((table) => `(select count(*) from ${table})`).join(' + ')}`;
  // Whether something of a shop is there after a copy was killed, and PostgreSQL has seen that it was.
  async function hasShop(there) {
    if (!there.database) return (await readdir(there.data)).includes('kontor.db');
    await eventually(async () => (await there.sql('select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()')) === '0', 'the end of its connections');
    const has_schema = (await there.sql("select count(*) from pg_tables where tablename = 'orders'")) === '1';
    return has_schema && (await there.sql(count_all)) !== '0';
  }
  // The shop of `old`, served from there.
  async function moved(old, server) {
    await server.start();
    const shop = new TestShop(server);
    shop.client = new Client(server.port, old.contract);
    shop.admin = old.admin;
    return shop;
  }
  async function busyPlace(on, orders) {
    const shop = new TestShop(await place(on));
    await shop.begin();
    const products = [await shop.createProduct({ stock: 100_000 }), await shop.createProduct({ stock: 100_000 })];
    const shoppers = new Shoppers(shop, products, { count: 12, random: seeded(seed) });
    await shoppers.reached(orders);
    return { shop, products, shoppers };
  }

  for (const [from, to] of [['sqlite', 'postgres'], ['postgres', 'sqlite']]) {
    test(`a shop under load moves from ${from} to ${to} with all it has, and sells on`, { timeout: 300_000 }, async (t) => {
      t.diagnostic(`seed ${seed} (KONTOR_TEST_SEED)`);
      const receiver = await HookReceiver.open();
      t.after(() => receiver.close());
      const old = new TestShop(await place(from));
      await old.begin();
      const token = await old.signInAsAdmin();
      const products = [await old.createProduct({ stock: 100_000 }), await old.createProduct({ stock: 100_000 })];
      const picture = await old.addPicture(products[0]);
      const ann = await old.registerUser({ name: 'Ann Ünïcødé "quoted" \\ 🛒' });
      const own = await old.placeOrder(await old.fillCart(products[0], 2, { token: ann.access_token }), { token: ann.access_token, key: 'once' });
      const asked = await old.client.post('/v1/conversations', { kind: 'support', subject: 'My mug', text: 'Where is\tit?\n' }, { token: ann.access_token });
      assert.equal((await old.client.post('/v1/webhooks', { url: receiver.url, events: ['order.placed'] }, { token })).status, 201);
      const shoppers = new Shoppers(old, products, { count: 12, random: seeded(seed) });
      await shoppers.reached(orders_under_load);
      await old.server.kill9(); // in the midst of it: followers are behind
      await shoppers.finish();

      const there = await place(to);
      const report = await copy(old.server, there);
      assert.match(report, /\norders +\d+ +\d+\n/);
      assert.match(report, /\d+ tables, \d+ rows, each compared with the source/);
      assert.match(report, /media, chat.*secret/);
      await bringAlong(old.server, there);
      const shop = await moved(old, there);

      const session = await shop.signIn(ann.email);
      assert.deepEqual((await shop.client.get(`/v1/orders/${own.id}`, { token: session.access_token })).json, own);
      assert.equal((await shop.client.get('/v1/me', { token: ann.access_token })).status, 200, 'who was signed in still is');
      const stored = new Map((await listAllOrders(shop)).map((order) => [order.id, order]));
      for (const { order } of shoppers.acknowledged) assert.deepEqual(stored.get(order.id), order);
      const { key, body, text } = shoppers.acknowledged.at(-1);
      const again = await shop.client.post('/v1/orders', body, { key });
      assert.deepEqual([again.status, again.headers['idempotent-replayed'], again.text], [201, 'true', text]);
      const said = await shop.client.get(`/v1/conversations/${asked.json.id}/messages`, { token: session.access_token });
      assert.deepEqual(said.json.data.map((message) => message.text), ['Where is\tit?\n']);
      assert.equal((await shop.client.get(picture.urls.thumb, { unchecked: true })).status, 200);

      const next = await shop.placeOrder(await shop.fillCart(products[1]));
      assert.ok(next.number > Math.max(...[...stored.values()].map(({ number }) => number)), 'numbers go on');
      const total = stored.size + 1;
      const told = total - 1; // the first order came before the webhook
      const counted = async () => (await there.sql("select count(*) || ' ' || count(distinct subject) from webhook_deliveries where type = 'order.placed'"));
      await eventually(async () => (await counted()) === `${told} ${told}`, `a webhook for each of ${told} orders, none twice`);
      await receiver.until(({ taken }) => new Set(taken.map(({ subject }) => subject)).size === told);
      assert.equal((await there.sql("select count(*) || ' ' || count(distinct event) from mail_outbox where kind = 'order_placed'")),
        `${total} ${total}`, 'each order has one letter');
      await there.terminate();
      assert.match(await there.command('audit', 'verify'), /none altered or missing/);
      const folder = (await there.command('backup')).split('\n')[0];
      assert.match(await there.command('backup', 'verify', folder), /is good/, 'its books balance');
    });
  }

  test('a copy that was killed leaves no shop or a whole one, and the next one is whole', { timeout: 300_000 }, async (t) => {
    const random = seeded(seed);
    for (const [from, to] of [['sqlite', 'postgres'], ['postgres', 'sqlite']]) {
      const { shop, shoppers } = await busyPlace(from, 100);
      await shoppers.finish();
      await shop.server.terminate();
      const there = await place(to);
      let kills = 0;
      for (let round = 0; round < 6; ++round) {
        const was_killed = await shop.server.kill9Command(20 + random() * 300, 'copy', '--from', urlOf(shop.server), '--to', urlOf(there));
        if (!was_killed) break;
        ++kills;
        if (await hasShop(there)) break; // it had done all but end
      }
      t.diagnostic(`${from} to ${to}: ${kills} killed`);
      if (!(await copy(shop.server, there).catch(({ stderr }) => stderr)).includes('each compared')) {
        assert.match(await refusal(shop.server, there), /already/, 'one of them was quicker than its kill');
      }
      assert.equal(await there.sql(count_all), await shop.server.sql(count_all));
    }
  });

  test('what differs is told by its row, and nothing of the copy stays', async () => {
    const { shop, products, shoppers } = await busyPlace('sqlite', 5);
    await shoppers.finish();
    const there = await place('postgres');
    await copy(shop.server, there);
    assert.match(await refusal(shop.server, there), /There is a shop at the target already: the table \S+ has rows/);
    const tables = await there.sql("select string_agg(quote_ident(tablename), ', ') from pg_tables where schemaname = 'public' and tablename <> 'schema_migrations'");
    await there.sql(`truncate ${tables}`);
    await there.sql(`create function crook() returns trigger language plpgsql as $$ begin new.title := new.title || '!'; return new; end $$`);
    await there.sql(`create trigger crook before insert on products for each row when (new.id = '${products[1].id}') execute function crook()`);
    assert.match(await refusal(shop.server, there), new RegExp(`row ${products[1].id} of products has another value in the column title.*Nothing was kept`));
    assert.equal(await there.sql('select (select count(*) from products) + (select count(*) from orders)'), '0');
    await there.sql('drop trigger crook on products');
    await copy(shop.server, there);
    assert.match(await refusal(there, shop.server), /There is a file .*kontor\.db already/);
    assert.match(await refusal(shop.server, await place('sqlite')), /one of each/);
  });

  test('a shop of another version is not copied', async () => {
    const { shop, shoppers } = await busyPlace('sqlite', 1);
    await shoppers.finish();
    await shop.server.terminate();
    await shop.server.sql("insert into schema_migrations values ('9999_future', '', 0)");
    assert.match(await refusal(shop.server, await place('postgres')), /another version of Kontor.*kontor migrate/);
  });
});
