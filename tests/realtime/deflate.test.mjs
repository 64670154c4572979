// RT-4: permessage-deflate (RFC 7692). Large messages only, no window kept in either direction, bombs refused.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { deflateRawSync } from 'node:zlib';
import { io } from 'socket.io-client';
import { RawConnection } from '../support/raw.mjs';
import { TestShop } from '../support/shop.mjs';
import { Fixture, nextEvent, unsent_bytes_max } from '../support/fixture.mjs';

const key = 'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n';

async function extensionsOf(port, path, offer) {
  const connection = await RawConnection.open(port);
  connection.send(`GET ${path}?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n${key}`
    + `${offer === undefined ? '' : `Sec-WebSocket-Extensions: ${offer}\r\n`}\r\n`);
  const { status, headers } = await connection.answer();
  connection.end();
  assert.equal(status, 101);
  return headers['sec-websocket-extensions'];
}

describe('permessage-deflate', () => {
  let fixture, plain;
  before(async () => {
    [fixture, plain] = await Promise.all([Fixture.start({ deflate: true }), Fixture.start()]);
  });
  after(() => Promise.all([fixture.stop(), plain.stop()]));

  test('RT-4: is agreed on where both can, without context takeover', async () => {
    const agreed = 'permessage-deflate; server_no_context_takeover; client_no_context_takeover';
    const offered = {
      'permessage-deflate': agreed,
      'permessage-deflate; client_max_window_bits': agreed,
      'x-webkit-deflate-frame, permessage-deflate; server_no_context_takeover': agreed,
      'permessage-deflate; server_max_window_bits=10, permessage-deflate': agreed,
      'permessage-deflate; server_max_window_bits=10': undefined,
      'permessage-deflate; made_up': undefined,
      'x-webkit-deflate-frame': undefined,
    };
    for (const [offer, answer] of Object.entries(offered)) assert.equal(await extensionsOf(fixture.port, '/normal/', offer), answer, offer);
    assert.equal(await extensionsOf(fixture.port, '/normal/'), undefined);
    assert.equal(await extensionsOf(plain.port, '/normal/', 'permessage-deflate'), undefined, 'off unless it is wanted');
  });

  test('RT-4: only large messages are compressed, in both directions, and come out as they were', async () => {
    const wire = fixture.webSocket('/normal/', {}, { perMessageDeflate: { threshold: 1024 } });
    let head; // of the first frame that came since it was cleared
    wire.socket.once('upgrade', ({ socket }) => socket.prependListener('data', (bytes) => { head ??= bytes[0]; }));
    await wire.next();
    wire.send('40');
    await wire.next();
    await wire.next();
    const compressed = 0xc1;
    const plainText = 0x81;
    for (const [words, kind] of [[20, plainText], [1_000, compressed], [40_000, compressed]]) {
      const text = 'word '.repeat(words);
      head = undefined;
      wire.send(`42["message","${text}"]`);
      assert.equal(await wire.next(), `42["message-back","${text}"]`);
      assert.equal(head, kind, `${words} words`);
    }
    wire.end();
  });

  test('RT-4: the official client agrees to it and understands', async () => {
    const socket = io(fixture.url, { path: '/normal/', transports: ['websocket'], forceNew: true, perMessageDeflate: { threshold: 10 } });
    await nextEvent(socket, 'connect');
    assert.match(socket.io.engine.transport.ws.extensions, /permessage-deflate/);
    const value = { words: 'again and '.repeat(2000), bytes: Buffer.alloc(5000, 7) };
    const back = nextEvent(socket, 'message-back');
    socket.emit('message', value);
    assert.deepEqual(await back, [value]);
    socket.disconnect();
  });

  test('RT-4: a bomb of 100 MB ends its own connection with 1009', async () => {
    const before = fixture.memory_bytes();
    const bomb = deflateRawSync(Buffer.alloc(100_000_000), { finishFlush: 2 }).subarray(0, -4);
    const wire = fixture.webSocket('/normal/', {}, { perMessageDeflate: true });
    await wire.next();
    const head = Buffer.alloc(14);
    head[0] = 0xc2; // binary, compressed
    head[1] = 0x80 | 127;
    head.writeBigUInt64BE(BigInt(bomb.length), 2); // and a mask of zeros
    wire.socket._socket.write(Buffer.concat([head, bomb]));
    assert.equal((await wire.close()).code, 1009);
    fixture.assertFlat(before, { waiting_bytes: unsent_bytes_max });
    assert.ok(fixture.isAlive());
  });

  test('RT-4: what is no deflate stream ends its connection with 1007', async () => {
    const wire = fixture.webSocket('/normal/', {}, { perMessageDeflate: true });
    await wire.next();
    wire.socket._socket.write(Buffer.from([0xc1, 0x83, 0, 0, 0, 0, 0xff, 0xff, 0xff]));
    assert.equal((await wire.close()).code, 1007);
  });
});

test('RT-4: the shop offers it unless it is told not to', async (t) => {
  for (const [socket_deflate_bytes_min, expected] of [[1024, true], [0, false]]) {
    const shop = await TestShop.open({ settings: { socket_deflate_bytes_min } });
    t.after(() => shop.close());
    const agreed = await extensionsOf(shop.port, '/socket.io/', 'permessage-deflate; client_max_window_bits');
    assert.equal(agreed !== undefined, expected);
  }
});
