// What clients do that they should not, one by one: it costs them their connection or nothing, and nobody else anything.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { RawConnection } from '../support/raw.mjs';
import { Fixture, unsent_bytes_max } from '../support/fixture.mjs';

const tick = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

for (const threads of [1, 2]) {
  describe(`bad input, ${threads} thread(s)`, () => {
    let fixture, bystander;
    before(async () => {
      fixture = await Fixture.start({ threads });
      bystander = await fixture.join();
    });
    after(() => fixture.stop());

    // Somebody who does nothing wrong is served as ever.
    const othersAreServed = async () => {
      bystander.send('42["message","fine"]');
      assert.equal(await bystander.next(), '42["message-back","fine"]');
      assert.ok(fixture.isAlive());
    };
    const opened = async (path = '/normal/') => {
      const wire = fixture.webSocket(path);
      await wire.next();
      return wire;
    };

    test('RT-7, RT-13: packets before CONNECT end the connection', async () => {
      for (const packet of ['42["message",1]', '41', '43', '430[]', '44{}', '451-["message",{"_placeholder":true,"num":0}]', Buffer.from('x')]) {
        const wire = await opened();
        wire.send(packet);
        if (String(packet).startsWith('451-')) wire.send(Buffer.from('x'));
        await wire.close();
      }
      await othersAreServed();
    });

    test('RT-7: packets behind one\'s own close, and for namespaces that nobody joined, are not served', async () => {
      const left = await fixture.join();
      left.send('41');
      left.send('42["message",1]');
      await left.close();
      const closed = await fixture.join();
      closed.send('1');
      closed.send('42["emit-all","late"]');
      await closed.close();
      const stranger = await fixture.join();
      stranger.send('42/custom,["message"]');
      await stranger.close();
      await tick(50);
      assert.deepEqual(bystander.messages, [], 'nobody hears what came too late');
      await othersAreServed();
    });

    test('RT-8: attachments that never come hold up their own connection only', async () => {
      const waiting = await Promise.all(Array.from({ length: 50 }, () => fixture.join('/socket.io/')));
      for (const wire of waiting) wire.send('4510-["message",{"_placeholder":true,"num":9}]');
      for (const wire of waiting) for (let i = 0; i < 9; i += 1) wire.send(Buffer.alloc(1000));
      await tick(700); // more than a heartbeat
      assert.deepEqual(waiting.filter(({ closed }) => closed), [], 'their connections go on');
      waiting[0].send(Buffer.from('last'));
      assert.match(await waiting[0].next(), /^4510-\["message-back"/);
      waiting[1].send('42["message"]');
      await waiting[1].close();
      for (const wire of waiting) wire.end();
      await othersAreServed();
    });

    test('RT-8: half a surrogate pair becomes U+FFFD, and a whole one stays', async () => {
      const wire = await fixture.join();
      for (const [sent, got] of [
        [String.raw`"\ud83d"`, '"\ufffd"'], [String.raw`"a\udc4db"`, '"a\ufffdb"'], [String.raw`"\ud83d\ud83d\udc4d"`, '"\ufffd👍"'],
        [String.raw`"\ud83d\udc4d"`, '"👍"'], [String.raw`"\\ud83d"`, String.raw`"\\ud83d"`], [String.raw`{"\ud800":"\udfff\n"}`, String.raw`{"�":"�\n"}`],
      ]) {
        wire.send(`42["message",${sent}]`);
        assert.equal(await wire.next(), `42["message-back",${got}]`, sent);
      }
      for (const broken of [String.raw`"\ud83"`, String.raw`"\uzzzz"`, String.raw`"\ud83d`]) {
        const other = await fixture.join();
        other.send(`42["message",${broken}]`);
        await other.close();
      }
      wire.end();
      await othersAreServed();
    });

    test('RT-13: nested-deep, oversized, truncated and non-UTF-8, by polling as well', async () => {
      const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
      for (const [body, status] of [[`42["message",${deep}]`, 200], ['42["message"', 200], [Buffer.from('42["message","\xff"]', 'latin1'), 200], ['4', 200],
        [`42["message","${'x'.repeat(1_000_000)}"]`, 413]]) {
        const sid = await fixture.openPolling('/normal/');
        const post = (text) => fixture.fetch('/normal/', { sid }, { method: 'POST', body: text });
        await post('40');
        await (await fixture.fetch('/normal/', { sid })).text();
        const answer = await post(body);
        assert.ok([status, 400].includes(answer.status), `${answer.status} to ${String(body).slice(0, 30)}`);
        const after = await post('42["message",1]');
        assert.equal(after.status, answer.status === 413 ? 200 : 400, String(body).slice(0, 30));
      }
      await othersAreServed();
    });

    test('RT-13: a frame that announces more than it may is closed before it comes', async () => {
      const raw = await RawConnection.open(fixture.port);
      raw.send('GET /normal/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n'
        + 'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n');
      assert.equal((await raw.answer()).status, 101);
      raw.send('\x81\xff\x00\x00\x00\x7f\xff\xff\xff\xff\x00\x00\x00\x00');
      await raw.closed(2_000);
      assert.ok(raw.received.includes(Buffer.from([0x88, 0x02, 1009 >> 8, 1009 & 0xff])));
      raw.end();
      await othersAreServed();
    });

    test('RT-13: 5,000 events by one who reads no acks', async () => {
      const wire = await fixture.join();
      const before = fixture.memory_bytes();
      wire.socket.pause();
      for (let i = 0; i < 5_000; i += 1) wire.send(`42${i}["message-with-ack","${'x'.repeat(200)}"]`);
      await tick(200);
      await othersAreServed();
      fixture.assertFlat(before, { waiting_bytes: unsent_bytes_max });
      wire.socket.resume();
      for (let i = 0; i < 5_000; i += 1) assert.match(await wire.next(), new RegExp(`^43${i}\\[`));
      wire.end();
    });

    test('RT-13: a member who stops reading is dropped in mid broadcast; the others miss nothing', async () => {
      const members = await Promise.all(Array.from({ length: 30 }, () => fixture.join()));
      for (const wire of members) {
        wire.send('420["join","room"]');
        await wire.next();
      }
      const asleep = members.filter((_, i) => i % 3 === 0);
      const awake = members.filter((_, i) => i % 3 !== 0);
      for (const wire of asleep) wire.socket.pause();
      const before = fixture.memory_bytes();
      const count = 200;
      for (let i = 0; i < count; i += 1) {
        awake[0].send(`42["emit-room","room","news",${i},"${'x'.repeat(100_000)}"]`);
        await Promise.all(awake.map(async (wire) => assert.match((await wire.next(10_000)).slice(0, 20), new RegExp(`^42\\["news",${i},`))));
      }
      fixture.assertFlat(before, { waiting_bytes: asleep.length * unsent_bytes_max });
      for (const wire of asleep) {
        wire.socket.resume();
        await wire.close(10_000);
      }
      for (const wire of awake) wire.end();
      await othersAreServed();
    });

    test('RT-5: two WebSockets race for one session: one gets it, and no packet is lost', async () => {
      for (let round = 0; round < 10; round += 1) {
        const sid = await fixture.openPolling('/normal/');
        const post = (body) => fixture.fetch('/normal/', { sid }, { method: 'POST', body });
        await post('40');
        await (await fixture.fetch('/normal/', { sid })).text();
        const rivals = [fixture.webSocket('/normal/', { sid }), fixture.webSocket('/normal/', { sid })];
        await post('42["burst",20]');
        for (const wire of rivals) wire.opened().then(() => { wire.send('2probe'); wire.send('5'); }, () => {});
        const loser = await Promise.race(rivals.map((wire) => wire.close().then(() => wire)));
        const winner = rivals.find((wire) => wire !== loser);
        assert.equal(await winner.next(), '3probe');
        for (let i = 0; i < 20; i += 1) assert.equal(await winner.next(), `42["seq",${i}]`);
        winner.end();
      }
      await othersAreServed();
    });
  });
}
