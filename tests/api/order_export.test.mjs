// All orders as a file: CSV for spreadsheets, NDJSON for programs, made while it is sent.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { TestShop, address, engine } from '../support/shop.mjs';

// RFC 4180.
function rowsOf(text) {
  const rows = [[]];
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^,\r\n]*))(,|\r\n|$)/g)) {
    rows.at(-1).push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end === '\r\n') rows.push([]);
    if (end === '') break;
  }
  return rows.filter((row) => row.length > 1);
}

describe(`the export of orders (${engine})`, () => {
  let shop, client, token, product;
  const placed = [];
  before(async () => {
    shop = await TestShop.open({ settings: { log_level: 'error' } });
    client = shop.client;
    token = await shop.signInAsAdmin();
    product = await shop.createProduct({ title: 'Mug, "blue"', stock: 10_000 });
    const second = await shop.createProduct();
    const items = [product, second].map(({ variants }) => ({ variant_id: variants[0].id, quantity: 2 }));
    for (let i = 0; i < 230; ++i) {
      const cart = await shop.openCart({ items: i === 0 ? items : items.slice(0, 1) });
      const name = i === 1 ? '=HYPERLINK("http://evil.example","x")' : `Ada ${i}`;
      placed.push(await shop.placeOrder(cart, { email: `c${i}@example.com`, shipping_address: address({ name }) }));
    }
    placed.reverse(); // the latest first
  });
  after(() => shop?.close());

  test('NDJSON: every order as the API shows it, over several pages', async () => {
    const answer = await client.get('/v1/orders/export?format=ndjson', { token });
    assert.equal(answer.status, 200, answer.text);
    assert.equal(answer.headers['transfer-encoding'], 'chunked');
    assert.match(answer.headers['content-disposition'], /orders\.ndjson/);
    assert.deepEqual(answer.text.trim().split('\n').map((line) => JSON.parse(line)), placed);
  });

  test('CSV: a row for each line, exact sums, and nothing that a spreadsheet would run', async () => {
    const answer = await client.get('/v1/orders/export', { token });
    assert.match(answer.headers['content-type'], /^text\/csv/);
    const [head, ...rows] = rowsOf(answer.text);
    assert.equal(rows.length, 231);
    const cell = (row, name) => row[head.indexOf(name)];
    assert.deepEqual([...new Set(rows.map((row) => cell(row, 'number')))], placed.map(({ number }) => number));
    const first = rows.at(-1);
    assert.equal(cell(first, 'total'), (placed.at(-1).total.amount / 100).toFixed(2));
    assert.ok(rows.some((row) => cell(row, 'title') === 'Mug, "blue"'));
    const evil = rows.find((row) => cell(row, 'email') === 'c1@example.com');
    assert.equal(cell(evil, 'name'), `'=HYPERLINK("http://evil.example","x")`);
  });

  test('filters are those of the list', async () => {
    await shop.moveOrder(placed[0], 'cancel');
    const answer = await client.get('/v1/orders/export?format=ndjson&status=cancelled', { token });
    assert.deepEqual(answer.text.trim().split('\n').map((line) => JSON.parse(line).id), [placed[0].id]);
    const none = await client.get('/v1/orders/export?q=nobody', { token });
    assert.equal(rowsOf(none.text).length, 1, 'the head alone');
    const wrong = await client.get('/v1/orders/export?created_at[about]=2026-01-01T00:00:00Z', { token });
    assert.deepEqual([wrong.status, wrong.json.code], [400, 'invalid_parameter']);
  });

  test('is for orders:read', async () => {
    assert.equal((await client.get('/v1/orders/export')).status, 401);
    const person = await shop.registerUser();
    assert.equal((await client.get('/v1/orders/export', { token: person.access_token })).status, 403);
  });
});
