// The log of a shop on SQLite, shipped to a folder while it sells: the shop of any moment can be restored from there, and
// whatever happens to the folder, orders go on.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { Client } from '../support/client.mjs';
import { eventually } from '../support/eventually.mjs';
import { Shoppers, listAllOrders, seeded } from '../support/orders_under_way.mjs';
import { ServerProcess } from '../support/server.mjs';
import { TestShop, engine } from '../support/shop.mjs';

const run = promisify(execFile);
const seed = Number(process.env.KONTOR_TEST_SEED ?? (Date.now() & 0xffff));
const moments = Number(process.env.KONTOR_TEST_MOMENTS ?? 3);
const log_bytes_max = 32 << 20; // SQLite begins its log anew after 4 MB if nobody holds it
const timeOf = (name) => Date.parse(name.replace(/T(\d\d)-(\d\d)-/, 'T$1:$2:'));

describe('shipping the log', { skip: engine !== 'sqlite' && 'PostgreSQL ships its own' }, () => {
  const places = [];
  const folders = [];
  const shops = [];
  after(async () => {
    for (const shop of shops) await shop.close();
    for (const place of places) await place.dispose();
    for (const folder of folders) await rm(folder, { recursive: true, force: true });
  });

  // A shop that is shipped to `shipped`, whose first copy is there.
  async function shippedShop(settings = {}) {
    const parent = await mkdtemp(path.join(tmpdir(), 'kontor-shipped-'));
    folders.push(parent);
    const shipped = path.join(parent, 'shop');
    const shop = await TestShop.open({ settings: { log_level: 'warn', ship_to: shipped, ...settings } });
    shops.push(shop);
    const products = [await shop.createProduct({ stock: 1_000_000 }), await shop.createProduct({ stock: 1_000_000 })];
    await eventually(async () => (await generations(shipped)).length > 0, 'a copy of the shop');
    return { shop, shipped, products };
  }
  const generations = async (shipped) => (await readdir(shipped).catch(() => [])).filter((name) => !Number.isNaN(timeOf(name))).sort();
  const segments = async (shipped, generation) => (await readdir(path.join(shipped, generation, 'log'))).filter((name) => name.endsWith('.log')).sort();
  async function shippedUntil(shipped) {
    const newest = (await generations(shipped)).at(-1);
    const last = (await segments(shipped, newest)).at(-1);
    return last ? timeOf(last.slice(9, -4)) : timeOf(newest);
  }
  async function emptyPlace() {
    const place = await ServerProcess.create();
    places.push(place);
    return place;
  }
  async function restored(old, shipped, ...words) {
    const place = await emptyPlace();
    const said = await place.command('restore', shipped, ...words);
    await place.start();
    const shop = new TestShop(place);
    shop.client = new Client(place.port, old.contract);
    shop.admin = old.admin;
    return { shop, said };
  }
  async function refusal(shipped, ...words) {
    const place = await emptyPlace();
    const error = await place.command('restore', shipped, ...words).then(() => assert.fail('it should have been refused'), (failure) => failure);
    assert.equal(error.code, 1, error.message);
    assert.ok(!(await readdir(place.data)).includes('kontor.db'), 'nothing that starts is left');
    return error.stderr;
  }
  // Notes when each order was first asked for and when it was acknowledged.
  function timed(shop) {
    const times = new Map();
    const post = shop.client.post;
    shop.client.post = async (target, body, options) => {
      const sent = Date.now();
      const answer = await post(target, body, options);
      if (target === '/v1/orders' && answer.status === 201) times.set(answer.json.id, { sent: times.get(options.key) ?? sent, acknowledged: Date.now() });
      return answer;
    };
    return times;
  }
  const figure = async (shop, name) => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec((await shop.client.get('/metrics', { unchecked: true })).text)[1]);
  const sold = async (shop) => new Map((await listAllOrders(shop)).map((order) => [order.id, order]));
  // What was acknowledged by then is there as it was said, and nothing that was asked for later.
  function checkOrders(stored, shoppers, times, until) {
    for (const { order } of shoppers.acknowledged) {
      const { sent, acknowledged } = times.get(order.id);
      if (acknowledged <= until) assert.deepEqual(stored.get(order.id), order, `acknowledged ${until - acknowledged} ms before`);
      if (sent > until) assert.ok(!stored.has(order.id), `asked for ${sent - until} ms after`);
    }
  }

  test(`killed under load, the shop of ${moments} moments and of the last one shipped has what was acknowledged by then, and balances (RE-2, RE-17)`, { timeout: 600_000 }, async (t) => {
    t.diagnostic(`seed ${seed} (KONTOR_TEST_SEED)`);
    // As much may wait as comes: how far behind the folder is depends on the machine.
    const { shop, shipped, products } = await shippedShop({ ship_waiting_bytes_max: 4 * 2 ** 30 });
    const picture = await shop.addPicture(products[0]); // behind the copy
    const times = timed(shop);
    const shoppers = new Shoppers(shop, products, { count: 16, random: seeded(seed) });
    const chosen = [];
    for (let moment = 1; moment <= moments; ++moment) {
      await shoppers.reached(moment * 250);
      chosen.push(Date.now());
    }
    await shoppers.reached(moments * 250 + 250);
    await eventually(async () => (await shippedUntil(shipped)) > chosen.at(-1), 'the last moment, shipped');
    await shop.server.kill9();
    await shoppers.finish();
    assert.ok((await stat(path.join(shop.server.data, 'kontor.db-wal'))).size < log_bytes_max, 'the log begins anew');
    const until = await shippedUntil(shipped);
    t.diagnostic(`${shoppers.acknowledged.length} orders acknowledged, ${(await segments(shipped, (await generations(shipped))[0])).length} segments`);

    const { shop: newest, said } = await restored(shop, shipped);
    assert.match(said, /the last commit that was shipped/);
    checkOrders(await sold(newest), shoppers, times, until);
    assert.equal((await newest.client.get(picture.urls.thumb, { unchecked: true })).status, 200);
    await newest.placeOrder(await newest.fillCart(products[0]));
    for (const moment of chosen) {
      const { shop: twin, said: told } = await restored(shop, shipped, '--at', new Date(moment).toISOString());
      assert.match(told, /its last commit at or before that time/);
      const stored = await sold(twin);
      checkOrders(stored, shoppers, times, moment);
      assert.ok(stored.size > 0 && stored.size < shoppers.acknowledged.length);
      await twin.server.kill9();
    }
    assert.match(await refusal(shipped, '--at', '2001-01-01T00:00:00Z'), /The first copy .* is of .*nothing earlier/);
    assert.match(await refusal(shipped, '--at', 'yesterday'), /--at must be a time as/);
    assert.match(await newest.server.command('restore', shipped).catch(({ stderr }) => stderr), /There is a shop in .* already/);
  });

  test('damage is told with the last moment before it, and that moment can be restored', { timeout: 300_000 }, async () => {
    const { shop, shipped, products } = await shippedShop();
    const orders = [];
    for (let i = 0; i < 4; ++i) {
      orders.push(await shop.placeOrder(await shop.fillCart(products[0])));
      await eventually(async () => (await figure(shop, 'kontor_ship_lag_seconds')) === 0, 'the order, shipped');
    }
    await shop.server.terminate();
    const [generation] = await generations(shipped);
    const log = path.join(shipped, generation, 'log');
    const names = await segments(shipped, generation);
    assert.equal(Number(await readFile(path.join(shipped, generation, 'complete'))), names.length);
    const last = path.join(log, names.at(-1));
    const bytes = await readFile(last);
    await writeFile(last, Buffer.from(bytes.map((byte, at) => (at === bytes.length >> 1 ? byte ^ 1 : byte))));
    const until = /until --at (\S+Z)\./.exec(await refusal(shipped))[1];
    assert.match(await refusal(shipped), /damaged/);
    const { shop: twin } = await restored(shop, shipped, '--at', until);
    assert.ok((await sold(twin)).has(orders[0].id));
    await rm(last);
    assert.match(await refusal(shipped), /last segments are missing/);
    await writeFile(last, bytes);
    await rename(path.join(log, names[0]), path.join(log, 'away'));
    assert.match(await refusal(shipped), /segment 1 is missing/);
    await rename(path.join(log, 'away'), path.join(log, names[0]));
    assert.ok((await sold((await restored(shop, shipped)).shop)).has(orders[3].id));
    await writeFile(path.join(shipped, generation, 'base', 'database.sqlite'), 'x', { flag: 'a' });
    assert.match(await refusal(shipped), /base is damaged: database.sqlite was altered/);
  });

  test('a folder that is away or too slow costs no order, and is caught up with', { timeout: 300_000 }, async () => {
    const { shop, shipped, products } = await shippedShop({ ship_waiting_bytes_max: 1 << 20, log_level: 'warn' });
    const [first] = await generations(shipped);
    await rename(shipped, `${shipped}-away`);
    await writeFile(shipped, 'a file where the folder was');
    const order = await shop.placeOrder(await shop.fillCart(products[0]));
    await eventually(async () => (await figure(shop, 'kontor_ship_lag_seconds')) > 1, 'a lag');
    await eventually(() => /ship: nothing gets to .*shop/.test(shop.server.log.join('')), 'a warning');
    await rm(shipped);
    await rename(`${shipped}-away`, shipped);
    await eventually(async () => (await figure(shop, 'kontor_ship_lag_seconds')) === 0, 'what waited');
    assert.deepEqual(await generations(shipped), [first], 'what waited fitted into memory');
    assert.ok((await sold((await restored(shop, shipped)).shop)).has(order.id));

    await rename(shipped, `${shipped}-away`);
    await writeFile(shipped, 'a file where the folder was');
    const shoppers = new Shoppers(shop, products, { count: 16, random: seeded(seed) });
    const gap = await new Promise((resolve) => setTimeout(() => resolve(Date.now()), 1000));
    await shoppers.reached(400);
    await shoppers.finish();
    assert.deepEqual(shoppers.refused, [], 'nobody was refused');
    await rm(shipped);
    await rename(`${shipped}-away`, shipped);
    await eventually(async () => (await generations(shipped)).length >= 2, 'a fresh copy', { timeout_ms: 120_000 });
    await eventually(async () => (await figure(shop, 'kontor_ship_lag_seconds')) === 0, 'what came behind it', { timeout_ms: 120_000 }); // the followers' own writes may pass 1 MB once more
    const { shop: twin } = await restored(shop, shipped);
    const stored = await sold(twin);
    for (const { order: one } of shoppers.acknowledged) assert.deepEqual(stored.get(one.id), one);
    assert.match(await refusal(shipped, '--at', new Date(gap).toISOString()), /between .* and .* was not shipped as it came/);
  });

  test('what other programs write beside the server is shipped, and none of them breaks the chain', { timeout: 300_000 }, async () => {
    const { shop, shipped, products } = await shippedShop();
    const shoppers = new Shoppers(shop, products, { count: 8, random: seeded(seed) });
    const file = path.join(shop.server.data, 'kontor.db');
    const rounds = 3;
    for (let round = 1; round <= rounds; ++round) {
      await shoppers.reached(round * 40);
      // 8 MB at once, which SQLite would checkpoint by itself, and then all that a checkpoint can do.
      await run('sqlite3', [file, '.timeout 10000', 'create table if not exists junk (text text); insert into junk values (hex(randomblob(4000000)))',
        '.timeout 300', 'pragma wal_checkpoint(truncate); pragma wal_checkpoint(restart)', '.timeout 10000', `update products set brand = 'Round ${round}'`]);
    }
    await shoppers.finish();
    await shop.server.command('admin', 'create', '--email', 'second@example.com', '--password', 'correct horse battery');
    const place = await emptyPlace();
    await eventually(async () => {
      for (const name of await readdir(place.data)) await rm(path.join(place.data, name), { recursive: true });
      await place.command('restore', shipped).catch(() => {});
      return (await place.sql("select count(*) from users where email = 'second@example.com'").catch(() => '')) === '1';
    }, 'the account that a command made', { every_ms: 500 });
    assert.deepEqual(await generations(shipped), (await generations(shipped)).slice(0, 1), 'one chain');
    assert.equal(await place.sql("select count(*) || ' ' || (select count(distinct brand) from products) from junk"), `${rounds} 1`);
    assert.equal(await place.sql('select count(*) from orders'), await shop.server.sql('select count(*) from orders'));
    assert.match(await shop.server.sql('pragma integrity_check'), /^ok$/);
  });

  test('the doctor knows what is shipped, and PostgreSQL is told to ship by itself', async () => {
    const { shop, shipped, products } = await shippedShop({ smtp_url: 'smtp://127.0.0.1:1', mail_from: 'shop@example.com', smtp_tls: 'if-offered' });
    await shop.placeOrder(await shop.fillCart(products[0]));
    await eventually(async () => (await figure(shop, 'kontor_ship_lag_seconds')) === 0, 'the order, shipped');
    assert.equal(await shop.server.command('doctor'), 'Nothing to look at.\n', 'what is shipped is a backup');
    await shop.server.terminate();
    await shop.server.sql('update events set created_at = created_at + 600000 where id = (select max(id) from events)');
    const behind = await shop.server.command('doctor').catch(({ stdout }) => stdout);
    assert.match(behind, /The log in \S+ ends at \S+, the newest event of the shop is of/);
    await rm(shipped, { recursive: true });
    assert.match(await shop.server.command('doctor').catch(({ stdout }) => stdout), /Nothing was shipped to .* yet\.\n.*KONTOR_SHIP_TO/);
    const refused = await shop.server.command('serve', '--database', 'postgres://nobody@127.0.0.1/nothing').catch(({ stderr }) => stderr);
    assert.match(refused, /KONTOR_SHIP_TO is for shops on SQLite/);
  });
});
