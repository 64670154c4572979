// RT-10 in detail: what is dropped when nobody can be written to, answers that don't come, and why somebody is gone.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { io } from 'socket.io-client';
import { Fixture, nextEvent } from '../support/fixture.mjs';

const tick = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

for (const transports of [['websocket'], ['polling']]) {
  describe(`what a server emits, ${transports[0]}`, () => {
    let fixture;
    const open = [];
    before(async () => {
      fixture = await Fixture.start({ threads: 2 });
    });
    after(async () => {
      for (const socket of open) socket.disconnect();
      await fixture.stop();
    });
    const connect = async () => {
      const socket = io(fixture.url, { path: '/normal/', transports, forceNew: true, reconnection: false });
      open.push(socket);
      await nextEvent(socket, 'connect');
      return socket;
    };

    test('RT-10: an answer in time, and one that never comes', async () => {
      const socket = await connect();
      socket.once('question', (text, answer) => answer(text));
      const answered = nextEvent(socket, 'answered');
      socket.emit('ask-me-within', 5_000, 'quick');
      await answered;
      socket.once('question', () => {}); // says nothing
      const began = Date.now();
      const unanswered = nextEvent(socket, 'unanswered');
      socket.emit('ask-me-within', 150, 'slow');
      await unanswered;
      assert.ok(Date.now() - began >= 140, 'not before its time');
    });

    test('RT-10: an answer behind its time is nobody\'s any more', async () => {
      const socket = await connect();
      let late;
      socket.once('question', (text, answer) => { late = answer; });
      const heard = [];
      socket.onAny((event) => heard.push(event));
      const unanswered = nextEvent(socket, 'unanswered');
      socket.emit('ask-me-within', 50, 'x');
      await unanswered;
      late('too late');
      const back = nextEvent(socket, 'message-back');
      socket.emit('message', 'still here');
      await back;
      assert.ok(!heard.includes('answered'));
    });

    test('RT-10: why somebody is gone', async () => {
      const watcher = await connect();
      await watcher.emitWithAck('join', 'gone');
      const reasons = new Map();
      watcher.on('gone', (id, reason) => reasons.set(id, reason));
      const leave = async (how) => {
        const socket = await connect();
        const { id } = socket;
        how(socket);
        const deadline = Date.now() + 5_000;
        while (!reasons.has(id) && Date.now() < deadline) await tick(5);
        return reasons.get(id);
      };
      assert.equal(await leave((socket) => socket.disconnect()), 'client namespace disconnect');
      assert.equal(await leave((socket) => socket.emit('kick', false)), 'server namespace disconnect');
      assert.equal(await leave((socket) => socket.emit('kick', true)), 'forced close');
      assert.equal(await leave((socket) => socket.io.engine.close()), 'transport close');
      assert.equal(await leave((socket) => socket.io.engine.write('9 is no type')), 'parse error');
      assert.equal(await leave((socket) => pingBy(socket.io.engine)), 'transport error');
    });

    test('RT-10: a client that can\'t be written to misses what is volatile, and nothing else', async () => {
      const sender = await connect();
      const sid = await fixture.openPolling('/normal/');
      const post = (body) => fixture.fetch('/normal/', { sid }, { method: 'POST', body });
      const poll = async () => (await fixture.fetch('/normal/', { sid })).text();
      await post('40');
      assert.match(await poll(), /^40.*\x1e42\["auth"/);
      // It has no GET waiting now: nothing can be written to it.
      sender.emit('volatile-all', 'news', 'missed');
      await nextAfter(sender, () => sender.emit('emit-all', 'news', 'kept'), 'kept');
      assert.equal(await poll(), '42["news","kept"]');
      let heard;
      poll().then((text) => { heard = text; });
      for (; !heard; await tick(20)) sender.emit('volatile-all', 'news', 'heard'); // until its GET is there
      assert.equal(new Set(heard.split('\x1e')).size, 1, 'emits that come together travel together');
      assert.ok(heard.startsWith('42["news","heard"]'));
    });
  });
}

test('RT-10: a reader that is slow misses what is volatile, and isn\'t dropped for it', async () => {
  const fixture = await Fixture.start({ threads: 2 });
  const sender = io(fixture.url, { path: '/normal/', transports: ['websocket'], forceNew: true, reconnection: false });
  await nextEvent(sender, 'connect');
  const reader = await fixture.join();
  reader.socket.pause();
  const count = 300; // 30 MB: more than fits between the two
  for (let i = 0; i < count; i += 1) {
    sender.emit('volatile-all', 'news', i, 'x'.repeat(100_000));
    await sender.emitWithAck('message-with-ack', i);
  }
  sender.emit('emit-all', 'news', 'kept');
  reader.socket.resume();
  let heard = 0;
  while (await reader.next() !== '42["news","kept"]') heard += 1;
  assert.ok(heard < count, 'much has passed it by');
  reader.end();
  sender.disconnect();
  await fixture.stop();
});

// What no client does: in version 4 the server asks.
const pingBy = (engine) => (engine._sendPacket ?? engine.sendPacket).call(engine, 'ping');

// Does something, and waits for the `news` of that content to come back.
async function nextAfter(socket, act, wanted) {
  const heard = new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no news of ${wanted}`)), 5_000);
    const listen = (got) => {
      if (got !== wanted) return;
      clearTimeout(timer);
      socket.off('news', listen);
      resolve();
    };
    socket.on('news', listen);
  });
  act();
  await heard;
}
