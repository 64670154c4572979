// The page at /docs in a real browser: staff upload a photo there, as it came from a phone, and see it upright.
// With KONTOR_SCREENSHOTS=FOLDER it leaves pictures there.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { TestShop, engine } from '../support/shop.mjs';

const browserPath = '/usr/bin/chromium';
const photo = fileURLToPath(new URL('../../../shared/data/images-odd/pillow/flower.jpg', import.meta.url));
const missing = [browserPath, photo].find((file) => !existsSync(file));

describe(`the page at /docs (${engine})`, { skip: missing && `there is no ${missing}` }, () => {
  let shop, browser;
  before(async () => {
    shop = await TestShop.open();
    browser = await chromium.launch({ executablePath: browserPath, args: ['--no-sandbox'] });
  });
  after(async () => {
    await browser?.close();
    await shop?.close();
  });

  // 480 × 360 as the sensor saw it, with Exif's word that it was held a quarter turned (Orientation = 6).
  async function phonePhoto() {
    const bytes = await readFile(photo);
    const exif = Buffer.from('ffe100224578696600004d4d002a00000008000101120003000000010006000000000000', 'hex');
    const file = path.join(shop.server.data, 'phone.jpg');
    await writeFile(file, Buffer.concat([bytes.subarray(0, 2), exif, bytes.subarray(2)]));
    return file;
  }

  test('uploads a phone photo and shows it upright', async () => {
    const [token, product] = [await shop.signInAsAdmin(), await shop.createProduct()];
    const page = await (await browser.newContext({ viewport: { width: 1200, height: 900 } })).newPage();
    page.setDefaultTimeout(30_000);
    const screenshot = async (name) => {
      if (process.env.KONTOR_SCREENSHOTS) await page.screenshot({ path: path.join(process.env.KONTOR_SCREENSHOTS, `${name}.png`) });
    };
    await page.goto(`http://127.0.0.1:${shop.port}/docs`);
    await page.locator('.btn.authorize').first().click();
    await page.locator('.auth-container input').fill(token);
    await page.locator('.auth-btn-wrapper .authorize').click();
    await page.locator('.auth-btn-wrapper .btn-done').click();

    // By the address of the endpoint, as the page draws only what is in sight. It remembers the token.
    await page.goto(`http://127.0.0.1:${shop.port}/docs#/catalog/post_products_id_images`);
    await page.reload();
    const operation = page.locator('.opblock', { has: page.locator('[data-path="/v1/products/{id}/images"]') });
    await operation.locator('input[placeholder="id"]').fill(product.slug);
    await operation.locator('input[type="file"]').setInputFiles(await phonePhoto());
    await operation.locator('.execute').click();
    const shown = operation.locator('.live-responses-table .response');
    await shown.locator('.response-col_status', { hasText: '201' }).waitFor();
    await screenshot('docs-upload');

    const [image] = (await shop.getProduct(product.id)).images;
    assert.deepEqual([image.width, image.height], [360, 480]);
    await page.goto(`http://127.0.0.1:${shop.port}${image.urls.medium}`);
    const seen = await page.locator('img').evaluate((img) => [img.naturalWidth, img.naturalHeight]);
    assert.deepEqual(seen, [360, 480], 'higher than wide, as it was taken');
    await screenshot('docs-upload-upright');
  });
});
