// ./dev bench import [products]: how fast 50,000 products come into a shop that is open, by command beside the server and
// over HTTP, and what those who read and order at the same time feel of it; then the same file again, and the way out.
import { mkdir, rm, stat, writeFile } from 'node:fs/promises';
import http from 'node:http';
import path from 'node:path';
import { createReadStream } from 'node:fs';
import { call, password } from './prepare.mjs';
import { Kontor } from './sides.mjs';

const words = 'made for daily use with a steel frame and cotton cover easy to clean ships flat two year warranty recycled materials fits most homes quick setup'.split(' ');
const pick = (list, n, salt) => list[(n * 7919 + salt * 104_729) % list.length];
const kinds = ['Lamp', 'Chair', 'Kettle', 'Backpack', 'Speaker', 'Jacket', 'Notebook', 'Drill', 'Tent', 'Mug'];
const colors = ['Red', 'Blue', 'Green', 'White', 'Black', 'Grey', 'Yellow'];

async function writeFileOf(file, count) {
  const rows = ['slug,title,description,status,brand,categories,sku,price,currency,weight_grams,on_hand,attributes.Color,attributes.Width'];
  for (let n = 0; n < count; ++n) {
    const text = Array.from({ length: 24 }, (_, i) => pick(words, n, i)).join(' ');
    rows.push(`import-${n},Import ${pick(kinds, n, 1)} ${n},"${text}.",active,Brand ${n % 50},Room ${n % 20} > Shelf ${n % 400},IMP-${n},${1 + (n % 500)}.99,EUR,${100 + (n % 900)},${n % 100},${pick(colors, n, 2)},${n % 80} cm`);
  }
  await writeFile(file, `${rows.join('\n')}\n`);
}

const address = { name: 'Ada Byron', line1: '12 St James Square', city: 'London', postal_code: 'SW1Y 4JH', country: 'GB' };

// Somebody who orders and somebody who reads, one call after the other, until stop() says how long calls took.
function customers(shop, product) {
  const times = { order: [], read: [] };
  let stopped = false;
  const repeat = async (kind, pause_ms, work) => {
    while (!stopped) {
      const began = performance.now();
      await work();
      times[kind].push(performance.now() - began);
      await new Promise((resolve) => setTimeout(resolve, pause_ms));
    }
  };
  const order = async () => {
    const cart = await call(shop.url, 'POST', '/v1/carts', { body: { items: [{ variant_id: product.variants[0].id, quantity: 1 }] } });
    await call(shop.url, 'POST', '/v1/orders', { body: { cart_id: cart.json.id, email: 'guest@example.com', shipping_address: address } });
  };
  const done = Promise.all([
    repeat('order', 20, order),
    repeat('read', 5, () => call(shop.url, 'GET', `/v1/products/${product.slug}`)),
  ]);
  return async () => {
    stopped = true;
    await done;
    const shown = (list) => {
      list.sort((a, b) => a - b);
      const at = (share) => list[Math.min(list.length - 1, Math.floor(list.length * share))].toFixed(1);
      return `${list.length}: p50 ${at(0.5)}  p99 ${at(0.99)}  max ${at(1)} ms`;
    };
    return { orders: shown(times.order), reads: shown(times.read) };
  };
}

async function upload(shop, token, file) {
  const { size } = await stat(file);
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'text/csv', 'content-length': size, authorization: `Bearer ${token}` };
    const request = http.request(`${shop.url}/v1/products/import`, { method: 'POST', headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk) => (text += chunk)).on('end', () => (response.statusCode === 200 ? resolve(JSON.parse(text)) : reject(new Error(text))));
    });
    createReadStream(file).pipe(request.on('error', reject));
  });
}

async function open(shop) {
  await rm(shop.folder, { recursive: true, force: true });
  await mkdir(shop.folder, { recursive: true });
  await shop.start();
  await shop.command('admin', 'create', '--email', 'bench@example.com', '--password', password);
  const { json } = await call(shop.url, 'POST', '/v1/auth/login', { body: { email: 'bench@example.com', password } });
  const token = json.access_token;
  const body = { title: 'Bestseller', slug: 'bestseller', status: 'active', variants: [{ sku: 'BEST', price: { amount: 1999, currency: 'EUR' }, on_hand: 1_000_000 }] };
  return { token, product: (await call(shop.url, 'POST', '/v1/products', { body, token })).json };
}

// Until the whole file can be found, in seconds.
async function indexed(shop, count) {
  const began = performance.now();
  for (;;) {
    const { json } = await call(shop.url, 'GET', '/v1/products?q=import&facets=brand&limit=1');
    if (json.total >= count) return (performance.now() - began) / 1000;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

export async function benchImport(folder, count, postgresUrl) {
  const file = path.join(folder, 'products.csv');
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await writeFileOf(file, count);
  const rows = [];
  for (const engine of ['sqlite', 'postgres']) {
    for (const way of ['command', 'HTTP']) {
      const database = engine === 'postgres' ? await postgresUrl('kontor_bench_import') : undefined;
      const shop = new Kontor(engine, path.join(folder, `${engine}-${way}`), database);
      try {
        const { token, product } = await open(shop);
        const bring = () => (way === 'HTTP' ? upload(shop, token, file) : shop.command('import', 'products', file));
        const leave = customers(shop, product);
        const began = performance.now();
        await bring();
        const took_s = (performance.now() - began) / 1000;
        const { orders, reads } = await leave();
        rows.push([`${count.toLocaleString('en')} products, ${engine}, ${way}`, `${took_s.toFixed(1)} s  ${Math.round(count / took_s)}/s`, count === 50_000 ? '< 60 s' : '']);
        rows.push(['  orders meanwhile', orders, ''], ['  reads meanwhile', reads, '']);
        rows.push(['  all found', `${(await indexed(shop, count)).toFixed(1)} s later`, '']);
        const again = performance.now();
        await bring();
        rows.push(['  the same file again', `${((performance.now() - again) / 1000).toFixed(1)} s`, '']);
        const out = performance.now();
        await shop.command('export', 'products', path.join(shop.folder, 'out.csv'));
        rows.push(['  export', `${((performance.now() - out) / 1000).toFixed(1)} s`, '']);
      } finally {
        await shop.stop();
      }
    }
  }
  const widths = [0, 1].map((i) => Math.max(...rows.map((row) => row[i].length)));
  for (const [what, measured, wanted] of rows) console.log(`${what.padEnd(widths[0])}  ${measured.padEnd(widths[1])}  ${wanted}`.trimEnd());
}
