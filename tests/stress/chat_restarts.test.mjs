// RE-10: people write while the server is killed again and again. Every message that was acknowledged is there once, in
// one order, and everybody has seen exactly that order.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { patience } from '../support/server.mjs';
import { TestShop, engine } from '../support/shop.mjs';
import { Talker } from '../support/talker.mjs';

const restarts = 100 / patience; // a build for debugging takes its time to start
const talkers = 4;
const messages_each = 5 * restarts;

// Writes until everything is acknowledged, each under its client_id again when no answer came; sees each message once.
class Writer {
  constructor(shop, person, conversation, name) {
    this.name = name;
    this.conversation = conversation;
    this.seen = [];
    this.ids = new Set();
    this.acknowledged = new Map(); // client_id to message id
    this.held = []; // null once everything missed is there
    this.talker = new Talker(shop, person);
    this.talker.socket.on('message:new', ({ message }) => this.see(message));
    this.talker.socket.on('connect', () => void this.catchUp());
  }

  // What comes while the missed ones are on their way belongs behind them.
  see(message) {
    if (this.held) {
      this.held.push(message);
    } else if (!this.ids.has(message.id)) {
      this.ids.add(message.id);
      this.seen.push(message);
      this.talker.wake();
    }
  }

  async catchUp() {
    this.held = [];
    try {
      for (let more = true; more; ) {
        const ack = await this.talker.ask('conversation:join', { conversation_id: this.conversation.id, after: this.seen.at(-1)?.id });
        assert.ok(ack.ok, JSON.stringify(ack));
        more = ack.has_more;
        const held = this.held;
        this.held = null;
        ack.messages.forEach((message) => this.see(message));
        if (more) this.held = held;
        else held.forEach((message) => this.see(message));
      }
    } catch (error) {
      if (error instanceof assert.AssertionError) throw error; // otherwise the connection went, and comes back
    }
  }

  async write() {
    for (let i = 0; i < messages_each; ++i) {
      const client_id = `${this.name}-${i}`;
      while (!this.acknowledged.has(client_id)) {
        try {
          const argument = { conversation_id: this.conversation.id, text: client_id, client_id };
          const ack = await this.talker.socket.timeout(2_000).emitWithAck('message:send', argument);
          assert.ok(ack.ok, JSON.stringify(ack));
          this.acknowledged.set(client_id, ack.message.id);
        } catch (error) {
          if (error instanceof assert.AssertionError) throw error;
        }
      }
    }
  }
}

test(`RE-10: kill -9 in mid conversation (${engine})`, { timeout: 600_000 }, async (t) => {
  const shop = await TestShop.open({ settings: { chat_messages_burst: 100_000, access_token_seconds: 900 } });
  t.after(() => shop.close());
  const [ann, mia] = [await shop.registerUser(), await shop.hire('support')];
  const opened = await shop.client.post('/v1/conversations', { kind: 'support', text: 'first' }, { token: ann.access_token });
  const writers = Array.from({ length: talkers }, (_, i) => new Writer(shop, i % 2 ? ann : mia, opened.json, `writer-${i}`));
  t.after(() => writers.forEach(({ talker }) => talker.close()));

  let writing = true;
  const all = Promise.all(writers.map((writer) => writer.write())).finally(() => {
    writing = false;
  });
  let kills = 0;
  while (kills < restarts) {
    const count = () => writers.reduce((sum, { acknowledged }) => sum + acknowledged.size, 0);
    const goal = Math.floor(((kills + 1) * talkers * messages_each) / (restarts + 1));
    while (writing && count() < goal) await new Promise((resolve) => setTimeout(resolve, 2));
    assert.ok(writing, 'the server is killed while they write');
    await shop.kill9AndRestart();
    kills += 1;
  }
  await all;

  const history = [];
  for (let cursor = '', more = true; more; ) {
    const page = (await shop.client.get(`/v1/conversations/${opened.json.id}/messages?limit=100${cursor}`, { token: ann.access_token })).json;
    history.unshift(...page.data.reverse());
    more = page.has_more;
    cursor = `&cursor=${page.next_cursor}`;
  }
  assert.equal(history.length, 1 + talkers * messages_each, 'each message is there once');
  const stored = new Map(history.map(({ id, client_id }) => [client_id, id]));
  for (const writer of writers) {
    for (const [client_id, id] of writer.acknowledged) assert.equal(stored.get(client_id), id, 'an acknowledged message is kept');
    await writer.talker.until('to have seen all', () => writer.seen.length >= history.length);
    assert.deepEqual(writer.seen.map(({ id }) => id), history.map(({ id }) => id), 'everybody has seen the same order');
  }
});
