// Nodes that take ready answers from each other through Redis: what a node gets that has just started, that nothing is
// ever older than a change it knows of, and that Redis may hold anything or be gone.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { eventually } from '../support/eventually.mjs';
import { RedisServer } from '../support/redis_server.mjs';
import { patience } from '../support/server.mjs';
import { TestShop, engine, unique } from '../support/shop.mjs';

const aloneOn = engine === 'sqlite' && 'one server owns an SQLite database';
const soon = { timeout_ms: 1000 * patience, every_ms: 5 };
const answered_within_ms = 1000 * patience;
const keys = 'socket.io-kept#*';
const secret = 'known to all nodes, and to nobody else';
// What it keeps is pushed out by the next dozen answers, so that most are asked for again.
const forgetful = { kept_bytes_max: 30_000 };
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

describe(`answers that nodes share (${engine})`, { skip: aloneOn }, () => {
  let redis, client, shop, a, b, token;
  before(async () => {
    redis = await RedisServer.open();
    client = await redis.client();
    shop = await TestShop.open({ settings: { secret, log_level: 'warn', threads: 1, ...redis.settings } });
    a = { client: shop.client, server: shop.server };
    b = await shop.addNode({ settings: forgetful });
    token = await shop.signInAsAdmin();
    await asksRedis(a);
    await asksRedis(b);
  });
  after(async () => {
    await shop?.close();
    await redis?.close();
  });

  const figure = async (node, name) => {
    const { text } = await node.client.get('/metrics', { unchecked: true });
    return Number(text.split('\n').find((line) => line.startsWith(`${name} `)).split(' ')[1]);
  };
  const found = (node, outcome) => figure(node, `kontor_shared_answers_total{outcome="${outcome}"}`);
  // As soon as it can.
  const asksRedis = (node) => eventually(async () => {
    await get(node, `/v1/products?limit=${1 + Math.floor(Math.random() * 100)}`);
    return (await found(node, 'missing')) + (await found(node, 'taken')) > 0;
  }, 'the node to ask Redis');
  const pathOf = ({ id }) => `/v1/products/${id}`;
  const get = async (node, path) => {
    const answer = await node.client.get(path);
    assert.equal(answer.status, 200, answer.text);
    return answer;
  };
  const priceOn = async (node, product) => (await get(node, pathOf(product))).json.variants[0].price.amount;
  const setPrice = async (node, product, amount) => {
    const answer = await node.client.patch(`${pathOf(product)}/variants/${product.variants[0].id}`, { price: { amount, currency: 'EUR' } }, { token });
    assert.equal(answer.status, 200, answer.text);
  };
  // Asks for them on a node, which has one thread, until it has put all into Redis.
  const share = async (node, ...paths) => {
    const put = () => figure(node, 'kontor_shared_answers_put_total');
    const before = await put();
    await eventually(async () => {
      for (const path of paths) await get(node, path);
      return (await put()) >= before + paths.length;
    }, `${paths} to be shared`);
  };
  // While it runs nobody can read a product from the database.
  const withoutProducts = async (work) => {
    const session = await shop.server.openSession();
    await session.run('begin; lock table products in access exclusive mode');
    try {
      await work();
    } finally {
      await session.run('rollback');
      await session.end();
    }
  };

  // The answers that come although nobody can read a product from the database. On a busy machine Redis may answer too
  // late for some, or this node may have looked at the log later than they were put: those wait for the database.
  const takenWithoutProducts = async (node, paths) => {
    const looked = async () => {
      const [taken, late, stale] = [await found(node, 'taken'), await found(node, 'late'), await found(node, 'stale')];
      return { taken, all: taken + late + stale };
    };
    const before = await looked();
    let [answers, waiting] = [[], []];
    await withoutProducts(async () => {
      waiting = paths.map((path) => get(node, path));
      answers = await Promise.all(waiting.map((answer) => Promise.race([answer, pause(2000)])));
    });
    await Promise.all(waiting);
    const behind = await looked();
    assert.equal(behind.taken - before.taken, answers.filter(Boolean).length);
    assert.equal(behind.all - before.all, paths.length, 'they are there');
    assert.ok(behind.taken > before.taken);
    return answers;
  };

  test('a node that has just started gives what another one has read, without asking the database', async () => {
    const products = [];
    for (let i = 0; i < 5; ++i) products.push(await shop.createProduct());
    const unread = await shop.createProduct();
    const paths = [...products.map(pathOf), '/v1/categories', '/v1/products?limit=3'];
    await share(a, ...paths);
    const c = await shop.addNode();
    await asksRedis(c);
    const answers = await takenWithoutProducts(c, paths);
    for (const [i, answer] of answers.entries()) {
      if (!answer) continue;
      const first = await get(a, paths[i]);
      assert.equal(answer.text, first.text);
      assert.equal(answer.headers.etag, first.headers.etag);
    }
    await withoutProducts(async () => {
      await assert.rejects(c.client.get(pathOf(unread), { timeout_ms: 1000 }), /no answer/, 'what nobody has read waits for the database');
    });
  });

  test('the dashboard shows what is told of Redis', async () => {
    const dashboard = await readFile(fileURLToPath(new URL('../../packaging/grafana-dashboard.json', import.meta.url)), 'utf8');
    const shown = new Set([...dashboard.matchAll(/kontor_(?:redis|shared|realtime_ignored)_\w+/g)].map(([name]) => name));
    const { text } = await a.client.get('/metrics', { unchecked: true });
    assert.ok(shown.size >= 3);
    assert.deepEqual([...shown].filter((name) => !new RegExp(`^${name}[ {]`, 'm').test(text)), []);
  });

  test('an answer that a node has forgotten is taken from Redis', async () => {
    const products = [];
    for (let i = 0; i < 20; ++i) products.push(await shop.createProduct());
    await share(a, ...products.map(pathOf));
    for (const product of products) await get(b, pathOf(product));
    await takenWithoutProducts(b, products.slice(0, 3).map(pathOf));
  });

  test('a change on one node is never followed by the old answer there, nor on the other once it has shown the new one', async () => {
    const products = [];
    for (let i = 0; i < 20; ++i) products.push(await shop.createProduct({ price: 1000 }));
    const [taken, stale] = [await found(b, 'taken'), await found(b, 'stale')];
    const [last, acknowledged] = [new Map(), new Map()];
    let stopped = false;
    // Of one who asks for one after the other, prices only grow; and never stand below what was acknowledged on that node.
    const reading = (node, hears) => (async () => {
      while (!stopped) {
        for (const product of products) {
          const least = Math.max(last.get(`${hears} ${product.id}`) ?? 0, (hears === 'a' && acknowledged.get(product.id)) || 0);
          const amount = await priceOn(node, product);
          assert.ok(amount >= least, `${hears} has shown ${amount} behind ${least}`);
          last.set(`${hears} ${product.id}`, amount);
        }
      }
    })();
    const readers = [reading(a, 'a'), reading(b, 'b')];
    for (let round = 1; round <= 5; ++round) {
      for (const product of products) {
        await setPrice(a, product, 1000 + round);
        acknowledged.set(product.id, 1000 + round);
        assert.equal(await priceOn(a, product), 1000 + round);
      }
      const [product] = products.slice(-1);
      await eventually(async () => (await priceOn(b, product)) === 1000 + round, 'the new price on the other node', soon);
      await pause(1500); // answers are put again
    }
    stopped = true;
    await Promise.all(readers);
    assert.ok((await found(b, 'taken')) > taken, 'some came from Redis');
    assert.ok((await found(b, 'stale')) >= stale);
  });

  test('a category\'s new name is in every answer at once', async () => {
    const made = await shop.client.post('/v1/categories', { name: unique('Cups') }, { token });
    const product = await shop.createProduct({ category_ids: [made.json.id] });
    const path = `/v1/categories/${made.json.id}`;
    await share(a, path, pathOf(product));
    const name = unique('Beakers');
    assert.equal((await shop.client.patch(path, { name }, { token })).status, 200);
    for (const shown of [path, pathOf(product)]) assert.ok((await get(a, shown)).text.includes(name));
    await eventually(async () => (await get(b, path)).text.includes(name) && (await get(b, pathOf(product))).text.includes(name), 'the new name', soon);
  });

  test('what only staff may see is never there, nor what a node\'s own search index has found', async () => {
    const word = unique('secretive');
    const draft = await shop.createProduct({ title: `A ${word} draft`, status: 'draft' });
    const shown = await shop.createProduct({ title: `A ${word} product` });
    for (let i = 0; i < 7; ++i) {
      assert.equal((await a.client.get(pathOf(draft), { token })).status, 200);
      assert.equal((await a.client.get(`/v1/products?q=${word}`)).status, 200);
      await pause(200);
    }
    await share(a, pathOf(shown));
    const values = [];
    for await (const names of client.scanIterator({ MATCH: keys })) for (const name of [names].flat()) values.push(await client.get(name));
    const withWord = values.filter((value) => value?.includes(word));
    assert.equal(withWord.length, 1, 'the product that anybody may see');
    assert.ok(!withWord[0].includes(`${word} draft`));
  });

  test('whatever somebody writes there is no answer', async () => {
    const products = [];
    for (let i = 0; i < 6; ++i) products.push(await shop.createProduct());
    await share(a, ...products.map(pathOf));
    const names = [];
    for await (const some of client.scanIterator({ MATCH: keys })) names.push(...[some].flat());
    assert.ok(names.length >= products.length);
    const whole = await client.get(names[0]);
    const rubbish = ['', 'rubbish', '\0'.repeat(100_000), whole.slice(0, 40), `${whole}x`, whole];
    for (const [i, name] of names.entries()) {
      if (i === 0) {
        await client.del(name);
        await client.rPush(name, 'a list');
      } else await client.set(name, rubbish[i % rubbish.length]);
    }
    const c = await shop.addNode();
    await asksRedis(c);
    for (const product of products) assert.equal((await get(c, pathOf(product))).json.title, product.title);
    assert.equal(await found(c, 'taken'), 0);
    const [broken, late] = [await found(c, 'broken'), await found(c, 'late')];
    assert.ok(broken > 0 && broken + late >= products.length - 1, `${broken} broken, ${late} late`);
  });

  // `lose` and `restore` do it to Redis.
  const goesOn = (what, lose, restore) =>
    test(`${what}: everybody is answered, and in time`, { timeout: 60_000 }, async (t) => {
      const products = [];
      for (let i = 0; i < 20; ++i) products.push(await shop.createProduct());
      await share(a, ...products.map(pathOf));
      const slowest = { before: 0, without: 0, behind: 0 };
      let phase = 'before';
      let stopped = false;
      const reading = (async () => {
        while (!stopped) {
          for (const product of products) {
            const began = performance.now();
            await get(b, pathOf(product));
            slowest[phase] = Math.max(slowest[phase], performance.now() - began);
          }
        }
      })();
      await pause(300);
      phase = 'without';
      await lose();
      await pause(2000);
      phase = 'behind';
      await restore();
      const fresh = await shop.createProduct();
      await share(a, pathOf(fresh));
      const taken = await found(b, 'taken');
      await eventually(async () => (await get(b, pathOf(fresh))) && (await found(b, 'taken')) > taken, 'answers to be taken again');
      stopped = true;
      await reading;
      t.diagnostic(`slowest answers in ms: ${Object.entries(slowest).map(([when, ms]) => `${when} ${ms.toFixed(1)}`).join(', ')}`);
      assert.ok(Math.max(...Object.values(slowest)) < answered_within_ms);
    });

  goesOn('Redis is killed', () => redis.kill(), () => redis.start());
  goesOn('Redis stands still (SIGSTOP)', () => redis.hang(), () => redis.wake());
});
