// Somebody with a socket: the official socket.io-client, what it heard, and waiting for it.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { io } from 'socket.io-client';

const patience_ms = 15_000;

export class Talker {
  // `person`: as TestShop.registerUser() gives it; absent: a guest. `space`: a namespace. `scheme` https: through the balancer.
  // The rest goes to io().
  static async connect(shop, person, options = {}) {
    const talker = new Talker(shop, person, options);
    await talker.connected();
    return talker;
  }

  constructor(shop, person, { space = '/', scheme = 'http', ...options } = {}) {
    this.person = person;
    this.heard = []; // {event, ...argument}
    this.waiting = new Set(); // of until(): what has each look again
    this.socket = io(`${scheme}://127.0.0.1:${shop.port}${space}`, {
      auth: person ? { token: person.access_token } : undefined,
      forceNew: true,
      reconnectionDelay: 20,
      reconnectionDelayMax: 100,
      randomizationFactor: 0,
      transports: ['websocket'],
      ...options,
    });
    this.socket.onAny((event, argument) => {
      this.hear({ event, ...argument });
    });
    this.socket.on('disconnect', (reason) => {
      this.hear({ event: 'disconnect', reason });
    });
  }

  hear(news) {
    this.heard.push(news);
    this.wake();
  }

  // Whoever waits in until() looks again.
  wake() {
    for (const look of [...this.waiting]) look();
  }

  async connected() {
    if (this.socket.connected) return;
    const refused = once(this.socket, 'connect_error').then(([error]) => Promise.reject(error));
    await Promise.race([once(this.socket, 'connect'), refused]);
  }

  async ask(event, argument) {
    return this.socket.timeout(patience_ms).emitWithAck(event, argument);
  }

  // The members of an ack that has to be good.
  async must(event, argument) {
    const ack = await this.ask(event, argument);
    assert.equal(ack.ok, true, `${event}: ${JSON.stringify(ack)}`);
    return ack;
  }

  async refused(event, argument, code) {
    const ack = await this.ask(event, argument);
    assert.deepEqual([ack.ok, ack.error?.code], [false, code], JSON.stringify(ack));
    assert.equal(typeof ack.error.message, 'string');
  }

  join(conversation, after) {
    return this.must('conversation:join', { conversation_id: conversation.id, after });
  }

  async say(conversation, text, client_id) {
    return (await this.must('message:send', { conversation_id: conversation.id, text, client_id })).message;
  }

  texts() {
    return this.heard.filter(({ event }) => event === 'message:new').map(({ message }) => message.text);
  }

  // The first of what was heard that fits, now or soon.
  async hears(event, fits = () => true) {
    return this.until(`to hear ${event}`, () => this.heard.find((news) => news.event === event && fits(news)));
  }

  async until(what, probe) {
    const deadline = Date.now() + patience_ms;
    for (;;) {
      const found = probe();
      if (found) return found;
      const left = deadline - Date.now();
      assert.ok(left > 0, `waited ${patience_ms} ms ${what}; heard ${JSON.stringify(this.heard).slice(0, 2000)}`);
      await new Promise((resolve) => {
        const look = () => {
          clearTimeout(timer);
          this.waiting.delete(look);
          resolve();
        };
        const timer = setTimeout(look, left);
        this.waiting.add(look);
      });
    }
  }

  close() {
    this.socket.disconnect();
  }
}
