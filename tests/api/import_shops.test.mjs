// What Shopify and WooCommerce export of a small shop comes in as that shop, by command and over HTTP.
import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, test } from 'node:test';
import { eventually } from '../support/eventually.mjs';
import { png } from '../support/png.mjs';
import { blanket, pictures, shopifyExport, slippers, wooCommerceExport } from '../support/shop_exports.mjs';
import { TestShop, engine } from '../support/shop.mjs';

const exported = [
  { name: 'shopify', format: 'Shopify CSV', write: shopifyExport, tree: ['Blankets', 'Shoes'], alts: ['In sand', ''],
    changed: { 'Variant Price': '125.00', 'Variant Inventory Qty': '6' } },
  { name: 'woocommerce', format: 'WooCommerce CSV', write: wooCommerceExport, tree: ['Home > Blankets', 'Shoes'], alts: ['', ''],
    changed: { 'Sale price': '125', Stock: '6' } },
];

for (const { name, format, write, tree, alts, changed } of exported) {
  describe(`products of ${name} (${engine})`, () => {
    const openShop = async (t) => {
      const shop = await TestShop.open();
      t.after(() => shop.close());
      return { shop, client: shop.client, token: await shop.signInAsAdmin() };
    };

    // All products as staff see them, in the words of the fixture, and the whole documents.
    const look = async ({ client, token }) => {
      const { data } = (await client.get('/v1/products?limit=100', { token })).json;
      const products = await Promise.all(data.map(async ({ id }) => (await client.get(`/v1/products/${id}`, { token })).json));
      products.sort((a, b) => a.title.localeCompare(b.title));
      const shown = products.map(({ title, description, status, brand, categories: places, attributes, variants }) => ({
        title, description, status, brand, categories: places.map((place) => place.name), attributes,
        variants: variants.map(({ sku, options, price, compare_at_price, weight_grams, stock }) => [sku, options, `${price.amount} ${price.currency}`, compare_at_price?.amount ?? null, weight_grams, stock.available]),
      }));
      return { shown, products };
    };
    const pathsIn = (categories) => categories.flatMap((one) => (one.children.length > 0 ? pathsIn(one.children).map((rest) => `${one.name} > ${rest}`) : [one.name]));
    const treeOf = async ({ client }) => pathsIn((await client.get('/v1/categories')).json.data).sort();

    test('come in by command with variants, prices, stock, categories and pictures; again, as what has changed there', async (t) => {
      const place = await openShop(t);
      const [file, folder] = ['export.csv', 'pictures'].map((one) => path.join(place.shop.server.data, one));
      await mkdir(folder);
      for (const [i, picture] of pictures.entries()) await writeFile(path.join(folder, picture), png(60, 40, [200, 40 * i, 40]));
      const bring = async (text) => {
        await writeFile(file, text);
        return place.shop.server.command('import', name, file, '--currency', 'EUR', '--pictures', folder);
      };

      assert.match(await bring(write()), new RegExp(`^${format}: 2 created, 0 updated, 0 unchanged, 0 failed`, 'm'));
      const { shown, products } = await look(place);
      assert.deepEqual(shown, [slippers, blanket]);
      assert.deepEqual(await treeOf(place), tree);
      assert.deepEqual(products[1].images.map(({ alt }) => alt), alts);
      assert.equal((await place.client.get(products[1].images[0].urls.thumb)).status, 200);
      assert.deepEqual((await readFile(`${file}.report.csv`, 'utf8')).match(/^\d+,\w+,\w+/gm), ['1,note,columns_left_out', '2,note,html_to_text']);

      assert.match(await bring(write()), /0 created, 0 updated, 2 unchanged, 0 failed/);
      assert.match(await bring(write({ doubleSand: changed })), /0 created, 1 updated, 1 unchanged, 0 failed/);
      await eventually(async () => (await look(place)).products[1].variants[2].stock.on_hand === 6, 'the news of another program');
      const [single, moss, [sku, options, , before, grams]] = blanket.variants;
      assert.deepEqual((await look(place)).shown, [slippers, { ...blanket, variants: [single, moss, [sku, options, '12500 EUR', before, grams, 6]] }]);
      assert.equal((await look(place)).products[1].images.length, 2);
    });

    test('come in over HTTP, and the pictures are told of', async (t) => {
      const place = await openShop(t);
      const send = async () => (await place.client.post('/v1/products/import?currency=EUR', write(), { token: place.token, headers: { 'content-type': 'text/csv' } })).json;
      const { notes, ...sums } = await send();
      assert.deepEqual(sums, { dry_run: false, format, created: 2, updated: 0, unchanged: 0, failed: 0, errors: [] });
      assert.deepEqual(notes.map(({ code }) => code), ['columns_left_out', 'html_to_text', 'picture_left_out', 'picture_left_out']);
      assert.deepEqual((await look(place)).shown, [slippers, blanket]);
      assert.deepEqual(await treeOf(place), tree);
      assert.equal((await send()).unchanged, 2);
    });
  });
}
