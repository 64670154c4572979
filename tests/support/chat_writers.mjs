// People who write in one conversation without pause while a test does things to the server, and the audit of what is there
// in the end: a message whose acknowledgement is lost is sent again under its client_id.
import assert from 'node:assert/strict';
import { Talker } from './talker.mjs';

const later = ['overloaded', 'internal']; // what a node says that has no database
const pause_ms = 20; // between two tries
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// Writes `count` messages, or until stop(); sees each message once.
export class ChatWriter {
  // `patient`: of a node that says "later" it asks again; else that is a failure. The rest of the options goes to the Talker.
  constructor(shop, person, conversation, name, { count = Infinity, patient = false, ...options } = {}) {
    this.name = name;
    this.conversation = conversation;
    this.count = count;
    this.patient = patient;
    this.stopped = false;
    this.seen = [];
    this.ids = new Set();
    this.acknowledged = new Map(); // client_id to message id
    this.held = []; // null once everything missed is there
    this.talker = new Talker(shop, person, options);
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
    const { id } = this.talker.socket;
    this.held = [];
    for (let more = true; more; ) {
      const ack = await this.ask('conversation:join', { after: this.seen.at(-1)?.id });
      if (this.talker.socket.id !== id) return; // the connection went: who comes back asks anew
      if (!ack) continue;
      more = ack.has_more;
      const held = this.held;
      this.held = null;
      ack.messages.forEach((message) => this.see(message));
      if (more) this.held = held;
      else held.forEach((message) => this.see(message));
    }
  }

  async write() {
    for (let i = 0; i < this.count && !this.stopped; ++i) {
      const client_id = `${this.name}-${i}`;
      while (!this.acknowledged.has(client_id)) {
        const ack = await this.ask('message:send', { text: client_id, client_id });
        if (ack) this.acknowledged.set(client_id, ack.message.id);
      }
    }
  }

  // The acknowledgement; null if none came in time, or not now.
  async ask(event, argument) {
    let ack = null;
    try {
      ack = await this.talker.socket.timeout(2_000).emitWithAck(event, { conversation_id: this.conversation.id, ...argument });
    } catch {
      return null; // the connection went and comes back, or the node stands still
    }
    if (ack.ok) return ack;
    assert.ok(this.patient && later.includes(ack.error.code), JSON.stringify(ack));
    await pause(pause_ms);
    return null;
  }

  stop() {
    this.stopped = true;
  }

  close() {
    this.talker.close();
  }
}

export const countAcknowledged = (writers) => writers.reduce((sum, { acknowledged }) => sum + acknowledged.size, 0);

// RE-10: what was acknowledged is there once, each writer's in the order of writing, and everybody has seen that order. The
// conversation began with a message of its own.
export async function auditConversation(client, token, writers) {
  const [{ conversation }] = writers;
  const history = [];
  for (let cursor = '', more = true; more; ) {
    const page = (await client.get(`/v1/conversations/${conversation.id}/messages?limit=100${cursor}`, { token })).json;
    history.unshift(...page.data.reverse());
    more = page.has_more;
    cursor = `&cursor=${page.next_cursor}`;
  }
  assert.equal(history.length, 1 + countAcknowledged(writers), 'each message is there once');
  const stored = new Map(history.map(({ id, client_id }) => [client_id, id]));
  for (const writer of writers) {
    for (const [client_id, id] of writer.acknowledged) assert.equal(stored.get(client_id), id, 'an acknowledged message is kept');
    const mine = new Set(writer.acknowledged.values());
    const own = history.filter(({ id }) => mine.has(id)).map(({ client_id }) => client_id);
    assert.deepEqual(own, [...writer.acknowledged.keys()], 'in the order in which they were written');
    await writer.talker.until('to have seen all', () => writer.seen.length >= history.length);
    assert.deepEqual(writer.seen.map(({ id }) => id), history.map(({ id }) => id), 'everybody has seen the same order');
  }
}
