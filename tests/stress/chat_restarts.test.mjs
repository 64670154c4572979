// RE-10: people write while the server is killed again and again. Every message that was acknowledged is there once, in
// one order, and everybody has seen exactly that order.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ChatWriter, auditConversation, countAcknowledged } from '../support/chat_writers.mjs';
import { patience } from '../support/server.mjs';
import { TestShop, engine } from '../support/shop.mjs';

const restarts = 100 / patience; // a build for debugging takes its time to start
const talkers = 4;
const messages_each = 5 * restarts;

test(`RE-10: kill -9 in mid conversation (${engine})`, { timeout: 600_000 }, async (t) => {
  const shop = await TestShop.open({ settings: { chat_messages_burst: 100_000, access_token_seconds: 900 } });
  t.after(() => shop.close());
  const [ann, mia] = [await shop.registerUser(), await shop.hire('support')];
  const opened = await shop.client.post('/v1/conversations', { kind: 'support', text: 'first' }, { token: ann.access_token });
  const writers = Array.from({ length: talkers }, (_, i) => new ChatWriter(shop, i % 2 ? ann : mia, opened.json, `writer-${i}`, { count: messages_each }));
  t.after(() => writers.forEach((writer) => writer.close()));

  let writing = true;
  const all = Promise.all(writers.map((writer) => writer.write())).finally(() => {
    writing = false;
  });
  all.catch(() => {}); // awaited below
  let kills = 0;
  while (kills < restarts) {
    const goal = Math.floor(((kills + 1) * talkers * messages_each) / (restarts + 1));
    while (writing && countAcknowledged(writers) < goal) await new Promise((resolve) => setTimeout(resolve, 2));
    if (!writing) await all; // tells what a writer failed at
    assert.ok(writing, 'the server is killed while they write');
    await shop.kill9AndRestart();
    kills += 1;
  }
  await all;
  assert.equal(countAcknowledged(writers), talkers * messages_each);
  await auditConversation(shop.client, ann.access_token, writers);
});
