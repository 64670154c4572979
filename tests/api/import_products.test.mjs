// Products of another shop, or of this one: `kontor import products`, POST /v1/products/import and the way back out.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { patience } from '../support/server.mjs';
import { TestShop, engine, unique } from '../support/shop.mjs';

const data = fileURLToPath(new URL('../../../shared/data', import.meta.url));
const seconds = (count) => count * 1000 * patience;

async function until(what, holds, within_ms = seconds(10)) {
  for (const end = Date.now() + within_ms; ; ) {
    const value = await holds();
    if (value) return value;
    assert.ok(Date.now() < end, `${what} within ${within_ms} ms`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

describe(`importing products (${engine})`, () => {
  let shop, client, token;
  before(async () => {
    shop = await TestShop.open();
    client = shop.client;
    token = await shop.signInAsAdmin();
  });
  after(() => shop?.close());

  async function command(...words) {
    try {
      return { stdout: await shop.server.command(...words), stderr: '', code: 0 };
    } catch (failure) {
      return { stdout: failure.stdout, stderr: failure.stderr, code: failure.code };
    }
  }
  async function importFile(name, content, ...options) {
    const file = path.join(shop.server.data, name);
    await writeFile(file, content);
    return { file, ...(await command('import', 'products', file, ...options)) };
  }
  const send = (body, query = '', type = 'text/csv', as = token) =>
    client.post(`/v1/products/import${query}`, body, { token: as, timeout_ms: seconds(60), headers: { 'content-type': type } });
  const sums = ({ json }) => [json.created, json.updated, json.unchanged, json.failed];

  test('a command brings products in, and a shop that is open shows them and finds them', async () => {
    const slug = unique('teapot');
    const title = `Teapot ${slug.replaceAll('-', '')}`;
    const csv = (price) => `slug,title,status,sku,price,currency,on_hand\n${slug},${title},active,${slug},${price},EUR,4\n`;
    const first = await importFile('teapots.csv', csv(20));
    assert.match(first.stdout, /Kontor CSV: 1 created, 0 updated, 0 unchanged, 0 failed/, first.stderr);
    assert.equal((await shop.getProduct(slug)).variants[0].price.amount, 2000); // and the answer is kept
    const listed = `/v1/products?q=${title.split(' ')[1]}`;
    await until('it is found', async () => (await client.get(listed)).json.data.length === 1);
    const second = await importFile('teapots.csv', csv(25));
    assert.match(second.stdout, /0 created, 1 updated, 0 unchanged/, second.stderr);
    await until('the new price is shown', async () => (await shop.getProduct(slug)).variants[0].price.amount === 2500);
    await until('in lists as well', async () => (await client.get(listed)).json.data[0].variants[0].price.amount === 2500);
    assert.match((await importFile('teapots.csv', csv(25))).stdout, /0 created, 0 updated, 1 unchanged/);
  });

  test('what is wrong stands in a report beside the file, by line', async () => {
    const good = unique('good');
    const { stdout, code, file } = await importFile('mixed.csv', `slug,title,sku,price,currency\n${good},Good,${good},1,EUR\nBAD SLUG,Bad,bad,1,EUR\n`);
    assert.equal(code, 1);
    assert.match(stdout, /1 created, .* 1 failed/);
    assert.match(stdout, /1 errors and 0 notes are in .*mixed\.csv\.report\.csv/);
    assert.match(await readFile(`${file}.report.csv`, 'utf8'), /^line,kind,code,message\r\n3,error,invalid_format,"?slug must be .*\r\n$/);
    assert.equal((await client.get(`/v1/products/${good}`, { token })).json.status, 'draft');
  });

  test('a dry run says what would be and keeps nothing', async () => {
    const slug = unique('ghost');
    const { stdout } = await importFile('ghost.csv', `slug,title,sku,price\n${slug},Ghost,${slug},1\n`, '--dry-run', '--currency', 'EUR');
    assert.match(stdout, /dry run, nothing is kept: Kontor CSV: 1 created/);
    assert.equal((await client.get(`/v1/products/${slug}`, { token })).status, 404);
  });

  test('a file that is none is refused with what to do', async () => {
    assert.match((await importFile('people.csv', 'email,name\na@example.com,A\n')).stderr, /doesn't name the columns of a product file/);
    assert.match((await importFile('typo.csv', 'slug,title,sku,prize\n')).stderr, /mean nothing here: prize/);
    assert.match((await importFile('products.txt', 'x')).stderr, /name the file \.csv or \.ndjson/);
    assert.match((await command('import', 'products', '/nowhere.csv')).stderr, /can't read/);
  });

  test('the commands of other shops take their files and no others', async () => {
    const word = unique('woo');
    const file = path.join(shop.server.data, 'wc.csv');
    await writeFile(file, `ID,Type,SKU,Name,Published,Stock,Regular price,Parent,Attribute 1 name,Attribute 1 value(s)\n` +
      `1,variable,${word},Shirt ${word},1,,,,Size,"S, L"\n2,simple,${word}-mug,Mug,1,3,4.50,,,\n` +
      `3,variation,${word}-s,,1,2,19,${word},Size,S\n4,variation,${word}-l,,1,1,20,id:1,Size,L\n`);
    const woocommerce = await command('import', 'woocommerce', file, '--currency', 'EUR');
    assert.match(woocommerce.stdout, /WooCommerce CSV: 2 created, 0 updated, 0 unchanged, 0 failed/, woocommerce.stderr);
    const found = (await client.get(`/v1/products?status=active&limit=100`, { token })).json.data.find(({ title }) => title === `Shirt ${word}`);
    assert.deepEqual(found.variants.map(({ options, price, stock }) => [options.Size, price.amount, stock.on_hand]), [['S', 1900, 2], ['L', 2000, 1]]);
    assert.match((await command('import', 'shopify', file, '--currency', 'EUR')).stderr, /isn't Shopify CSV but WooCommerce CSV: `kontor import products` takes it/);
    assert.match(await shop.server.command('import', '--help'), /mongodump.*shopify.*woocommerce/s);
  });

  test('staff import over HTTP: good products go in, bad ones are reported', async () => {
    const [a, b] = [unique('a'), unique('b')];
    const rows = `slug,title,sku,price\n${a},A,${a},1\n${b},B,${b},one\n`;
    const dry = await send(rows, '?dry_run=true&currency=EUR');
    assert.deepEqual([dry.status, dry.json.dry_run, ...sums(dry)], [200, true, 1, 0, 0, 1], dry.text);
    const answer = await send(rows, '?currency=EUR');
    assert.deepEqual([answer.status, ...sums(answer)], [200, 1, 0, 0, 1], answer.text);
    assert.deepEqual(answer.json.errors.map(({ line, code }) => [line, code]), [[3, 'invalid_format']]);
    const line = JSON.stringify({ slug: b, title: 'B', variants: [{ sku: b, price: { amount: 100, currency: 'EUR' } }] });
    assert.deepEqual(sums(await send(`${line}\n`, '', 'application/x-ndjson')), [1, 0, 0, 0]);
    assert.deepEqual(sums(await send(`${line}\n`, '', 'application/x-ndjson')), [0, 0, 1, 0]);
  });

  test('refuses strangers, other media types and other files', async () => {
    const rows = 'slug,title,sku,price\n';
    const refused = (answer, status, code) => assert.deepEqual([answer.status, answer.json?.code], [status, code], answer.text);
    refused(await send(rows, '', 'text/csv', null), 401, 'unauthenticated');
    refused(await send(rows, '', 'text/csv', (await shop.registerUser()).access_token), 403, 'forbidden');
    refused(await send(rows, '', 'application/json'), 415, 'unsupported_media_type');
    refused(await send('a,b\n1,2\n'), 422, 'validation_failed');
    refused(await send('slug,title,sku\na,"A,a\n' + 'x'.repeat(2 << 20)), 422, 'validation_failed');
    refused(await client.get('/v1/products/export'), 401, 'unauthenticated');
    refused(await client.get('/v1/products/export?format=xml', { token }), 400, 'invalid_parameter');
  });

  test('what goes out comes in again as the same shop', async () => {
    for (let i = 0; i < 3; ++i) await shop.createProduct({ description: 'Two\nlines, "quoted"', attributes: { Fabric: 'Wool' } });
    for (const [format, type] of [['csv', 'text/csv'], ['ndjson', 'application/x-ndjson']]) {
      const out = await client.get(`/v1/products/export?format=${format}`, { token });
      assert.equal(out.status, 200);
      assert.match(out.headers['content-type'], new RegExp(`^${type}`));
      assert.equal(out.headers['transfer-encoding'], 'chunked');
      assert.match(out.headers['content-disposition'], new RegExp(`attachment; filename="products.${format}"`));
      const back = await send(out.text, '', type);
      const [created, updated, unchanged, failed] = sums(back);
      assert.deepEqual([created, updated, failed], [0, 0, 0], back.text);
      assert.ok(unchanged >= 3);
      const file = path.join(shop.server.data, `out.${format}`);
      assert.match((await command('export', 'products', file)).stdout, /has all products/);
      assert.equal(await readFile(file, 'utf8'), out.text, 'the command writes the same');

      const other = await TestShop.open();
      try {
        const moved = await other.client.post('/v1/products/import', out.text, { token: await other.signInAsAdmin(), timeout_ms: seconds(60), headers: { 'content-type': type } });
        assert.deepEqual([moved.json.created, moved.json.failed], [unchanged, 0], moved.text);
        const again = await other.client.get(`/v1/products/export?format=${format}`, { token: other.admin.access_token });
        const sorted = (text) => text.split(/\r?\n/).sort();
        assert.deepEqual(sorted(again.text), sorted(out.text));
      } finally {
        await other.close();
      }
    }
  });

  test('an export over HTTP/1.0 ends with the connection', async () => {
    const connection = await shop.connect();
    connection.send(`GET /v1/products/export HTTP/1.0\r\nAuthorization: Bearer ${token}\r\n\r\n`);
    await connection.closed();
    const text = connection.received.toString();
    assert.doesNotMatch(text, /transfer-encoding/i);
    assert.match(text, /\r\n\r\nslug,title,/);
  });
});

// Files of other shops, as their merchants export them. What is odd about each is told by line and code.
const foreign = [
  { file: 'import-shopify/apparel.csv', options: ['--currency', 'USD'], created: 20, notes: { columns_left_out: 1, sku_made: 22, stock_untracked: 22, picture_left_out: 20 } },
  { file: 'import-shopify/home-and-garden.csv', options: ['--currency', 'USD'], created: 20 },
  { file: 'catalog-demo/spree/products.csv', options: [], created: 37, notes: { columns_left_out: 1, other_currency: 87 } },
  { file: 'catalog-demo/vendure/products.csv', options: ['--currency', 'USD'], created: 54, notes: { columns_left_out: 1, sku_made: 2 } },
];

describe(`every product file of ../shared/data (${engine})`, { skip: !existsSync(path.join(data, 'import-shopify')) && 'no ../shared/data' }, () => {
  for (const { file, options, created, notes = {} } of foreign) {
    test(`${file} goes in with its quirks reported, twice the same`, async () => {
      const shop = await TestShop.open();
      try {
        const report = path.join(shop.server.data, 'report.csv');
        const words = ['import', 'products', path.join(data, file), '--report', report, ...options];
        const first = await shop.server.command(...words);
        assert.match(first, new RegExp(`: ${created} created, 0 updated, 0 unchanged, 0 failed`));
        const told = {};
        for (const row of (await readFile(report, 'utf8')).trim().split('\r\n').slice(1)) {
          const [, kind, code] = row.split(',');
          assert.equal(kind, 'note', row);
          told[code] = (told[code] ?? 0) + 1;
        }
        for (const [code, count] of Object.entries(notes)) assert.equal(told[code], count, `${code}: ${JSON.stringify(told)}`);
        assert.match(await shop.server.command(...words), new RegExp(`: 0 created, 0 updated, ${created} unchanged, 0 failed`));
      } finally {
        await shop.close();
      }
    });
  }

  test('pictures that lie in a folder come along, once', { timeout: seconds(60) }, async () => {
    const shop = await TestShop.open();
    try {
      const rows = (await readFile(path.join(data, 'catalog-demo/vendure/products.csv'), 'utf8')).split('\n');
      const file = path.join(shop.server.data, 'three.csv');
      await writeFile(file, `${rows.slice(0, 8).join('\n')}\n`);
      const words = ['import', 'products', file, '--currency', 'USD', '--pictures', path.join(data, 'catalog-demo/vendure/images')];
      assert.match(await shop.server.command(...words), /: 3 created/);
      const { images } = await shop.getProduct('laptop');
      assert.equal(images.length, 1);
      assert.match(images[0].urls.thumb, /^\/media\/[0-9a-f]+\.webp$/);
      assert.match(await shop.server.command(...words), /: 0 created, 0 updated, 3 unchanged/);
      assert.equal((await shop.getProduct('laptop')).images.length, 1);
    } finally {
      await shop.close();
    }
  });
});
