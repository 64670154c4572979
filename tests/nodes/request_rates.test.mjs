// What an address has used of its limit on one node counts on the other, with Redis and without.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { eventually } from '../support/eventually.mjs';
import { withinOneMinute } from '../support/minutes.mjs';
import { RedisServer } from '../support/redis_server.mjs';
import { patience } from '../support/server.mjs';
import { TestShop, engine } from '../support/shop.mjs';

const limit = 320;
const aloneOn = engine === 'sqlite' && 'one server owns an SQLite database';

describe(`requests of an address over two nodes (${engine})`, { skip: aloneOn }, () => {
  for (const how of ['PostgreSQL', 'Redis']) {
    test(`told by ${how}: both together let through what one would, and little more`, { timeout: 120_000 }, async (t) => {
      const redis = how === 'Redis' ? await RedisServer.open() : undefined;
      const settings = { secret: 'known to both nodes, and to nobody else', address_requests_max: limit, trusted_proxies: '127.0.0.0/8', log_level: 'warn', ...redis?.settings };
      const shop = await TestShop.open({ settings });
      t.after(async () => {
        await shop.close();
        await redis?.close();
      });
      const nodes = [shop, await shop.addNode()];
      const figure = how === 'Redis' ? 'kontor_redis_up' : 'kontor_store_hears_others';
      for (const { client } of nodes) {
        await eventually(async () => new RegExp(`^${figure} 1$`, 'm').test((await client.get('/metrics', { unchecked: true })).text), how);
      }
      await withinOneMinute(20_000 * patience);
      let passed = 0;
      for (let i = 0; i < 2 * limit; ++i) {
        const { status } = await nodes[i % 2].client.get('/v1/products?limit=1', { headers: { 'x-forwarded-for': '192.0.2.1' } });
        if (status === 200) ++passed;
        else assert.equal(status, 429);
      }
      t.diagnostic(`${passed} passed, ${limit} allowed`);
      assert.ok(passed >= limit, 'nobody is refused too early');
      // A sixteenth that isn't told yet, and what comes while a word is on its way. Alone, each would let through the whole limit.
      assert.ok(passed <= limit * 1.3, `${passed} passed`);
    });
  }
});
