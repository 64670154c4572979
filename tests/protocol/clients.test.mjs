// The official JavaScript client, newest and oldest of version 4, by each transport.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { io as newest } from 'socket.io-client';
import { io as oldest } from 'socket.io-client-v4-0';
import { Fixture, nextEvent } from '../support/fixture.mjs';

const clients = { 'socket.io-client 4.8': newest, 'socket.io-client 4.0': oldest };
const ways = {
  'WebSocket only': ['websocket'],
  'polling only': ['polling'],
  'polling, then upgraded': ['polling', 'websocket'],
};

for (const threads of [1, 2]) {
  for (const [version, io] of Object.entries(clients)) {
    for (const [way, transports] of Object.entries(ways)) {
      describe(`${version}, ${way}, ${threads} thread(s)`, () => {
        let fixture;
        const open = [];
        const connect = async (options = {}, namespace = '/', path = '/normal/') => {
          const socket = io(fixture.url + namespace, { path, transports, forceNew: true, reconnectionDelay: 20, ...options });
          open.push(socket);
          await nextEvent(socket, 'connect');
          if (transports.length === 2 && socket.io.engine.transport.name !== 'websocket') await nextEvent(socket.io.engine, 'upgrade');
          return socket;
        };
        const ack = (socket, ...args) => new Promise((resolve) => socket.emit(...args, (...answer) => resolve(answer)));

        before(async () => {
          fixture = await Fixture.start({ threads });
        });
        after(async () => {
          for (const socket of open) socket.io.reconnection(false);
          for (const socket of open) socket.io.engine.close();
          await fixture.stop();
        });

        test('RT-7: connects with auth and gets an id of its own', async () => {
          const socket = io(fixture.url, { path: '/normal/', transports, forceNew: true, auth: { token: 'abc' } });
          open.push(socket);
          const [auth] = await nextEvent(socket, 'auth');
          assert.deepEqual(auth, { token: 'abc' });
          assert.notEqual(socket.id, socket.io.engine.id);
        });

        test('RT-8: events and acks of every kind of value, both ways', async () => {
          const socket = await connect();
          const values = [1, 'två — 三', { deep: [true, null, { x: -1.5 }] }, [], false];
          const back = nextEvent(socket, 'message-back');
          socket.emit('message', ...values);
          assert.deepEqual(await back, values);
          assert.deepEqual(await ack(socket, 'message-with-ack', ...values), values);
          socket.on('question', (a, b, answer) => answer(b, a));
          const answered = nextEvent(socket, 'answer');
          socket.emit('ask-me', 1, 'b');
          assert.deepEqual(await answered, ['b', 1]);
        });

        test('RT-8: binary values, also inside of others', async () => {
          const socket = await connect();
          const bytes = Buffer.from([0, 255, 30, 98]);
          const [first, second] = await ack(socket, 'message-with-ack', { file: bytes }, [bytes, 'x']);
          assert.deepEqual(Buffer.from(first.file), bytes);
          assert.deepEqual(Buffer.from(second[0]), bytes);
          const back = nextEvent(socket, 'message-back');
          socket.emit('message', bytes);
          assert.deepEqual(Buffer.from((await back)[0]), bytes);
        });

        test('RT-10: rooms, all but one, everybody', async () => {
          const [ann, ben, cleo] = await Promise.all([connect(), connect(), connect()]);
          await Promise.all([ack(ann, 'join', 'blue'), ack(ben, 'join', 'blue')]);
          const heard = { ann: [], ben: [], cleo: [] };
          for (const [name, socket] of Object.entries({ ann, ben, cleo })) {
            socket.on('news', (text) => heard[name].push(text));
          }
          ann.emit('emit-room', 'blue', 'news', 'room');
          ann.emit('broadcast', 'news', 'others');
          ann.emit('emit-all', 'news', 'all');
          await Promise.all([ann, ben, cleo].map((socket) => new Promise((resolve) => {
            socket.on('news', (text) => text === 'all' && resolve());
          })));
          assert.deepEqual(heard, { ann: ['room', 'all'], ben: ['room', 'others', 'all'], cleo: ['others', 'all'] });
          await ack(ben, 'leave', 'blue');
          const again = nextEvent(ann, 'news');
          ann.emit('emit-room', 'blue', 'news', 'left');
          await again;
          assert.ok(!heard.ben.includes('left'));
        });

        test('RT-7: namespaces on one connection, refusals, names made up', async () => {
          const socket = await connect();
          const custom = socket.io.socket('/custom');
          open.push(custom);
          assert.deepEqual(await nextEvent(custom, 'auth'), [{}]);
          const refused = socket.io.socket('/no');
          const [error] = await nextEvent(refused, 'connect_error');
          assert.equal(error.message, 'Not authorized');
          assert.deepEqual(error.data, { code: 401 });
          const [unknown] = await nextEvent(socket.io.socket('/nowhere'), 'connect_error');
          assert.equal(unknown.message, 'Invalid namespace');
          const dynamic = socket.io.socket('/dynamic-42');
          open.push(dynamic);
          assert.deepEqual(await nextEvent(dynamic, 'nsp'), ['/dynamic-42']);
        });

        test('RT-10: 2,000 events come in their order', async () => {
          const socket = await connect();
          const seen = [];
          const done = new Promise((resolve) => socket.on('seq', (i) => seen.push(i) === 2000 && resolve()));
          socket.emit('burst', 2000);
          await done;
          assert.deepEqual(seen, [...seen.keys()]);
        });

        test('RT-10: the server disconnects a socket, or its whole connection', async () => {
          const socket = await connect();
          const gone = nextEvent(socket, 'disconnect');
          socket.emit('kick', false);
          assert.equal((await gone)[0], 'io server disconnect');
          const other = await connect({ reconnection: false });
          const cut = nextEvent(other, 'disconnect');
          other.emit('kick', true);
          await cut;
        });

        test('RT-11: a lost connection is taken up again with what was missed', async () => {
          const socket = await connect({}, '/', '/recovery/');
          const sender = await connect({}, '/', '/recovery/');
          await ack(socket, 'join', 'blue');
          const greeting = nextEvent(socket, 'hi');
          socket.emit('hi');
          await greeting;
          const { id } = socket;
          const heard = [];
          socket.on('news', (text) => heard.push(text));
          socket.io.engine.close();
          for (const text of ['one', 'two', 'three']) sender.emit('emit-room', 'blue', 'news', text);
          await nextEvent(socket, 'connect');
          if (io === newest) {
            assert.equal(socket.id, id);
            assert.equal(socket.recovered, true);
            const last = heard.length < 3 ? new Promise((resolve) => socket.on('news', (text) => text === 'three' && resolve())) : null;
            await last;
            assert.deepEqual(heard, ['one', 'two', 'three']);
          } else {
            assert.notEqual(socket.id, id, 'clients before 4.6 know nothing of it');
          }
        });
      });
    }
  }
}
