// Finding products through a whole server: words, facets, suggestions, relations, and an index that keeps up.
import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { patience } from '../support/server.mjs';
import { TestShop, engine, unique } from '../support/shop.mjs';

const soon_ms = 1000 * patience; // a change can be found within a second…
const patience_ms = 30_000; // …which is measured once, and elsewhere waited for

describe(`search (${engine})`, () => {
  let shop, client, token;
  before(async () => {
    shop = await TestShop.open();
    client = shop.client;
    token = await shop.signInAsAdmin();
  });
  after(() => shop?.close());

  const titles = (answer) => answer.json.data.map(({ title }) => title);
  const find = async (words, more = '') => {
    const answer = await client.get(`/v1/products?q=${encodeURIComponent(words)}${more}`);
    assert.equal(answer.status, 200, answer.text);
    return answer;
  };

  // Asks again until `good` holds; fails with the last answer.
  async function eventually(ask, good) {
    const began = performance.now();
    for (;;) {
      const answer = await ask();
      if (good(answer)) return answer;
      if (performance.now() - began > patience_ms) assert.fail(`not within ${patience_ms} ms: ${answer.text}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
  const found = (words, title) => eventually(() => find(words), (answer) => titles(answer).includes(title));

  test('finds a product within a second of its making, and its new name after a change', async () => {
    const word = unique('zither');
    const product = await shop.createProduct({ title: `Walnut ${word}` });
    await found(word, `Walnut ${word}`);
    const took_ms = [];
    const renamed = [unique('dulcimer'), unique('psaltery'), unique('santur')];
    for (const name of renamed) {
      await client.patch(`/v1/products/${product.id}`, { title: `Walnut ${name}` }, { token });
      const began = performance.now();
      await found(name, `Walnut ${name}`);
      took_ms.push(performance.now() - began);
    }
    assert.ok(Math.min(...took_ms) < soon_ms, `${took_ms.map((ms) => ms.toFixed(0))} ms`); // once the machine was free
    assert.deepEqual(titles(await find(word, '&in_stock=true')).filter((title) => title.includes(word)), []);
  });

  test('forgives a typo and says what it looked for', async () => {
    await shop.createProduct({ title: 'Marvellous harpsichord' });
    await found('harpsichord', 'Marvellous harpsichord');
    const answer = await find('harpsicord');
    assert.equal(answer.json.did_you_mean, 'harpsichord');
    assert.deepEqual(titles(answer), ['Marvellous harpsichord']);
  });

  test('counts facets exactly, and pages by cursor', async () => {
    const word = unique('gong');
    for (let i = 0; i < 5; ++i)
      await shop.createProduct({ title: `${word} ${i}`, brand: i < 2 ? 'Paiste' : 'Zildjian', price: 1000 * (i + 1), attributes: { Tone: i % 2 ? 'low' : 'high' } });
    await found(`${word} 4`, `${word} 4`);
    const query = `"${word}"`;
    const all = await eventually(() => find(query, '&facets=brand,price,attributes&sort=price'), ({ json }) => json.total === 5);
    assert.deepEqual(all.json.facets.brand, [{ value: 'Zildjian', label: 'Zildjian', count: 3 }, { value: 'Paiste', label: 'Paiste', count: 2 }]);
    assert.deepEqual(all.json.facets['attributes[Tone]'].map(({ value, count }) => [value, count]), [['high', 3], ['low', 2]]);
    assert.deepEqual(all.json.facets.price.map(({ value, count }) => [value, count]), [['1000-1999', 1], ['2000-4999', 3], ['5000-9999', 1]]);
    assert.deepEqual(titles(all), [0, 1, 2, 3, 4].map((i) => `${word} ${i}`));
    const tones = await find(query, '&facets=attributes[Tone]');
    assert.deepEqual(tones.json.facets['attributes[Tone]'], all.json.facets['attributes[Tone]'], 'by the name that counts have');
    const low = await find(query, '&attributes[Tone]=low&brand=Zildjian&facets=brand');
    assert.deepEqual([low.json.total, titles(low)], [1, [`${word} 3`]]);
    const first = await find(query, '&sort=price&limit=3');
    const second = await find(query, `&sort=price&limit=3&cursor=${first.json.next_cursor}`);
    assert.deepEqual([...titles(first), ...titles(second)], titles(all));
    assert.equal(second.json.has_more, false);
    for (const wrong of ['&facets=colour', '&cursor=abc', `&sort=title&cursor=${first.json.next_cursor}`])
      assert.equal((await client.get(`/v1/products?q=gong${wrong}`)).status, 400, wrong);
  });

  test('suggests queries, products and categories while somebody types', async () => {
    const word = unique('xylophone').replaceAll('-', '');
    const category = await client.post('/v1/categories', { name: `Tuned ${word}` }, { token });
    await shop.createProduct({ title: `Rosewood ${word}`, category_ids: [category.json.id] });
    const typed = `rosewood ${word.slice(0, -1)}`;
    const answer = await eventually(() => client.get(`/v1/search/suggest?q=${encodeURIComponent(typed)}`), ({ json }) => json.products.length > 0);
    assert.deepEqual(answer.json.products.map(({ title }) => title), [`Rosewood ${word}`]);
    const categories = await client.get('/v1/search/suggest?q=tuned');
    assert.ok(categories.json.categories.some(({ id }) => id === category.json.id), categories.text);
    assert.equal((await client.get('/v1/search/suggest')).status, 400);
  });

  test('an empty search box finds what there is without one', async () => {
    const product = await shop.createProduct({ title: unique('Cymbal'), brand: unique('brand') });
    const all = await client.get('/v1/products?limit=1&sort=-created_at');
    for (const rest of ['', '&facets=brand']) {
      const answer = await client.get(`/v1/products?q=&limit=1&sort=-created_at${rest}`);
      assert.deepEqual([answer.status, answer.json.data.map(({ id }) => id)], [200, [product.id]], answer.text);
      assert.equal(answer.json.next_cursor, all.json.next_cursor, 'and goes on alike');
    }
    const suggested = await client.get('/v1/search/suggest?q=');
    assert.deepEqual([suggested.status, suggested.json], [200, { queries: [], products: [], categories: [] }], suggested.text);
    const admin = { token: await shop.signInAsAdmin() };
    for (const list of ['/v1/users', '/v1/orders']) {
      const [empty, without] = [await client.get(`${list}?q=&limit=2`, admin), await client.get(`${list}?limit=2`, admin)];
      assert.deepEqual([empty.status, empty.text], [200, without.text]);
    }
  });

  test('shows what is bought together before what is alike', async () => {
    const word = unique('cello');
    const [cello, bow, other] = await Promise.all(['instrument', 'bow', 'strings'].map((part) =>
      shop.createProduct({ title: `${word} ${part}` })));
    await shop.placeOrder(await shop.openCart({ items: [cello, bow].map(({ variants }) => ({ variant_id: variants[0].id, quantity: 1 })) }));
    const related = await eventually(() => client.get(`/v1/products/${cello.id}/related`),
      ({ json }) => json.data[0]?.id === bow.id && json.data.some(({ id }) => id === other.id));
    assert.ok(!related.json.data.some(({ id }) => id === cello.id));
    assert.equal((await client.get(`/v1/products/${unique('nothing')}/related`)).status, 404);
  });

  test('staff keep synonyms', async () => {
    const [settee, couch] = [unique('settee'), unique('couch')].map((word) => word.replaceAll('-', ''));
    await shop.createProduct({ title: `Red ${couch}` });
    await found(couch, `Red ${couch}`);
    const group = await client.post('/v1/search/synonyms', { words: [settee, couch] }, { token });
    assert.equal(group.status, 201, group.text);
    await found(settee, `Red ${couch}`);
    assert.ok((await client.get('/v1/search/synonyms', { token })).json.data.some(({ id }) => id === group.json.id));
    assert.equal((await client.delete(`/v1/search/synonyms/${group.json.id}`, { token })).status, 204);
    assert.equal((await client.delete(`/v1/search/synonyms/${group.json.id}`, { token })).status, 404);
    assert.equal((await client.get('/v1/search/synonyms')).status, 401);
    assert.equal((await client.post('/v1/search/synonyms', { words: ['alone'] }, { token })).status, 422);
  });

  test('SE-12: the public finds nothing that is not for sale', async () => {
    const word = unique('theremin');
    await shop.createProduct({ title: word, status: 'draft' });
    await eventually(() => client.get(`/v1/products?q=${word}`, { token }), (answer) => titles(answer).includes(word));
    assert.ok(!titles(await find(word)).includes(word));
    assert.equal((await client.get(`/v1/products?q=${word}&status=draft`)).status, 403);
  });

  test('answers whatever is typed', async () => {
    for (const odd of ['"', '""', '" "', '-', '*', 'AND OR NOT', 'a"b', '\u0e42\u0e15\u0e4a', '%', "'; drop table", 'x'.repeat(200), 'a '.repeat(99)])
      await find(odd, '&facets=brand,category,price,attributes');
    assert.equal((await client.get(`/v1/products?q=${'x'.repeat(201)}`)).status, 400);
  });

  test('a killed server finds what was written before, and builds an index that was deleted', async () => {
    const word = unique('ocarina');
    await shop.createProduct({ title: word });
    await shop.kill9AndRestart();
    await found(word, word);
    await rm(path.join(shop.server.data, 'search'), { recursive: true });
    await found(word, word);
    assert.match(shop.server.log.join(''), /search: building the index of \d+ products/);
  });
});
