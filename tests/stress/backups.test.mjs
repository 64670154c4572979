// Backups of a shop that sells on: taken under load, some of them killed, checked, and restored where nothing was.
import assert from 'node:assert/strict';
import { appendFile, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Client } from '../support/client.mjs';
import { Shoppers, listAllOrders, seeded } from '../support/orders_under_way.mjs';
import { ServerProcess } from '../support/server.mjs';
import { TestShop, engine } from '../support/shop.mjs';

const rounds = Number(process.env.KONTOR_TEST_BACKUPS ?? 4);
const seed = Number(process.env.KONTOR_TEST_SEED ?? (Date.now() & 0xffff));

describe(`backups (${engine})`, () => {
  let shop, products;
  const places = [];
  before(async () => {
    shop = await TestShop.open({ settings: { log_level: 'warn' } });
    products = [await shop.createProduct({ stock: 100_000 }), await shop.createProduct({ stock: 100_000 })];
  });
  after(async () => {
    for (const place of places) await place.dispose();
    await shop?.close();
  });

  const into = () => path.join(shop.server.data, 'backups');
  const take = async () => (await shop.server.command('backup')).split('\n')[0];
  // How a command that should fail did: {code, text}.
  const failing = async (work) => {
    const failure = await work.then(() => assert.fail('it should have failed'), (error) => error);
    assert.notEqual(failure.code, 'ERR_ASSERTION', failure.message);
    return { code: failure.code, text: `${failure.stdout}${failure.stderr}` };
  };
  async function emptyPlace() {
    const place = await ServerProcess.create();
    places.push(place);
    return place;
  }
  async function restored(folder) {
    const place = await emptyPlace();
    await place.command('restore', folder);
    await place.start();
    const twin = new TestShop(place);
    twin.client = new Client(place.port, shop.contract);
    twin.admin = shop.admin;
    return twin;
  }

  test(`${rounds} backups under load are good, and have every order that was acknowledged before (RE-17)`, { timeout: 600_000 }, async (t) => {
    t.diagnostic(`seed ${seed} (KONTOR_TEST_SEED)`);
    const random = seeded(seed);
    const shoppers = new Shoppers(shop, products, { count: 16, random });
    let [folder, acknowledged, kills] = ['', [], 0];
    for (let round = 1; round <= rounds; ++round) {
      await shoppers.reached(round * 20);
      if (await shop.server.kill9Command(random() * 60, 'backup')) ++kills;
      acknowledged = shoppers.acknowledged.map(({ order }) => order);
      folder = await take();
      const names = await readdir(into());
      assert.deepEqual(names.filter((name) => name.endsWith('.part')), [], 'what the kill left is cleared away');
    }
    await shoppers.finish();
    t.diagnostic(`${kills} killed, ${shoppers.acknowledged.length} orders acknowledged`);
    for (const name of (await readdir(into())).filter((name) => !name.startsWith('.'))) {
      assert.match(await shop.server.command('backup', 'verify', path.join(into(), name)), /is good/, 'what has a name is whole');
    }

    const twin = await restored(folder);
    const stored = new Map((await listAllOrders(twin)).map((order) => [order.id, order]));
    for (const order of acknowledged) assert.deepEqual(stored.get(order.id), order);
    assert.equal((await twin.client.get('/v1/me', { token: await shop.signInAsAdmin() })).status, 200, 'its signing keys came along');
    const next = await twin.placeOrder(await twin.fillCart(products[0]));
    assert.ok(next.number > Math.max(...acknowledged.map(({ number }) => number)), 'numbers go on');
  });

  test("yesterday's backup on an empty machine is the whole shop (RE-17)", async () => {
    const picture = await shop.addPicture(products[0]);
    const ann = await shop.registerUser();
    const order = await shop.placeOrder(await shop.fillCart(products[0], 2, { token: ann.access_token }), { token: ann.access_token });
    const folder = await take();
    const lost = await shop.placeOrder(await shop.fillCart(products[0]));
    await rename(folder, `${shop.server.data}-elsewhere`); // all that the new machine gets
    after(() => rm(`${shop.server.data}-elsewhere`, { recursive: true, force: true }));
    await shop.server.terminate();
    const twin = await restored(`${shop.server.data}-elsewhere`);
    await shop.server.start();
    const session = await twin.signIn(ann.email);
    assert.deepEqual((await twin.client.get(`/v1/orders/${order.id}`, { token: session.access_token })).json, order);
    assert.equal((await twin.client.get(`/v1/orders/${lost.id}?email=guest@example.com`)).status, 404, 'it is as of yesterday');
    for (const url of Object.values(picture.urls)) assert.equal((await twin.client.get(url, { unchecked: true })).status, 200, url);
    assert.equal((await twin.placeOrder(await twin.fillCart(products[1]))).status, 'pending');
    assert.match(await twin.server.command('audit', 'verify'), /none altered or missing/);
  });

  test('a damaged backup is found out, and is not restored', async () => {
    const folder = await take();
    await appendFile(path.join(folder, engine === 'postgres' ? 'database.dump' : 'database.sqlite'), 'x');
    await writeFile(path.join(folder, 'media', 'stranger.txt'), 'not of this backup');
    const verdict = await failing(shop.server.command('backup', 'verify', folder));
    assert.equal(verdict.code, 1);
    assert.match(verdict.text, /database\.(dump|sqlite) was altered/);
    assert.match(verdict.text, /media\/stranger\.txt is not listed/);
    const place = await emptyPlace();
    assert.match((await failing(place.command('restore', folder))).text, /damaged.*Nothing was restored/);
    assert.deepEqual(await readdir(place.data), []);
    await rm(path.join(folder, 'about.json'));
    assert.match((await failing(shop.server.command('backup', 'verify', folder))).text, /is no backup/);
  });

  test('books that do not balance are told, each with what is wrong', async () => {
    const crooked = await shop.createProduct({ stock: 5 });
    const order = await shop.placeOrder(await shop.fillCart(products[1]));
    await shop.server.sql(`update variants set on_hand = on_hand + 1 where id = '${crooked.variants[0].id}'`);
    await shop.server.sql(`update orders set total = total + 1 where id = '${order.id}'`);
    await shop.server.sql(`update order_lines set quantity = quantity + 1 where order_id = '${order.id}'`);
    const { text } = await failing(shop.server.command('backup', 'verify', await take()));
    assert.match(text, new RegExp(`the stock of ${crooked.variants[0].sku} is not the sum of its ledger`));
    assert.match(text, new RegExp(`the sums of order ${order.number} do not add up`));
    assert.match(text, new RegExp(`the lines of order ${order.number} do not add up`));
    assert.match(text, new RegExp(`order ${order.id}: 1 units are reserved, 2 are waited for`));
    await shop.server.sql(`update variants set on_hand = on_hand - 1 where id = '${crooked.variants[0].id}'`);
    await shop.server.sql(`update orders set total = total - 1 where id = '${order.id}'`);
    await shop.server.sql(`update order_lines set quantity = quantity - 1 where order_id = '${order.id}'`);
  });

  test('a checkout that holds units is no fault', async () => {
    const cart = await shop.fillCart(products[0], 3);
    assert.equal((await shop.client.post(`/v1/carts/${cart.id}/checkout`, {})).status, 200);
    assert.match(await shop.server.command('backup', 'verify', await take()), /is good/);
  });

  test('a shop is never restored over another', async () => {
    const { code, text } = await failing(shop.server.command('restore', await take()));
    assert.equal(code, 1);
    assert.match(text, /There is a shop in .* already/);
  });

  test('a restore that failed leaves nothing behind, and can be tried again', async () => {
    const folder = await take();
    const place = await emptyPlace();
    const on_other_engine = new ServerProcess(place.data, place.settings);
    if (engine === 'sqlite') on_other_engine.database = 'postgres://nobody@127.0.0.1:1/nothing';
    assert.match((await failing(on_other_engine.command('restore', folder))).text, /This backup is of a shop on (SQLite|PostgreSQL): /);
    assert.deepEqual(await readdir(place.data), []);

    const in_the_way = path.join(place.data, 'kontor.db.part');
    const { database } = place;
    if (engine === 'sqlite') await mkdir(in_the_way);
    else place.database = 'postgres://nobody@127.0.0.1:1/nothing';
    assert.equal((await failing(place.command('restore', folder))).code, 1);
    await rm(in_the_way, { recursive: true, force: true });
    assert.deepEqual(await readdir(place.data), []);
    place.database = database;
    assert.match(await place.command('restore', folder), /Start the shop with/);
  });

  test('a server takes them by itself and keeps the newest', async () => {
    const place = await ServerProcess.create({ settings: { backup_every_hours: 1, backups_kept: 1 } });
    places.push(place);
    const folder = path.join(place.data, 'backups');
    await place.start();
    const finished = async () => (await readdir(folder).catch(() => [])).filter((name) => !name.startsWith('.') && !name.endsWith('.part'));
    for (const deadline = Date.now() + 30_000; (await finished()).length === 0 && Date.now() < deadline;) await new Promise((resolve) => setTimeout(resolve, 20));
    const [first] = await finished();
    assert.match(await place.command('backup', 'verify', path.join(folder, first)), /is good/);
    await place.terminate();
    await place.start();
    assert.deepEqual(await finished(), [first], 'the next one is due in an hour');
  });
});
