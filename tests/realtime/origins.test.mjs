// RT-12: which web pages may talk to the shop's sockets. A browser sends the Origin of the page with everything.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import WebSocket from 'ws';
import { TestShop, engine } from '../support/shop.mjs';

const ours = 'https://shop.example';
const foreign = 'https://evil.example';

describe(`origins (${engine})`, () => {
  let shop;
  before(async () => {
    shop = await TestShop.open({ settings: { cors_origins: ours } });
  });
  after(() => shop?.close());
  const at = (transport, sid) => `127.0.0.1:${shop.port}/socket.io/?EIO=4&transport=${transport}${sid ? `&sid=${sid}` : ''}`;

  // {opened} or {status, json} of the refusal.
  const knock = (origin, sid) => new Promise((resolve, reject) => {
    const socket = new WebSocket(`ws://${at('websocket', sid)}`, origin === undefined ? {} : { origin });
    socket.on('open', () => {
      socket.terminate();
      resolve({ opened: true });
    });
    socket.on('unexpected-response', (request, response) => {
      let body = '';
      response.on('data', (chunk) => { body += chunk; }).on('end', () => resolve({ status: response.statusCode, json: JSON.parse(body) }));
    });
    socket.on('error', reject);
  });

  test('RT-12: a WebSocket of somebody else\'s page is refused, with code 4 (RT-2)', async () => {
    for (const origin of [foreign, 'null', `${ours}.evil.example`, 'http://shop.example', `https://evil.example#${ours}`]) {
      assert.deepEqual(await knock(origin), { status: 403, json: { code: 4, message: 'Forbidden' } }, origin);
    }
    for (const origin of [ours, `http://127.0.0.1:${shop.port}`, undefined]) assert.deepEqual(await knock(origin), { opened: true }, origin);
  });

  test('RT-12: nor can it take over a session by upgrade', async () => {
    const sid = JSON.parse((await (await fetch(`http://${at('polling')}`)).text()).slice(1)).sid;
    assert.equal((await knock(foreign, sid)).status, 403);
    assert.deepEqual(await knock(ours, sid), { opened: true });
  });

  test('RT-12: polling answers are for our pages only to read, preflight included', async () => {
    for (const [origin, allowed] of [[ours, ours], [foreign, null]]) {
      const answer = await fetch(`http://${at('polling')}`, { headers: { origin } });
      assert.equal(answer.headers.get('access-control-allow-origin'), allowed);
      const preflight = await fetch(`http://${at('polling')}`, {
        method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'content-type' },
      });
      assert.equal(preflight.headers.get('access-control-allow-origin'), allowed);
    }
  });
});
