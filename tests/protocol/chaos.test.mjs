// Ten seconds of clients that come, go, upgrade, break off and talk nonsense, all at once on two threads: the server
// lives, keeps its memory, and stops when it is told to.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { io } from 'socket.io-client';
import { Fixture } from '../support/fixture.mjs';

const duration_ms = 10_000;
const recovery_bytes_max = 16_000_000; // of events kept for those who come back: src/realtime/limits.hpp
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// A repeatable sequence: the seed is printed with a failure.
function dice(seed) {
  let state = seed;
  return (sides) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * sides);
  };
}

const ways = [['websocket'], ['polling'], ['polling', 'websocket']];

async function comeAndGo(fixture, roll) {
  const path = ['/normal/', '/recovery/', '/socket.io/'][roll(3)];
  const namespace = ['/', '/custom', `/dynamic-${roll(5)}`][roll(3)];
  const socket = io(fixture.url + namespace, { path, transports: ways[roll(3)], forceNew: true, reconnectionDelay: 1 + roll(30) });
  socket.emit('join', 'room');
  for (let i = 0; i < 20; i += 1) socket.emit('emit-room', 'room', 'news', i, Buffer.from([i]));
  socket.emit('burst', roll(100));
  socket.emit('ask-me', 1);
  await pause(roll(120));
  if (roll(3) === 0) socket.io.engine?.close();
  if (roll(3) === 0) socket.emit('kick', roll(2) === 1);
  await pause(roll(60));
  socket.io.reconnection(false);
  socket.io.engine?.transport?.ws?.terminate?.();
  socket.disconnect();
  socket.io.engine?.close();
}

async function talkNonsense(fixture, roll) {
  const packets = ['40', '42["message"]', '451-["message",{"_placeholder":true,"num":0}]', '41', '2', '1', '40/dynamic-1,',
    '42/dynamic-1,["burst",9]', '43', 'x', Buffer.from('abc')];
  const wire = fixture.webSocket('/normal/');
  await wire.next().catch(() => {});
  for (let i = 0; i < 12; i += 1) wire.send(packets[roll(packets.length)]);
  await pause(roll(20));
  wire.end();
}

// Two WebSockets want one session, while a GET waits, is given up, and events come.
async function raceForASession(fixture, roll) {
  const sid = await fixture.openPolling('/normal/');
  const probes = [fixture.webSocket('/normal/', { sid }), fixture.webSocket('/normal/', { sid })];
  const given_up = new AbortController();
  const ignore = () => {};
  fixture.fetch('/normal/', { sid }, { signal: given_up.signal }).catch(ignore);
  fixture.fetch('/normal/', { sid }, { method: 'POST', body: '40\x1e42["burst",5]' }).catch(ignore);
  for (const probe of probes) {
    probe.opened().then(() => {
      probe.send('2probe');
      probe.send(roll(2) ? '5' : '4x');
    }).catch(ignore);
  }
  await pause(roll(30));
  given_up.abort();
  for (const probe of probes) probe.end();
}

test('RT-13: chaos on two threads costs the server nothing', async () => {
  const seed = Date.now() >>> 0;
  const roll = dice(seed);
  const fixture = await Fixture.start({ threads: 2 });
  const before = fixture.memory_bytes();
  const end = Date.now() + duration_ms;
  const keepOn = async (act) => {
    while (Date.now() < end && fixture.isAlive()) await act(fixture, roll);
  };
  const acts = [...Array(8).fill(comeAndGo), ...Array(3).fill(talkNonsense), ...Array(3).fill(raceForASession)];
  await Promise.all(acts.map(keepOn));
  assert.ok(fixture.isAlive(), `seed ${seed}`);
  fixture.assertFlat(before, { waiting_bytes: recovery_bytes_max, hint: `seed ${seed}` });
  await fixture.stop();
  assert.equal(fixture.child.exitCode, 0, `seed ${seed}`);
});
