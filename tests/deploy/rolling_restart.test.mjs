// Two nodes on one PostgreSQL behind nginx as docs/deploy.md sets it up: one after the other is restarted under load.
import assert from 'node:assert/strict';
import { mkdtemp } from 'node:fs/promises';
import https from 'node:https';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Balancer } from '../support/balancer.mjs';
import { ChatWriter, auditConversation, countAcknowledged } from '../support/chat_writers.mjs';
import { Client } from '../support/client.mjs';
import { eventually } from '../support/eventually.mjs';
import { Shoppers, audit } from '../support/orders_under_way.mjs';
import { ServerProcess } from '../support/server.mjs';
import { TestShop, engine } from '../support/shop.mjs';

const rounds = 3;
const writersEach = 2; // of the customer and of the team
const messagesPerRestart = 20;

describe('a rolling restart behind nginx', { skip: engine !== 'postgres' && 'several nodes need PostgreSQL' }, () => {
  let shop, second, balancer;
  before(async () => {
    const settings = { secret: 'the same for both nodes of this test', trusted_proxies: '127.0.0.1', log_level: 'warn', chat_messages_burst: 1_000_000 };
    shop = await TestShop.open({ settings });
    second = new ServerProcess(await mkdtemp(path.join(tmpdir(), 'kontor-test-')), shop.server.settings);
    second.database = shop.server.database;
    await second.start();
    balancer = await Balancer.open([shop.server.port, second.port]);
    shop.client.close();
    const direct = shop.client;
    shop.client = new Client(balancer.port, shop.contract, https);
    shop.client.audited = direct.audited;
  });
  after(async () => {
    await balancer?.close();
    if (second) {
      await second.terminate();
      second.database = null; // it goes with the first
      await second.dispose();
    }
    await shop?.close();
  });

  // What that node has answered so far.
  const served = async (node) => {
    const client = new Client(node.port, null);
    const { text } = await client.get('/metrics');
    client.close();
    return [...text.matchAll(/^kontor_http_requests_total\{.*route="\/v1\/(?:carts|orders)".*\} (\d+)$/gm)].reduce((sum, [, count]) => sum + Number(count), 0);
  };

  const restartBoth = async (worked) => {
    for (const node of [shop.server, second]) {
      assert.deepEqual(await node.terminate(), { code: 0, signal: null });
      await node.start();
      // nginx leaves a node that refused it alone for a second: the next one stops when this one works again.
      await worked(node);
    }
  };

  test('no request is lost, and no answer but the usual ones is seen (RE-8)', { timeout: 300_000 }, async (t) => {
    const products = [await shop.createProduct({ stock: 100_000 }), await shop.createProduct({ stock: 100_000 })];
    const shoppers = new Shoppers(shop, products, { count: 16 });
    await shoppers.reached(100);
    for (let i = 0; i < rounds; ++i) {
      await restartBoth((node) => eventually(async () => await served(node) > 20, 'work for the restarted node'));
    }
    const heard = shoppers.acknowledged.length;
    await shoppers.finish();
    t.diagnostic(`${shoppers.acknowledged.length} orders over ${2 * rounds} restarts`);
    assert.ok(heard > 200);
    assert.deepEqual(shoppers.refused.map(({ status, text }) => `${status} ${text}`), [], await balancer.errors());
    assert.deepEqual(shoppers.lost, []);
    assert.deepEqual(shoppers.acknowledged.filter(({ replayed }) => replayed), [], 'an answer was lost on its way');
    await audit(shop, shoppers, 100_000);
  });

  test('messages in flight: each that was acknowledged is there once, and everybody saw one order (RE-8, RE-10)', { timeout: 300_000 }, async (t) => {
    const [ann, mia] = [await shop.registerUser(), await shop.hire('support')];
    const opened = await shop.client.post('/v1/conversations', { kind: 'support', text: 'first' }, { token: ann.access_token });
    // nginx chooses a node by the client's address, so that the writers are spread over both.
    const writers = Array.from({ length: 2 * writersEach }, (_, i) => new ChatWriter({ port: balancer.port }, i % 2 ? ann : mia, opened.json, `writer-${i}`,
      { scheme: 'https', agent: new https.Agent({ rejectUnauthorized: false, localAddress: `127.0.0.${2 + i}` }) }));
    t.after(() => writers.forEach((writer) => writer.close()));
    const work = Promise.all(writers.map((writer) => writer.write()));
    work.catch(() => {}); // awaited below
    const more = async () => {
      const before = countAcknowledged(writers);
      await eventually(() => countAcknowledged(writers) > before + messagesPerRestart, 'more messages');
    };
    await more();
    for (let i = 0; i < rounds; ++i) await restartBoth(more);
    writers.forEach((writer) => writer.stop());
    await work;
    t.diagnostic(`${countAcknowledged(writers)} messages over ${2 * rounds} restarts`);
    await auditConversation(shop.client, ann.access_token, writers);
  });
});
