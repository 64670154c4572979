// Pictures of products through a whole server: a phone's photo comes in upright and small, and nothing that somebody
// uploads costs more than a refusal.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { png } from '../support/png.mjs';
import { patience } from '../support/server.mjs';
import { TestShop, engine, unique } from '../support/shop.mjs';

const odd = fileURLToPath(new URL('../../../shared/data/images-odd', import.meta.url));
const boundary = 'a-boundary-of-our-own';

function form(file, alt, name = 'photo.png') {
  const head = (disposition) => `--${boundary}\r\nContent-Disposition: form-data; ${disposition}\r\n\r\n`;
  return Buffer.concat([
    Buffer.from(`${head(`name="file"; filename="${name}"`)}`), file,
    Buffer.from(`\r\n${alt === undefined ? '' : `${head('name="alt"')}${alt}\r\n`}--${boundary}--\r\n`),
  ]);
}

// The width and height of a WebP in the extended or the lossy form.
function webpSize(bytes) {
  assert.equal(bytes.toString('latin1', 0, 4) + bytes.toString('latin1', 8, 12), 'RIFFWEBP');
  if (bytes.toString('latin1', 12, 16) === 'VP8X') return [bytes.readUIntLE(24, 3) + 1, bytes.readUIntLE(27, 3) + 1];
  if (bytes.toString('latin1', 12, 16) === 'VP8L') {
    const bits = bytes.readUInt32LE(21);
    return [(bits & 0x3fff) + 1, ((bits >> 14) & 0x3fff) + 1];
  }
  return [bytes.readUInt16LE(26) & 0x3fff, bytes.readUInt16LE(28) & 0x3fff];
}

