// Makes demo/ out of the demo catalogues of Spree and Vendure: one line a product in the shape of POST /v1/products,
// and the pictures. Run it once; what it writes is committed.
// usage: node tools/make_demo.mjs CATALOG_DEMO_FOLDER [TARGET]    (the folder that holds spree/ and vendure/)
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const [source, target = fileURLToPath(new URL('../demo', import.meta.url))] = process.argv.slice(2);
if (!source) {
  console.error('usage: node tools/make_demo.mjs CATALOG_DEMO_FOLDER [TARGET]');
  process.exit(2);
}

const gramsPerPound = 453.59237;

// RFC 4180: quoted cells may hold commas, line breaks and doubled quotes. Cells and headers come trimmed.
function readCsv(file) {
  const text = readFileSync(path.join(source, file), 'utf8').replace(/^\uFEFF/, '');
  const rows = [];
  let row = [];
  for (const [, quoted, plain, end] of text.matchAll(/(?:\s*"((?:[^"]|"")*)"[^\S\n]*|([^,\n]*))(,|\r?\n|$)/g)) {
    row.push((quoted === undefined ? plain : quoted.replaceAll('""', '"')).trim());
    if (end === ',') continue;
    if (row.length > 1) rows.push(row);
    row = [];
  }
  const [names, ...lines] = rows;
  return lines.map((cells) => Object.fromEntries(names.map((name, i) => [name, cells[i] ?? ''])));
}

const cents = (price) => {
  if (!/^\d+(\.\d{1,2})?$/.test(price)) throw new Error(`not a price: "${price}"`);
  return { amount: Math.round(Number(price) * 100), currency: 'EUR' };
};
const capitalised = (name) => name.charAt(0).toUpperCase() + name.slice(1);
const unique = (values) => [...new Set(values)];

// Width and height of a picture, out of its header.
function sizeOf(bytes, file) {
  if (bytes.toString('latin1', 0, 4) === 'RIFF' && bytes.toString('latin1', 8, 12) === 'WEBP') return webpSize(bytes, file);
  if (bytes.readUInt16BE(0) === 0xffd8) return jpegSize(bytes, file);
  throw new Error(`${file} is neither WebP nor JPEG`);
}

// RFC 9649: a lossy, a lossless or an extended file.
function webpSize(bytes, file) {
  const kind = bytes.toString('latin1', 12, 16);
  if (kind === 'VP8 ') return { width: bytes.readUInt16LE(26) & 0x3fff, height: bytes.readUInt16LE(28) & 0x3fff };
  if (kind === 'VP8L') {
    const bits = bytes.readUInt32LE(21);
    return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
  }
  if (kind === 'VP8X') return { width: bytes.readUIntLE(24, 3) + 1, height: bytes.readUIntLE(27, 3) + 1 };
  throw new Error(`${file}: unknown WebP chunk ${kind}`);
}

// ITU T.81: walks the segments to the frame header (SOF0 to SOF15, but for DHT, JPG and DAC).
function jpegSize(bytes, file) {
  for (let at = 2; at + 9 < bytes.length; at += 2 + bytes.readUInt16BE(at + 2)) {
    const marker = bytes[at + 1];
    if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)) {
      return { width: bytes.readUInt16BE(at + 7), height: bytes.readUInt16BE(at + 5) };
    }
  }
  throw new Error(`${file} has no frame header`);
}

// Copies a picture into the demo and describes it.
function picture(set, name, alt) {
  const file = `${set}/images/${name}`;
  const bytes = readFileSync(path.join(source, file));
  mkdirSync(path.join(target, set, 'images'), { recursive: true });
  copyFileSync(path.join(source, file), path.join(target, file));
  return { file, alt, ...sizeOf(bytes, file) };
}

// Rows that follow one with a name, up to the next one, belong to it.
function grouped(rows) {
  const groups = [];
  for (const row of rows) row.name === '' ? groups.at(-1).push(row) : groups.push([row]);
  return groups;
}

const optionsOf = (variants) =>
  unique(variants.flatMap((variant) => Object.keys(variant.options)))
    .map((name) => ({ name, values: unique(variants.map((variant) => variant.options[name])) }));

