// A Mongoose shop moves in: `kontor import mongodump`, beside an open shop.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { BSON } from 'bson';
import { ObjectId, bcrypt, collectionsOf, mongooseShop, writeDump } from '../support/mongodump.mjs';
import { TestShop, engine, password, unique } from '../support/shop.mjs';

describe(`importing a mongodump (${engine})`, () => {
  let shop, client, admin;
  before(async () => {
    shop = await TestShop.open();
    client = shop.client;
    admin = await shop.signInAsAdmin();
  });
  after(() => shop?.close());

  async function command(...words) {
    try {
      return { stdout: await shop.server.command(...words), stderr: '', code: 0 };
    } catch (failure) {
      return { stdout: failure.stdout, stderr: failure.stderr, code: failure.code };
    }
  }
  // Writes the collections and imports them: {stdout, code, rows} and the folder.
  async function importDump(collections, { folder = path.join(shop.server.data, unique('dump')), options = ['--currency', 'EUR'] } = {}) {
    await writeDump(folder, collections);
    const report = path.join(shop.server.data, `${unique('report')}.ndjson`);
    const ran = await command('import', 'mongodump', folder, '--report', report, ...options);
    const text = await readFile(report, 'utf8').catch(() => '');
    return { ...ran, folder, rows: text.trim().split('\n').filter(Boolean).map((line) => JSON.parse(line)) };
  }
  const told = (rows, outcome) => rows.filter((row) => row.outcome === outcome).map(({ collection, id, code }) => `${collection} ${id} ${code}`);
  const newId = (rows, id) => rows.find((row) => row.id === String(id) && row.outcome === 'created').new_id;
  const order = async (id) => (await client.get(`/v1/orders/${id}`, { token: admin })).json;
  const orderEvents = () => shop.server.sql("select count(*) from events where type like 'order.%'");

  test('people sign in with their old passwords, goods and orders are there, and nobody is told', async () => {
    const events = await orderEvents();
    const old = mongooseShop(unique('whole'));
    const { ids, emails } = old;
    const first = await importDump(collectionsOf(old));
    assert.equal(first.code, 0, first.stdout + first.stderr);
    for (const line of ['users: 2 created, 0 updated, 0 unchanged, 0 skipped, 0 refused', 'categories: 2 created', 'products: 2 created',
      'carts: 1 created, 0 updated, 0 unchanged, 1 skipped', 'orders: 3 created', 'not taken: reviews']) assert.ok(first.stdout.includes(line), `${line} in ${first.stdout}`);
    assert.deepEqual(told(first.rows, 'skipped'), [`carts ${ids.guestCart} guests_cart`]);

    // People.
    const ada = await shop.signIn(emails.ada, password);
    const me = (await client.get('/v1/me', { token: ada.access_token })).json;
    assert.deepEqual([me.name, me.email_verified, me.role, me.phone, me.created_at], ['Ada Byron', true, 'customer', '4930123456', '2019-05-04T03:02:01.000Z']);
    assert.match(await shop.server.sql(`select password_hash from users where id = '${me.id}'`), /^\$argon2id\$/, 'the hash is upgraded at log-in');
    const bob = await shop.signIn(emails.bob, password);

    // Goods.
    const kettle = await shop.getProduct(old.products[0].slug);
    assert.deepEqual([kettle.description, kettle.brand, kettle.attributes.Tags], ['Boils & pours', 'Fjord', 'tea, hot']);
    assert.deepEqual([kettle.variants[0].price, kettle.variants[0].stock.on_hand, kettle.variants[0].sku], [{ amount: 1999, currency: 'EUR' }, 7, String(ids.kettle)]);
    assert.deepEqual(kettle.categories.map(({ name }) => name), [old.categories[0].name]);
    const kettles = (await client.get(`/v1/categories/${kettle.category_ids[0]}`)).json;
    assert.deepEqual(kettles.path.map(({ name }) => name), [old.categories[1].name, old.categories[0].name]);
    const shirt = (await client.get(`/v1/products/${newId(first.rows, ids.shirt)}`)).json;
    assert.deepEqual(shirt.variants.map(({ options, price, compare_at_price: before, stock }) => [options.Size, price.amount, before?.amount ?? null, stock.on_hand]),
      [['S', 2450, null, 3], ['L', 2000, 2500, 4]]);
    assert.ok(first.rows.some(({ id, code }) => id === String(ids.kettle) && code === 'picture_left_out'));

    // Orders.
    const paid = await order(newId(first.rows, ids.paid));
    assert.deepEqual([paid.status, paid.payment_status, paid.user_id, paid.email, paid.imported], ['delivered', 'paid', me.id, emails.ada, true]);
    assert.deepEqual([paid.subtotal, paid.shipping_total, paid.tax_total, paid.total].map(({ amount }) => amount), [6200, 595, 1020, 7815]);
    assert.deepEqual(paid.lines.map(({ title, quantity, variant_id, unit_price }) => [title, quantity, variant_id, unit_price.amount]),
      [['Kettle as it was called', 2, kettle.variants[0].id, 1850], ['Shirt', 1, shirt.variants[1].id, 2500]]);
    assert.deepEqual([paid.shipping_address.name, paid.shipping_address.line1, paid.shipping_address.country], ['Ada Byron', '12 St James Square', 'GB']);
    assert.deepEqual(paid.timeline.map(({ type, at }) => [type, at.slice(0, 10)]).slice(0, 3), [['placed', '2021-03-01'], ['paid', '2021-03-01'], ['delivered', '2021-03-04']]);
    assert.equal(paid.timeline[3].note, `Order ${ids.paid} of the former shop`);
    const mine = (await client.get('/v1/orders', { token: ada.access_token })).json;
    assert.deepEqual(mine.data.map(({ id }) => id), [paid.id], 'a customer finds their history');
    const open = await order(newId(first.rows, ids.open));
    assert.deepEqual([open.status, open.total.amount, open.discount_total.amount, open.timeline.at(-1).note], ['processing', 5500, 497, 'Order W-1042 of the former shop']);
    assert.ok(first.rows.some(({ id, code }) => id === String(ids.open) && code === 'sums_adjusted'));
    const cancelled = await order(newId(first.rows, ids.cancelled));
    assert.deepEqual([cancelled.status, cancelled.user_id, cancelled.email, cancelled.created_at], ['cancelled', null, old.orders[2].email, '2020-01-01T00:00:00.000Z']);
    assert.equal((await client.get(`/v1/variants/${kettle.variants[0].id}/stock`, { token: admin })).json.data.length, 1, 'no order is in the ledger');

    // The cart.
    const cart = (await client.get('/v1/me/cart', { token: bob.access_token })).json;
    assert.deepEqual(cart.items.map(({ product_id, quantity }) => [product_id, quantity]), [[kettle.id, 2], [shirt.id, 1]]);

    assert.equal(await orderEvents(), events, 'no letter, webhook or socket hears of history: there is no event');
    assert.equal(await shop.server.sql(`select count(*) from mail_outbox where recipient_key in ('${emails.ada}', '${emails.bob}') and (kind like 'order%' or kind like 'verify%')`), '0');
  });

  test('a second run changes nothing and says so; a newer dump brings what has changed', async () => {
    const old = mongooseShop(unique('again'));
    const { ids, emails } = old;
    const first = await importDump(collectionsOf(old));
    const count = () => shop.server.sql("select count(*) from events where type not like 'audit%'");
    const events = await count();
    const { folder } = first;
    const second = await importDump(collectionsOf(old), { folder });
    assert.equal(second.code, 0);
    assert.match(second.stdout, /users: 0 created, 0 updated, 2 unchanged/);
    assert.match(second.stdout, /orders: 0 created, 0 updated, 3 unchanged/);
    assert.match(second.stdout, /Nothing has changed since the last time/);
    assert.equal(await count(), events);
    assert.deepEqual(second.rows.map(({ code }) => code), ['guests_cart']);

    const before = await shop.getProduct(old.products[0].slug);
    await client.patch(`/v1/products/${before.id}`, { slug: unique('renamed-here') }, { token: admin });
    old.users[1].name = 'Robert';
    old.products[0].price = 21;
    old.categories[0].name += ' and pots';
    Object.assign(old.orders[1], { status: 'shipped', trackingNumber: 'JD01', carrier: 'DHL', shippedAt: new Date('2026-11-21T08:00:00Z') });
    const third = await importDump(collectionsOf(old), { folder });
    for (const line of ['users: 0 created, 1 updated, 1 unchanged', 'categories: 0 created, 1 updated', 'products: 0 created, 1 updated, 1 unchanged', 'orders: 0 created, 1 updated, 2 unchanged']) {
      assert.ok(third.stdout.includes(line), third.stdout);
    }
    const bob = await shop.signIn(emails.bob, password);
    assert.equal((await client.get('/v1/me', { token: bob.access_token })).json.name, 'Robert');
    const kettle = await shop.getProduct(old.products[0].slug);
    assert.deepEqual([kettle.id, kettle.variants[0].price.amount, kettle.categories[0].name], [before.id, 2100, old.categories[0].name]);
    const open = await order(newId(first.rows, ids.open));
    assert.deepEqual([open.status, open.shipments[0].tracking_number, open.lines[0].shipped], ['shipped', 'JD01', 3]);
    assert.equal(open.timeline.filter(({ type }) => type === 'imported').length, 1);
  });

  test('what people have done here since stays', async () => {
    const old = mongooseShop(unique('here'));
    const { ids, emails } = old;
    const { rows, folder } = await importDump(collectionsOf(old));
    const [openId, paidId] = [newId(rows, ids.open), newId(rows, ids.paid)];
    const stock = async () => (await shop.getProduct(old.products[0].slug)).variants[0].stock;
    const before = await stock();
    const shipped = await client.post(`/v1/orders/${openId}/ship`, { carrier: 'DHL', tracking_number: 'JD02' }, { token: admin });
    assert.deepEqual([shipped.status, shipped.json.status], [200, 'shipped'], shipped.text);
    assert.deepEqual(await stock(), before, 'its units were counted in the other shop');
    const bob = await shop.signIn(emails.bob, password);
    await client.post('/v1/me/password', { current_password: password, new_password: 'another horse battery' }, { token: bob.access_token });
    const ada = await shop.signIn(emails.ada, password);
    assert.equal((await client.delete('/v1/me', { body: { password }, token: ada.access_token })).status, 204);

    old.orders[1].status = 'cancelled';
    old.orders[0].totalPrice = 70;
    old.users[1].password = bcrypt.replace('$2b$', '$2a$');
    old.users[0].name = 'Ada Again';
    const again = await importDump(collectionsOf(old), { folder });
    assert.ok(told(again.rows, 'skipped').includes(`orders ${ids.open} changed_here`), JSON.stringify(again.rows));
    assert.ok(told(again.rows, 'skipped').includes(`users ${ids.ada} gone_here`));
    assert.ok(told(again.rows, 'refused').includes(`orders ${ids.paid} customer_erased`));
    assert.equal((await order(openId)).status, 'shipped');
    assert.equal((await order(paidId)).shipping_address.name, 'Erased');
    await shop.signIn(emails.bob, 'another horse battery');
  });

  test("an account that isn't proven doesn't get somebody's orders", async () => {
    const old = mongooseShop(unique('squatter'));
    const squatter = await shop.registerUser({ email: old.emails.ada });
    const { rows } = await importDump(collectionsOf(old));
    assert.ok(told(rows, 'skipped').includes(`users ${old.ids.ada} account_unproven`));
    const paid = await order(newId(rows, old.ids.paid));
    assert.equal(paid.user_id, null);
    assert.equal((await client.get('/v1/orders', { token: squatter.access_token })).json.data.length, 0);
  });

  test('a dry run says what would be and keeps nothing', async () => {
    const old = mongooseShop(unique('dry'));
    const dry = await importDump(collectionsOf(old), { options: ['--currency', 'EUR', '--dry-run'] });
    assert.match(dry.stdout, /dry run, nothing is kept/);
    for (const line of ['users: 2 created', 'categories: 2 created', 'products: 2 created', 'carts: 1 created', 'orders: 3 created']) assert.ok(dry.stdout.includes(line), dry.stdout);
    assert.deepEqual(dry.rows.filter(({ code }) => code.endsWith('_unknown')).map(({ id, code }) => [id, code]),
      [[String(old.ids.cancelled), 'customer_unknown'], [String(old.ids.cancelled), 'product_unknown']], 'what would be there is not missed');
    assert.equal((await client.get(`/v1/products/${old.products[0].slug}`, { token: admin })).status, 404);
    assert.equal(await shop.server.sql(`select count(*) from moved_in where old_id = '${old.ids.ada}'`), '0');
    assert.match((await importDump(collectionsOf(old))).stdout, /orders: 3 created/);
  });

  test('a shop that calls things otherwise comes in by a mapping file', async () => {
    const word = unique('mapped');
    const [user, product] = [new ObjectId(), new ObjectId()];
    const mapping = path.join(shop.server.data, 'mapping.json');
    await writeFile(mapping, JSON.stringify({
      currency: 'USD', prices: 'minor', weights: 'kg', country: 'US',
      collections: { users: 'members', products: 'wares', orders: 'sales', carts: null },
      users: { email: 'contact.mail', password_hash: 'secret.digest', name: 'called' },
      products: { title: 'label', price: 'pricing.retail', stock: 'onShelf' },
      orders: { lines: 'positions', total: 'sum', status: 'progress' },
      order_lines: { title: 'label', quantity: 'pieces', price: 'each' },
      order_statuses: { 'in der Post': 'shipped' },
      countries: { Deutschland: 'DE' },
    }));
    const { stdout, rows } = await importDump({
      members: [{ _id: user, contact: { mail: `${word}@example.com` }, secret: { digest: bcrypt }, called: 'Mia' }],
      wares: [{ _id: product, label: `Ware ${word}`, pricing: { retail: 1250 }, onShelf: 2, weight: 1.5 }],
      sales: [{ _id: new ObjectId(), user, positions: [{ product, label: 'Ware', pieces: 2, each: 1250 }], sum: 2500, progress: 'in der Post',
        shippingAddress: { name: 'Mia', street: 'Hauptstr. 1', city: 'Berlin', zip: 10115, country: 'Deutschland' } }],
      carts: [{ _id: new ObjectId(), user, items: [{ product, quantity: 1 }] }],
    }, { options: ['--mapping', mapping] });
    for (const line of ['users (members): 1 created', 'products (wares): 1 created', 'orders (sales): 1 created', 'not taken: carts']) assert.ok(stdout.includes(line), stdout);
    await shop.signIn(`${word}@example.com`, password);
    const ware = (await client.get(`/v1/products/${newId(rows, product)}`)).json;
    assert.deepEqual([ware.variants[0].price, ware.variants[0].weight_grams], [{ amount: 1250, currency: 'USD' }, 1500]);
    const sale = await order(rows.find(({ collection }) => collection === 'sales').new_id);
    assert.deepEqual([sale.status, sale.total, sale.shipping_address.country, sale.shipping_address.postal_code], ['shipped', { amount: 2500, currency: 'USD' }, 'DE', '10115']);

    await writeFile(mapping, '{"users": {"mail": "contact"}}');
    assert.match((await importDump({ users: [] }, { options: ['--mapping', mapping] })).stderr, /users\.mail, which is nothing that is taken\. There are: email, password_hash/);
    await writeFile(mapping, '{"user": {}}');
    assert.match((await importDump({ users: [] }, { options: ['--mapping', mapping] })).stderr, /\/user is not a member/);
    await writeFile(mapping, '{"collections": {"users": "people"}}');
    assert.match((await importDump({ users: [] }, { options: ['--mapping', mapping] })).stderr, /no collection people, which the mapping names\. It has: users/);
  });

  test('bad documents are told by collection and _id, and the rest comes in', async () => {
    const word = unique('bad');
    const user = (more) => ({ _id: new ObjectId(), email: `${unique(word)}@example.com`, name: 'Somebody', password: bcrypt, ...more });
    const users = [user(), user({ email: 'nobody' }), user({ password: 'plain text' }), user({ name: '', email: 7 }), user({ isBlocked: true }), user()];
    const broken = Buffer.from(BSON.serialize(user()));
    broken[broken.indexOf('Somebody')] = 0xff; // no UTF-8 any more
    const deep = (levels) => (levels ? { in: deep(levels - 1) } : 1);
    const file = Buffer.concat([...users.map((document) => Buffer.from(BSON.serialize(document))), broken, Buffer.from(BSON.serialize(user({ more: deep(150) }))), Buffer.from(BSON.serialize(user()))]);
    const product = (more) => ({ _id: new ObjectId(), name: `Ware ${unique(word)}`, price: 1, countInStock: 1, ...more });
    const products = [product(), product({ price: 'a lot' }), product({ price: -1 }), product({ countInStock: { $gt: 1 } }), product({ name: 'x'.repeat(301) }), product({ price: NaN }), product({ price: undefined }), product()];
    const lying = Buffer.from(BSON.serialize(product()));
    lying.writeInt32LE(0x7fffffff);
    const orders = [{ _id: new ObjectId(), orderItems: [{ name: 'A', qty: 1, price: 1 }], status: 'teleported', shippingAddress: { country: 'Atlantis' } },
      { _id: new ObjectId(), orderItems: [], shippingAddress: { country: 'DE' } },
      { orderItems: [{ name: 'A', qty: 1, price: 1 }], _id: { a: 1 } }];
    const cut = Buffer.concat(orders.map((document) => Buffer.from(BSON.serialize(document))));
    const { rows, stdout, code } = await importDump({ users: file, products: Buffer.concat([...products.map((document) => Buffer.from(BSON.serialize(document, { ignoreUndefined: true }))), lying]), orders: cut.subarray(0, cut.length - 3) });
    assert.equal(code, 1);
    assert.match(stdout, /users: 4 created, 0 updated, 0 unchanged, 1 skipped, 4 refused/);
    assert.match(stdout, /products: 2 created, 0 updated, 0 unchanged, 0 skipped, 7 refused/);
    const refused = rows.filter(({ outcome }) => outcome === 'refused');
    const why = (collection) => refused.filter((row) => row.collection === collection).map(({ id, code: reason }) => [id, reason]);
    const idOf = (bytes) => String(BSON.deserialize(bytes, { validation: { utf8: false } })._id);
    assert.deepEqual(why('users').map(([, reason]) => reason).sort(), ['invalid_bson', 'invalid_bson', 'invalid_format', 'invalid_format']);
    assert.ok(why('users').some(([id]) => id === idOf(broken)), 'the _id is told of what can not be read otherwise');
    assert.deepEqual(new Set(why('products').map(([, reason]) => reason)), new Set(['wrong_type', 'out_of_range', 'too_long', 'required', 'damaged']), JSON.stringify(refused));
    assert.match(refused.find(({ collection, code: reason }) => collection === 'products' && reason === 'damaged').message, /damaged behind document 8, at byte \d+/);
    assert.ok(rows.some(({ outcome, code: reason, id }) => outcome === 'note' && reason === 'password_left_out' && id === String(users[2]._id)));
    assert.ok(!JSON.stringify(rows).includes('plain text'), 'no password stands in a report');
    const [teleported, empty] = refused.filter(({ collection }) => collection === 'orders');
    assert.match(teleported.message, /'teleported' is none that is known.*order_statuses.*"Atlantis"/s);
    assert.match(empty.message, /no lines/);
    assert.match(refused.at(-1).message, /ends in the middle of a document/);
  });

  test('ids that are plain numbers mean something else in each collection', async () => {
    const [brand, category, title] = [unique('brand'), unique('category'), unique('shoe')];
    const { stdout, code } = await importDump({
      brands: [{ _id: 1, name: brand }], categories: [{ _id: 1, name: category }],
      products: [{ _id: 1, name: title, slug: title, price: 10, countInStock: 1, category: 1, brand: 1 }],
    });
    assert.equal(code, 0, stdout);
    const product = (await client.get(`/v1/products/${title}`)).json;
    assert.equal(product.brand, brand);
    const names = (await client.get('/v1/categories')).json.data.map(({ name }) => name);
    assert.deepEqual([names.includes(category), names.includes(brand)], [true, false]);
  });

  test('a report that can not be written whole is told of', async () => {
    const folder = await writeDump(path.join(shop.server.data, unique('dump')), { users: [{ _id: new ObjectId(), email: 'nobody' }] });
    const { stderr, code } = await command('import', 'mongodump', folder, '--report', '/dev/full');
    assert.equal(code, 1);
    assert.match(stderr, /the report in \/dev\/full is not whole: is the disk full\?/);
  });

  test('a folder that is no dump is refused with what to do', async () => {
    const refusal = async (folder) => (await command('import', 'mongodump', folder)).stderr;
    const empty = path.join(shop.server.data, unique('empty'));
    await writeDump(path.join(empty, 'admin'), { users: [] });
    assert.match(await refusal(empty), /has no \.bson files: name the folder that mongodump wrote/);
    await writeFile(path.join(empty, 'shop.archive'), 'x');
    assert.match(await refusal(path.join(empty, 'shop.archive')), /run mongodump without --archive/);
    await writeFile(path.join(empty, 'users.bson.gz'), 'x');
    assert.match(await refusal(empty), /gunzip it/);
    const half = await writeDump(path.join(shop.server.data, unique('half')), { users: [] });
    await writeFile(path.join(half, 'users.bson.gz'), 'x');
    assert.equal((await command('import', 'mongodump', half)).code, 0, 'what was unpacked beside it is there');
    await writeFile(path.join(half, 'orders.bson.gz'), 'x');
    assert.match(await refusal(half), /orders\.bson\.gz is compressed: gunzip it/, 'no collection is left out unseen');
    assert.match(await refusal('/nowhere'), /can't read \/nowhere/);
    const several = path.join(shop.server.data, unique('several'));
    await writeDump(path.join(several, 'shop'), { users: [] });
    await writeDump(path.join(several, 'blog'), { posts: [] });
    assert.match(await refusal(several), /several databases: name one of blog, shop/);
    assert.match(await refusal(path.join(several, 'blog')), /none of users, categories, products, carts and orders.*It has: posts/);
    const whole = path.join(shop.server.data, unique('whole'));
    await writeDump(path.join(whole, 'shop'), { users: [] });
    assert.equal((await command('import', 'mongodump', whole)).code, 0, 'the one database in a folder is meant');
  });
});