describe(`pictures (${engine})`, () => {
  let shop, client, token, product;
  before(async () => {
    shop = await TestShop.open();
    client = shop.client;
    token = await shop.signInAsAdmin();
    product = await shop.createProduct();
  });
  after(() => shop?.close());

  const upload = (body, { to = product, headers = {}, as = token } = {}) =>
    client.post(`/v1/products/${to.id}/images`, body, {
      token: as, timeout_ms: 60_000, headers: { 'content-type': `multipart/form-data; boundary=${boundary}`, ...headers },
    });
  const refused = (answer, status, code) => assert.deepEqual([answer.status, answer.json?.code], [status, code], answer.text);
  const fetched = (url) => client.get(url, { unchecked: true });

  test('a picture becomes WebP in five sizes, without what was hidden in it', async () => {
    const answer = await upload(form(png(900, 300, [200, 40, 40], { text: 'taken at home' }), 'A red wall'));
    assert.equal(answer.status, 201, answer.text);
    const { alt, width, height, dominant_color, urls } = answer.json;
    assert.deepEqual([alt, width, height], ['A red wall', 900, 300]);
    assert.match(dominant_color, /^#c[0-9a-f]2[0-9a-f]2[0-9a-f]$/);
    for (const [name, size] of Object.entries({ thumb: [200, 67], small: [400, 133], medium: [800, 267], large: [900, 300], original: [900, 300] })) {
      const picture = await fetched(urls[name]);
      assert.deepEqual([picture.status, webpSize(picture.bytes)], [200, size], name);
      assert.ok(!picture.bytes.includes('taken at home'), name);
      assert.ok(!picture.bytes.includes('EXIF') && !picture.bytes.includes('XMP '), `${name} has a chunk of metadata`);
    }
    assert.deepEqual((await shop.getProduct(product.id)).images.map(({ id }) => id), [answer.json.id], 'the product shows it at once');
  });

  test('files are cached for ever, answer 304 and parts', async () => {
    const { json } = await upload(form(png(64, 64, [1, 2, 3])));
    const url = json.urls.thumb;
    const whole = await fetched(url);
    assert.equal(whole.headers['cache-control'], 'public, max-age=31536000, immutable');
    assert.equal(whole.headers['x-content-type-options'], 'nosniff');
    assert.match(whole.headers['content-security-policy'], /sandbox/);
    const ask = (headers) => client.get(url, { headers, unchecked: true });
    assert.equal((await ask({ 'if-none-match': whole.headers.etag })).status, 304);
    const size = whole.bytes.length;
    for (const [range, begin, end] of [['bytes=0-9', 0, 10], ['bytes=10-', 10, size], ['bytes=-5', size - 5, size], [`bytes=4-${size * 2}`, 4, size]]) {
      const part = await ask({ range });
      assert.deepEqual([part.status, part.headers['content-range']], [206, `bytes ${begin}-${end - 1}/${size}`], range);
      assert.ok(part.bytes.equals(whole.bytes.subarray(begin, end)), range);
    }
    assert.equal((await ask({ range: `bytes=${size}-` })).status, 416);
    assert.equal((await ask({ range: 'bytes=0-9', 'if-range': '"other"' })).status, 200);
    for (const range of ['bytes=a-b', 'lines=0-1', 'bytes=0-1,3-4', 'bytes=']) assert.equal((await ask({ range })).status, 200, range);
  });

  test('are put in order, described and deleted', async () => {
    const own = await shop.createProduct();
    const ids = [];
    for (const shade of [10, 20, 30]) ids.push((await upload(form(png(8, 8, [shade, 0, 0])), { to: own })).json.id);
    const shown = async () => (await shop.getProduct(own.id)).images;
    const at = (id) => `/v1/products/${own.slug}/images/${id}`;
    const moved = await client.patch(at(ids[2]), { position: 0, alt: 'The best side' }, { token });
    assert.deepEqual([moved.status, moved.json.position, moved.json.alt], [200, 0, 'The best side'], moved.text);
    assert.deepEqual((await shown()).map(({ id }) => id), [ids[2], ids[0], ids[1]]);
    await client.patch(at(ids[2]), { position: 1000 }, { token });
    assert.deepEqual((await shown()).map(({ id, position }) => [id, position]), [[ids[0], 0], [ids[1], 1], [ids[2], 2]]);
    assert.equal((await client.delete(at(ids[0]), { token })).status, 204);
    assert.deepEqual((await shown()).map(({ id, position }) => [id, position]), [[ids[1], 0], [ids[2], 1]]);
    refused(await client.delete(at(ids[0]), { token }), 404, 'not_found');
    refused(await client.patch(`/v1/products/${product.id}/images/${ids[1]}`, { alt: 'x' }, { token }), 404, 'not_found');
  });

  test('only staff upload, and only pictures', async () => {
    const picture = form(png(8, 8, [0, 0, 0]));
    refused(await upload(picture, { as: null }), 401, 'unauthenticated');
    refused(await upload(Buffer.alloc(2 << 20), { as: null }), 401, 'unauthenticated');
    refused(await upload(picture, { as: (await shop.registerUser()).access_token }), 403, 'forbidden');
    refused(await upload(picture, { to: { id: unique('nothing') } }), 404, 'not_found');
    refused(await upload(picture, { headers: { 'content-type': 'image/png' } }), 415, 'unsupported_media_type');
    refused(await upload(form(Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'))), 415, 'unsupported_media_type');
    refused(await upload(form(png(8, 8, [0, 0, 0]), 'x'.repeat(501))), 422, 'validation_failed');
    for (const [what, body] of [['no file', form(Buffer.alloc(0))], ['no end', picture.subarray(0, -10)], ['no form', Buffer.from('hello')]])
      assert.equal((await upload(body)).status, 422, what);
    assert.equal((await upload(Buffer.concat([form(Buffer.alloc(16 << 20))]))).status, 413);
  });

  test('SE-15: a header that promises too much is refused before anything is decoded', async () => {
    refused(await upload(form(png(8, 8, [0, 0, 0], { claimed: [16_385, 1] }))), 422, 'validation_failed');
    refused(await upload(form(png(8, 8, [0, 0, 0], { claimed: [8000, 8000] }))), 422, 'validation_failed');
    refused(await upload(form(png(8, 8, [0, 0, 0], { claimed: [0, 8] }))), 422, 'validation_failed');
    const lying = await upload(form(png(8, 8, [0, 0, 0], { claimed: [4000, 4000] })));
    assert.ok([201, 422].includes(lying.status), lying.text);
  });

  test('SE-15: every awkward picture gets a clear answer in time, and the shop goes on', { skip: !existsSync(odd) && 'no ../shared/data/images-odd' }, async () => {
    const files = (await readdir(odd, { recursive: true })).filter((file) => /\.(jpg|png|gif|webp|avif|apng|mpo|bmp|tif|svg|pdf)$/.test(file)).sort();
    assert.ok(files.length > 40 || files.length === 0, `${files.length} files`);
    const unsupported = /\.(bmp|tif|svg|pdf)$/;
    for (const file of files) {
      const own = await shop.createProduct();
      const began = performance.now();
      const answer = await upload(form(await readFile(path.join(odd, file))), { to: own });
      const took_ms = performance.now() - began;
      if (unsupported.test(file)) refused(answer, 415, 'unsupported_media_type');
      else assert.ok(answer.status === 201 || (answer.status === 422 && answer.json.errors[0].field === '/file'), `${file}: ${answer.text}`);
      if (/decompression_bomb|png_decompression_dos|16x17000/.test(file)) assert.ok(took_ms < 3000 * patience, `${file} took ${took_ms} ms`);
    }
    assert.equal((await client.get('/healthz')).status, 200);
  });

  test('a photo taken with the phone held upright is shown upright', { skip: !existsSync(odd) && 'no ../shared/data/images-odd' }, async () => {
    const photo = await readFile(path.join(odd, 'pillow/flower.jpg'));
    const lying = await upload(form(photo));
    assert.deepEqual([lying.json.width, lying.json.height], [480, 360], lying.text);
    // Exif with one entry, Orientation = 6: turn it a quarter to the right.
    const exif = Buffer.from('ffe100224578696600004d4d002a00000008000101120003000000010006000000000000', 'hex');
    const upright = await upload(form(Buffer.concat([photo.subarray(0, 2), exif, photo.subarray(2)])));
    assert.deepEqual([upright.json.width, upright.json.height], [360, 480], upright.text);
    const small = await fetched(upright.json.urls.small);
    assert.deepEqual(webpSize(small.bytes), [300, 400]);
    assert.ok(!small.bytes.includes(exif.subarray(4)), 'turned for good, so that nobody turns it again');
  });
});