// Spree: a row for the product, then one for each variant in USD; its EUR price stands in a row of the same SKU.
function spreeProducts() {
  const rows = readCsv('spree/products.csv');
  const euros = new Map(rows.filter((row) => row.currency === 'EUR').map((row) => [row.sku, row]));
  return grouped(rows.filter((row) => row.currency === 'USD')).map(([parent, ...children]) => {
    const variants = children.map((row) => {
      const euro = euros.get(row.sku);
      if (!euro) throw new Error(`${row.sku} has no price in EUR`);
      return {
        sku: row.sku,
        options: row.option1_name === '' ? {} : { [row.option1_name]: row.option1_value },
        price: cents(euro.price),
        ...(Number(euro.compare_at_price) > 0 && { compare_at_price: cents(euro.compare_at_price) }),
        ...(row.weight !== '' && { weight_grams: Math.round(Number(row.weight) * gramsPerPound) }),
        on_hand: Number(row.inventory_count),
      };
    });
    const fields = Object.entries(parent).filter(([name, value]) => name.startsWith('custom_field.') && value !== '');
    const attributes = fields.map(([name, value]) => [capitalised(name.split('.').at(-1).replaceAll('_', ' ')), value]);
    const pictured = [[parent, parent.name], ...children.map((row) => [row, `${parent.name}, ${row.option1_value}`])];
    const files = new Map(pictured.reverse().map(([row, alt]) => [path.basename(row.image1_src), alt]));
    return {
      slug: parent.slug,
      title: parent.name,
      description: parent.description,
      status: 'active',
      categories: [parent.category1.split(' -> ').join(' > ')],
      attributes: Object.fromEntries(attributes),
      options: optionsOf(variants),
      variants,
      images: [...files].reverse().map(([name, alt]) => picture('spree', name, alt)),
    };
  });
}

// Vendure: the product's row carries its first variant. Facets are `name:value` in a list parted by `|`.
function vendureProducts() {
  return grouped(readCsv('vendure/products.csv')).map((rows) => {
    const [parent] = rows;
    const names = parent.optionGroups === '' ? [] : parent.optionGroups.split('|').map(capitalised);
    const skus = new Set();
    const variants = rows.map((row) => {
      const values = names.length === 0 ? [] : row.optionValues.split('|');
      // One product of the set gives all its variants the same SKU.
      const sku = skus.has(row.sku) ? `${row.sku}-${values.join('-')}` : row.sku;
      skus.add(sku);
      return {
        sku,
        options: Object.fromEntries(names.map((name, i) => [name, values[i]])),
        price: cents(row.price),
        on_hand: Number(row.stockOnHand),
      };
    });
    const facets = parent.facets.split('|').map((facet) => facet.split(':'));
    const valuesOf = (name) => facets.filter(([facet]) => facet === name).map(([, value]) => value);
    const brand = valuesOf('brand')[0];
    const others = unique(facets.map(([name]) => name)).filter((name) => !['category', 'brand'].includes(name));
    return {
      slug: parent.slug,
      title: parent.name,
      description: parent.description,
      status: 'active',
      ...(brand && { brand }),
      categories: [valuesOf('category').join(' > ')],
      attributes: Object.fromEntries(others.map((name) => [capitalised(name), valuesOf(name).join(', ')])),
      options: optionsOf(variants),
      variants,
      images: parent.assets.split('|').map((name) => picture('vendure', name, parent.name)),
    };
  });
}

for (const set of ['spree', 'vendure']) rmSync(path.join(target, set), { recursive: true, force: true });
const products = [...spreeProducts(), ...vendureProducts()];
writeFileSync(path.join(target, 'products.ndjson'), products.map((product) => `${JSON.stringify(product)}\n`).join(''));
for (const file of ['spree/LICENSE-data.txt', 'spree/LICENSE-images.txt', 'vendure/LICENSE.txt']) {
  copyFileSync(path.join(source, file), path.join(target, file));
}
const variants = products.reduce((sum, product) => sum + product.variants.length, 0);
const pictures = products.reduce((sum, product) => sum + product.images.length, 0);
console.log(`${products.length} products, ${variants} variants, ${pictures} pictures`);
