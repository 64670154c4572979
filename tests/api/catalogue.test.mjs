// Products, variants, stock and categories, as the public sees them and as staff keep them.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { TestShop, engine, unique } from '../support/shop.mjs';

describe(`catalogue (${engine})`, () => {
  let shop, client, token;
  before(async () => {
    shop = await TestShop.open();
    client = shop.client;
    token = await shop.signInAsAdmin();
  });
  after(() => shop?.close());

  const refused = (answer, status, code) => assert.deepEqual([answer.status, answer.json?.code], [status, code], answer.text);
  const euros = (amount) => ({ amount, currency: 'EUR' });
  const titles = (answer) => answer.json.data.map(({ title }) => title);

  describe('a product', () => {
    test('is read by id and by slug', async () => {
      const product = await shop.createProduct({ slug: unique('kettle'), price: 4900, stock: 3 });
      const [byId, bySlug] = [await client.get(`/v1/products/${product.id}`), await client.get(`/v1/products/${product.slug}`)];
      assert.deepEqual(byId.json, bySlug.json);
      assert.deepEqual(byId.json.variants[0].price, euros(4900));
      assert.deepEqual(byId.json.variants[0].stock, { on_hand: 3, reserved: 0, available: 3 });
      assert.deepEqual(byId.json.price_range, { min: euros(4900), max: euros(4900) });
      refused(await client.get(`/v1/products/${unique('nothing')}`), 404, 'not_found');
    });

    test('keeps its slug and SKUs for itself', async () => {
      const product = await shop.createProduct({ slug: unique('taken') });
      const variants = [{ sku: unique('SKU'), price: euros(1) }];
      const taken = await client.post('/v1/products', { title: 'Other', slug: product.slug, variants }, { token });
      refused(taken, 409, 'slug_taken');
      assert.match(taken.json.detail, /slug/, 'the answer says what to do');
      const sku = product.variants[0].sku;
      refused(await client.post('/v1/products', { title: 'Other', variants: [{ sku, price: euros(1) }] }, { token }), 409, 'sku_taken');
    });

    test('gets a slug out of its title, accents folded; another one where that says nothing', async () => {
      const word = unique('w');
      const suggested = async (title) => (await shop.createProduct({ title })).slug;
      assert.equal(await suggested(`Café Crème ${word}`), `cafe-creme-${word}`);
      assert.match(await suggested(`Café Crème ${word}`), new RegExp(`^cafe-creme-${word}-[0-9a-z]{8}$`), 'there is one already');
      for (const title of ['กาแฟ', '咖啡']) assert.match(await suggested(title), /^product-[0-9a-z]{8}$/);
    });

    test('is hidden from the public until it is active', async () => {
      const draft = await shop.createProduct({ status: 'draft' });
      refused(await client.get(`/v1/products/${draft.id}`), 404, 'not_found');
      assert.equal((await client.get(`/v1/products/${draft.id}`, { token })).status, 200);
      await client.patch(`/v1/products/${draft.id}`, { status: 'active' }, { token });
      assert.equal((await client.get(`/v1/products/${draft.id}`)).status, 200);
    });

    test('has options, and a variant for each combination that is sold', async () => {
      const word = unique('SHIRT');
      const product = await shop.createProduct({
        title: word, options: [{ name: 'Size', values: ['S', 'L'] }],
        variants: ['S', 'L'].map((size, i) => ({ sku: `${word}-${size}`, options: { Size: size }, price: euros(1000 + i * 500), on_hand: i })),
      });
      assert.deepEqual(product.variants.map(({ options }) => options.Size), ['S', 'L']);
      assert.deepEqual(product.price_range, { min: euros(1000), max: euros(1500) });
      const odd = await client.post(`/v1/products/${product.id}/variants`,
        { sku: `${word}-XL`, options: { Size: 'XL' }, price: euros(1) }, { token });
      assert.equal(odd.status, 422, odd.text);
      const price = await client.patch(`/v1/products/${product.id}/variants/${product.variants[0].id}`, { price: euros(700) }, { token });
      assert.deepEqual(price.json.price, euros(700));
      assert.deepEqual((await shop.getProduct(product.id)).price_range.min, euros(700));
      assert.equal((await client.delete(`/v1/products/${product.id}/variants/${product.variants[1].id}`, { token })).status, 204);
      assert.equal((await shop.getProduct(product.id)).variants.length, 1);
    });

    test('carries an entity tag: 304 when it is known, 412 when it is stale', async () => {
      const product = await shop.createProduct();
      const at = `/v1/products/${product.id}`;
      const first = await client.get(at, { token });
      const etag = first.headers.etag;
      assert.match(etag, /^"[^"]+"$/);
      const known = await client.get(at, { token, headers: { 'if-none-match': `"other", ${etag}` } });
      assert.deepEqual([known.status, known.text, known.headers.etag], [304, '', etag]);
      const changed = await client.patch(at, { title: 'Renamed' }, { token, headers: { 'if-match': etag } });
      assert.equal(changed.status, 200, changed.text);
      refused(await client.patch(at, { title: 'Lost update' }, { token, headers: { 'if-match': etag } }), 412, 'stale');
      refused(await client.delete(at, { token, headers: { 'if-match': etag } }), 412, 'stale');
      const now = await client.get(at, { token, headers: { 'if-none-match': etag } });
      assert.equal(now.status, 200);
      assert.notEqual(now.headers.etag, etag);
      assert.equal((await client.patch(at, { title: 'Any' }, { token, headers: { 'if-match': '*' } })).status, 200);
      assert.equal((await client.delete(at, { token })).status, 204);
    });

    test('has variants and pictures that carry one each', async () => {
      const word = unique('CUP');
      const product = await shop.createProduct({
        options: [{ name: 'Size', values: ['S', 'L'] }],
        variants: ['S', 'L'].map((size) => ({ sku: `${word}-${size}`, options: { Size: size }, price: euros(1000) })),
      });
      const picture = await shop.addPicture(product);
      for (const [at, whole, change] of [
        [`/v1/products/${product.id}/variants/${product.variants[0].id}`, product.variants[0], { weight_grams: 250 }],
        [`/v1/products/${product.slug}/images/${picture.id}`, picture, { alt: 'A cup' }],
      ]) {
        const first = await client.get(at);
        assert.deepEqual(first.json, whole);
        const changed = await client.patch(at, change, { token, headers: { 'if-match': first.headers.etag } });
        assert.equal(changed.status, 200, changed.text);
        refused(await client.patch(at, change, { token, headers: { 'if-match': first.headers.etag } }), 412, 'stale');
        refused(await client.delete(at, { token, headers: { 'if-match': first.headers.etag } }), 412, 'stale');
        assert.equal((await client.get(at, { headers: { 'if-none-match': changed.headers.etag } })).status, 304);
        assert.equal((await client.delete(at, { token, headers: { 'if-match': changed.headers.etag } })).status, 204);
        refused(await client.get(at), 404, 'not_found');
      }
      const draft = await shop.createProduct({ status: 'draft' });
      refused(await client.get(`/v1/products/${draft.id}/variants/${draft.variants[0].id}`), 404, 'not_found');
    });

    test('loses no edit of several people who send If-Match', async () => {
      const product = await shop.createProduct({ description: '' });
      const at = `/v1/products/${product.id}`;
      const refusals = { stale: 0 };
      // Each adds their word to what they read, and reads again if somebody was faster.
      const edit = async (word) => {
        for (;;) {
          const read = await client.get(at, { token });
          const changed = await client.patch(at, { description: `${read.json.description} ${word}` }, { token, headers: { 'if-match': read.headers.etag } });
          if (changed.status === 200) return;
          refused(changed, 412, 'stale');
          ++refusals.stale;
        }
      };
      const people = Array.from({ length: 6 }, (_, person) => (async () => {
        for (let turn = 0; turn < 5; ++turn) await edit(`p${person}t${turn}`);
      })());
      await Promise.all(people);
      const words = (await client.get(at, { token })).json.description.trim().split(' ');
      assert.equal(new Set(words).size, 30, 'every word is there');
      assert.equal(words.length, 30, 'once');
      assert.ok(refusals.stale > 0, 'they did get in each other\'s way');
    });

    test('is shown as it is the moment a change is answered', async () => {
      const product = await shop.createProduct({ stock: 5 });
      for (let round = 1; round <= 20; ++round) {
        await shop.getProduct(product.id); // so that an answer is kept
        await client.patch(`/v1/products/${product.id}`, { title: `Round ${round}` }, { token });
        assert.equal((await shop.getProduct(product.id)).title, `Round ${round}`);
        await client.post(`/v1/variants/${product.variants[0].id}/stock`, { set: round }, { token });
        assert.equal((await shop.stockOf(product)).on_hand, round);
      }
    });

    test('that was ordered is archived, not deleted', async () => {
      const [sold, unsold] = [await shop.createProduct(), await shop.createProduct()];
      await shop.placeOrder(await shop.fillCart(sold));
      for (const product of [sold, unsold]) assert.equal((await client.delete(`/v1/products/${product.id}`, { token })).status, 204);
      assert.equal((await client.get(`/v1/products/${sold.id}`, { token })).json.status, 'archived');
      refused(await client.get(`/v1/products/${sold.id}`), 404, 'not_found');
      refused(await client.get(`/v1/products/${unsold.id}`, { token }), 404, 'not_found');
    });
  });

  test('every stock change is in the ledger, with who and why', async () => {
    const product = await shop.createProduct({ stock: 10 });
    const at = `/v1/variants/${product.variants[0].id}/stock`;
    await client.post(at, { adjust: -3, reason: 'broken in the store' }, { token });
    await client.post(at, { set: 40 }, { token });
    const order = await shop.placeOrder(await shop.fillCart(product, 2));
    await shop.moveOrder(order, 'cancel', { reason: 'changed their mind' });
    const ledger = (await client.get(at, { token })).json.data;
    assert.deepEqual(ledger.map(({ kind }) => kind), ['release', 'reserve', 'set', 'adjust', 'set']);
    assert.equal(ledger[3].reason, 'broken in the store');
    assert.match(ledger[3].actor, /^usr_/);
    assert.equal(ledger[0].order_id, order.id);
    assert.deepEqual([ledger[1].reserved_change, ledger[1].reserved_after, ledger[1].on_hand_after], [2, 2, 40]);
    const sums = ledger.reduce((sum, row) => [sum[0] + row.on_hand_change, sum[1] + row.reserved_change], [0, 0]);
    assert.deepEqual(sums, [40, 0]);
  });

  test('stock never goes below what is reserved', async () => {
    const product = await shop.createProduct({ stock: 5 });
    const at = `/v1/variants/${product.variants[0].id}/stock`;
    await shop.placeOrder(await shop.fillCart(product, 4));
    refused(await client.post(at, { set: 3 }, { token }), 409, 'stock_reserved');
    refused(await client.post(at, { adjust: -2 }, { token }), 409, 'stock_reserved');
    assert.equal((await client.post(at, { set: 1, adjust: 1 }, { token })).status, 422);
    assert.deepEqual(await shop.stockOf(product), { on_hand: 5, reserved: 4, available: 1 });
  });

  describe('the list', () => {
    const brand = unique('Brand');
    before(async () => {
      const word = unique('L');
      const sorts = [['Anvil', 300, 1, { Color: 'Red' }], ['Bellows', 100, 0, { Color: 'Blue' }], ['Chisel', 200, 5, { Color: 'Red' }]];
      for (const [title, amount, on_hand, attributes] of sorts) {
        await shop.createProduct({ title, brand, attributes, variants: [{ sku: `${word}-${title}`, price: euros(amount), on_hand }] });
      }
      await shop.createProduct({ title: 'Draft', brand, status: 'draft' });
    });
    const list = (query, options) => client.get(`/v1/products?brand=${brand}&${query}`, options);

    for (const [sort, expected] of [
      ['title', ['Anvil', 'Bellows', 'Chisel']], ['price', ['Bellows', 'Chisel', 'Anvil']],
      ['-price', ['Anvil', 'Chisel', 'Bellows']], ['-created_at', ['Chisel', 'Bellows', 'Anvil']],
    ]) {
      test(`sorts by ${sort}, in one page or in three`, async () => {
        assert.deepEqual(titles(await list(`sort=${sort}`)), expected);
        const seen = [];
        for (let cursor = ''; ;) {
          const page = await list(`sort=${sort}&limit=1${cursor}`);
          assert.equal(page.status, 200, page.text);
          seen.push(...titles(page));
          if (!page.json.has_more) break;
          cursor = `&cursor=${page.json.next_cursor}`;
        }
        assert.deepEqual(seen, expected);
      });
    }

    for (const [query, expected] of [
      ['price_min=150', ['Anvil', 'Chisel']], ['price_max=250&price_min=150', ['Chisel']], ['in_stock=true', ['Anvil', 'Chisel']],
      ['attributes[Color]=Red', ['Anvil', 'Chisel']], ['attributes%5BColor%5D=Blue', ['Bellows']], ['attributes[Color]=Green', []],
    ]) {
      test(`filters by ${query}`, async () => assert.deepEqual(titles(await list(`sort=title&${query}`)), expected));
    }

    test('shows drafts to staff who ask', async () => {
      assert.deepEqual(titles(await list('status=draft', { token })), ['Draft']);
      assert.ok([400, 401, 403].includes((await list('status=draft')).status));
    });

    test('a cursor that somebody edited, or of another order, is 400', async () => {
      const { next_cursor } = (await list('sort=title&limit=1')).json;
      const middle = next_cursor.length >> 1;
      const edited = next_cursor.slice(0, middle) + (next_cursor[middle] === 'A' ? 'B' : 'A') + next_cursor.slice(middle + 1);
      for (const query of [`sort=title&cursor=${edited}`, `sort=price&cursor=${next_cursor}`, 'cursor=%00', 'cursor=e30', `cursor=${'A'.repeat(2000)}`]) {
        refused(await list(query), 400, 'invalid_parameter');
      }
    });

    for (const query of ['limit=0', 'limit=101', 'limit=abc', 'limit=1e3', 'sort=random', 'price_min=-1', 'in_stock=yes', 'colour=red', 'limit=5&limit=6', 'price_min=9007199254740993']) {
      test(`?${query} is 400 and says which`, async () => {
        const answer = await client.get(`/v1/products?${query}`);
        refused(answer, 400, 'invalid_parameter');
        assert.equal(answer.json.errors[0].field, query.split('=')[0]);
      });
    }

    for (const name of ['brand', 'attributes[Color]']) {
      test(`${name} that is given twice is 400: neither is what was meant`, async () => {
        const answer = await list(`${name}=Red&attributes[Size]=S&${encodeURIComponent(name)}=Blue`);
        refused(answer, 400, 'invalid_parameter');
        assert.deepEqual(answer.json.errors, [{ field: name, code: 'repeated_parameter', message: 'is given twice' }]);
      });
    }

    test('a query that is no UTF-8, or whose escapes are broken, is 400', async () => {
      for (const query of ['brand=%ff', 'brand=%zz', 'brand=%e2%28%a1', 'brand=%ed%a0%80', 'brand=%00']) {
        refused(await client.get(`/v1/products?${query}`), 400, 'invalid_parameter');
      }
    });
  });

  describe('categories', () => {
    const create = async (body) => {
      const answer = await client.post('/v1/categories', body, { token });
      assert.equal(answer.status, 201, answer.text);
      return answer.json;
    };

    test('form a tree that knows its paths and counts', async () => {
      const kitchen = await create({ name: unique('Kitchen') });
      const kettles = await create({ name: unique('Kettles'), parent_id: kitchen.id });
      assert.deepEqual(kettles.path.map(({ id }) => id), [kitchen.id, kettles.id]);
      const product = await shop.createProduct({ category_ids: [kettles.id] });
      const shown = (await client.get(`/v1/categories/${kitchen.slug}`)).json;
      assert.deepEqual([shown.product_count, shown.children.map(({ id }) => id)], [1, [kettles.id]]);
      const below = await client.get(`/v1/products?category=${kitchen.slug}`);
      assert.deepEqual(below.json.data.map(({ id }) => id), [product.id]);
      const tree = (await client.get('/v1/categories')).json.data;
      assert.ok(tree.find(({ id }) => id === kitchen.id).children.some(({ id }) => id === kettles.id));
    });

    test('cannot stand under themselves', async () => {
      const top = await create({ name: unique('Top') });
      const middle = await create({ name: unique('Middle'), parent_id: top.id });
      const bottom = await create({ name: unique('Bottom'), parent_id: middle.id });
      for (const parent_id of [top.id, bottom.id]) {
        refused(await client.patch(`/v1/categories/${top.id}`, { parent_id }, { token }), 409, 'category_cycle');
      }
      assert.equal((await client.patch(`/v1/categories/${bottom.id}`, { parent_id: null }, { token })).json.parent_id, null);
    });

    test('answer 301 with their new place under an old slug', async () => {
      const before = await create({ name: unique('Old') });
      const parent = await create({ name: unique('Parent') });
      await client.get(`/v1/categories/${before.slug}`); // so that an answer is kept
      const slug = unique('new');
      const moved = await client.patch(`/v1/categories/${before.id}`, { slug, parent_id: parent.id }, { token });
      assert.equal(moved.status, 200, moved.text);
      const old = await client.get(`/v1/categories/${before.slug}`);
      assert.deepEqual([old.status, old.headers.location, old.json.code], [301, `/v1/categories/${slug}`, 'moved_permanently'], old.text);
      const now = await client.get(old.headers.location);
      assert.deepEqual([now.json.id, now.json.path.map(({ id }) => id)], [before.id, [parent.id, before.id]]);
      const product = await shop.createProduct({ category_ids: [before.id] });
      const listed = await client.get(`/v1/products?category=${before.slug}`);
      assert.deepEqual(listed.json.data.map(({ id }) => id), [product.id], 'an old link to a list works as well');
    });

    test('stand in the order they are given', async () => {
      const top = await create({ name: unique('Top') });
      const [a, b, c] = [await create({ name: 'A', slug: unique('a'), parent_id: top.id }), await create({ name: 'B', slug: unique('b'), parent_id: top.id }), await create({ name: 'C', slug: unique('c'), parent_id: top.id })];
      for (const [position, { id }] of [c, a, b].entries()) await client.patch(`/v1/categories/${id}`, { position }, { token });
      const shown = (await client.get(`/v1/categories/${top.id}`)).json.children.map(({ id }) => id);
      assert.deepEqual(shown, [c.id, a.id, b.id]);
    });

    test('go only when they are empty, or with somewhere to move to', async () => {
      const [full, other] = [await create({ name: unique('Full') }), await create({ name: unique('Other') })];
      const product = await shop.createProduct({ category_ids: [full.id] });
      refused(await client.delete(`/v1/categories/${full.id}`, { token }), 409, 'category_not_empty');
      assert.equal((await client.delete(`/v1/categories/${full.id}?move_to=${other.id}`, { token })).status, 204);
      assert.deepEqual((await shop.getProduct(product.id)).category_ids, [other.id]);
      refused(await client.get(`/v1/categories/${full.id}`), 404, 'not_found');
    });
  });
});
