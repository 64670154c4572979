// Fills a shop for measuring: products of about the size that the Node server's have, and the files that load.lua and
// nginx read.
import { mkdir, writeFile } from 'node:fs/promises';
import http from 'node:http';
import path from 'node:path';

export const password = 'correct horse battery';
const words = ('made for daily use with a steel frame and cotton cover easy to clean ships flat two year warranty recycled ' +
  'materials fits most homes quick setup').split(' ');
const kinds = ['lamp', 'chair', 'kettle', 'backpack', 'speaker', 'jacket', 'notebook', 'drill', 'tent', 'mug'];
const brands = ['Arbor', 'Brise', 'Cobalt', 'Dune', 'Ember', 'Fjord', 'Grove', 'Halo', 'Iris', 'Juniper'];

// The same goods every time.
function productOf(n) {
  const pick = (list, salt) => list[(n * 7919 + salt * 104_729) % list.length];
  return {
    title: `${pick(brands, 1)} ${pick(kinds, 2)} ${n}`,
    slug: `product-${n}`,
    description: `${Array.from({ length: 24 }, (_, i) => pick(words, i)).join(' ')}.`,
    status: 'active',
    brand: pick(brands, 3),
    variants: [{ sku: `SKU-${String(n).padStart(7, '0')}`, price: { amount: 199 + ((n * 31) % 50_000), currency: 'EUR' }, on_hand: 1_000_000 }],
  };
}

const agent = new http.Agent({ keepAlive: true, maxSockets: 64 });

export function call(url, method, target, { body, token } = {}) {
  const bytes = body === undefined ? undefined : JSON.stringify(body);
  const headers = {
    ...(bytes && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(bytes) }),
    ...(token && { authorization: `Bearer ${token}` }),
  };
  return new Promise((resolve, reject) => {
    const request = http.request(url + target, { method, headers, agent }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk) => (text += chunk)).on('end', () => {
        if (response.statusCode < 300) resolve({ text, json: text ? JSON.parse(text) : undefined });
        else reject(new Error(`${method} ${target}: ${response.statusCode} ${text}`));
      });
    });
    request.on('error', reject).end(bytes);
  });
}

// Calls work(0), work(1)… count - 1, 64 at a time.
async function each(count, work) {
  let next = 0;
  const hand = async () => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: 64 }, hand));
}

const write = (folder, name, list) => writeFile(path.join(folder, name), `${list.join('\n')}\n`);

async function openShop(shop) {
  await shop.start();
  await shop.command('admin', 'create', '--email', 'bench@example.com', '--password', password);
  const { json } = await call(shop.url, 'POST', '/v1/auth/login', { body: { email: 'bench@example.com', password } });
  await write(shop.folder, 'token.txt', [json.access_token]);
  return json.access_token;
}

// The first 50 pages by cursor.
export async function listTargets(url, count = 50) {
  const targets = [];
  for (let cursor = ''; targets.length < count;) {
    targets.push(`/v1/products?limit=20${cursor}`);
    const { json } = await call(url, 'GET', targets.at(-1));
    if (!json.has_more) break;
    cursor = `&cursor=${json.next_cursor}`;
  }
  return targets;
}

export async function fillShop(shop, count = 10_000) {
  const token = await openShop(shop);
  const products = [];
  await each(count, async (n) => {
    products[n] = (await call(shop.url, 'POST', '/v1/products', { body: productOf(n), token })).json;
  });
  await write(shop.folder, 'variants.txt', products.map(({ variants }) => variants[0].id));
  await write(shop.folder, 'product.txt', products.map(({ id }) => `/v1/products/${id}`));
  await write(shop.folder, 'list.txt', await listTargets(shop.url));
}

// What `shop` answers to the targets of FILE, as files under www/PREFIX for nginx.
export async function copyAnswers(shop, targets, nginxFolder, prefix) {
  const www = path.join(nginxFolder, 'www', prefix);
  await mkdir(www, { recursive: true });
  let bytes = 0;
  await each(targets.length, async (n) => {
    const { text } = await call(shop.url, 'GET', targets[n]);
    bytes += Buffer.byteLength(text);
    await writeFile(path.join(www, String(n)), text);
  });
  await write(nginxFolder, `${prefix}.txt`, targets.map((_, n) => `/${prefix}/${n}`));
  return Math.round(bytes / targets.length);
}

export async function expressTargets(benchFolder) {
  await write(benchFolder, 'express-product.txt', Array.from({ length: 10_000 }, (_, n) => `/products/${n + 1}`));
  await write(benchFolder, 'express-list.txt', Array.from({ length: 50 }, (_, n) => `/products?limit=20&page=${n + 1}`));
}
