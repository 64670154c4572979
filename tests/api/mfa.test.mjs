// Authenticator apps, recovery codes, step-up and devices, as a client sees them.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { TestShop, engine, password } from '../support/shop.mjs';
import { totp } from '../support/totp.mjs';

const run = promisify(execFile);
// What another program says the code is.
const oathtool = async (secret, at = new Date()) =>
  (await run('oathtool', ['--totp', '--base32', '--now', at.toISOString().replace(/\.\d+Z/, 'Z'), secret])).stdout.trim();
const step_ms = 30_000;
const wrongCode = (secret) => {
  const good = [-1, 0, 1, 2].map((steps) => totp(secret, Date.now() + steps * step_ms));
  return ['111111', '222222', '333333', '444444', '555555'].find((code) => !good.includes(code));
};

// The squares of our SVG as a picture that zbarimg reads: portable greymap, eight pixels a square.
function rastered(svg) {
  const side = Number(/viewBox="0 0 (\d+) \1"/.exec(svg)[1]);
  const pixels = Buffer.alloc((side * 8) ** 2, 255);
  for (const [, x, y] of svg.matchAll(/M(\d+) (\d+)h1v1h-1z/g)) {
    for (let row = 0; row < 8; ++row) pixels.fill(0, (Number(y) * 8 + row) * side * 8 + Number(x) * 8, (Number(y) * 8 + row) * side * 8 + Number(x) * 8 + 8);
  }
  return Buffer.concat([Buffer.from(`P5 ${side * 8} ${side * 8} 255\n`), pixels]);
}

describe(`second factors (${engine})`, () => {
  let shop, client;
  before(async () => {
    shop = await TestShop.open();
    client = shop.client;
  });
  after(() => shop?.close());

  const refused = (answer, status, code) => assert.deepEqual([answer.status, answer.json?.code], [status, code], answer.text);
  const challenge = async (email) => {
    const answer = await client.post('/v1/auth/login', { email, password });
    assert.equal(answer.json.mfa_required, true, answer.text);
    return answer.json;
  };

  test('SE-6: the QR code says the secret to a phone, as PNG and as SVG', async () => {
    const ada = await shop.registerUser();
    const { json } = await client.post('/v1/auth/mfa/totp', { password }, { token: ada.access_token });
    assert.match(json.secret, /^[A-Z2-7]{32}$/); // 160 bits
    assert.equal(json.otpauth_url, `otpauth://totp/Kontor:${encodeURIComponent(ada.email)}?secret=${json.secret}&issuer=Kontor&algorithm=SHA1&digits=6&period=30`);
    const [png, pgm] = [path.join(shop.server.data, 'qr.png'), path.join(shop.server.data, 'qr.pgm')];
    assert.match(json.qr_png, /^data:image\/png;base64,/);
    await writeFile(png, Buffer.from(json.qr_png.split(',')[1], 'base64'));
    await writeFile(pgm, rastered(json.qr_svg));
    for (const file of [png, pgm]) {
      const { stdout } = await run('zbarimg', ['--quiet', '--raw', file]);
      assert.equal(stdout.trim(), json.otpauth_url, file);
    }
  });

  test('SE-6: codes of oathtool confirm the app and log in, each once', async () => {
    const ada = await shop.registerUser();
    const token = ada.access_token;
    refused(await client.post('/v1/auth/mfa/totp', { password: 'wrong horse' }, { token }), 401, 'invalid_credentials');
    const { json: { secret } } = await client.post('/v1/auth/mfa/totp', { password }, { token });
    const code = await oathtool(secret);
    refused(await client.post('/v1/auth/mfa/totp/confirm', { code: wrongCode(secret) }, { token }), 401, 'invalid_credentials');
    const confirmed = await client.post('/v1/auth/mfa/totp/confirm', { code }, { token });
    assert.equal(confirmed.status, 200, confirmed.text);
    assert.equal(confirmed.json.recovery_codes.length, 10);
    assert.equal((await client.get('/v1/me', { token })).json.mfa_enabled, true);

    const asked = await challenge(ada.email);
    assert.deepEqual(asked.methods, ['totp', 'recovery_code']);
    assert.equal(asked.access_token, undefined);
    const { mfa_token } = asked;
    refused(await client.post('/v1/auth/mfa', { mfa_token, code }), 401, 'invalid_credentials'); // it confirmed the app
    const next = await oathtool(secret, new Date(Date.now() + step_ms)); // a step early is fine
    const answer = await client.post('/v1/auth/mfa', { mfa_token, code: next });
    assert.equal(answer.status, 200, answer.text);
    assert.equal((await client.get('/v1/me', { token: answer.json.access_token })).status, 200);
    refused(await client.post('/v1/auth/mfa', { mfa_token, code: next }), 401, 'unauthenticated');
    refused(await client.post('/v1/auth/mfa', { mfa_token: (await challenge(ada.email)).mfa_token, code: next }), 401, 'invalid_credentials');
  });

  test('SE-6: one of ten at once gets in with one code', async () => {
    const ada = await shop.enrol(await shop.registerUser());
    const code = totp(ada.secret, Date.now() + step_ms);
    const challenges = await Promise.all(Array.from({ length: 10 }, () => challenge(ada.user.email)));
    const answers = await Promise.all(challenges.map(({ mfa_token }) => client.post('/v1/auth/mfa', { mfa_token, code })));
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, ...Array(9).fill(401)]);
  });

  test('SE-6: five wrong codes end the mfa_token, twenty pause the account with 429', async () => {
    const ada = await shop.enrol(await shop.registerUser());
    const wrong = wrongCode(ada.secret);
    for (let round = 0; round < 4; ++round) {
      const { mfa_token } = await challenge(ada.user.email);
      for (let i = 0; i < 5; ++i) refused(await client.post('/v1/auth/mfa', { mfa_token, code: wrong }), 401, 'invalid_credentials');
      refused(await client.post('/v1/auth/mfa', { mfa_token, code: ada.recovery_codes[0] }), 401, 'unauthenticated');
    }
    const { mfa_token } = await challenge(ada.user.email);
    const answer = await client.post('/v1/auth/mfa', { mfa_token, code: ada.recovery_codes[0] });
    refused(answer, 429, 'rate_limited');
    assert.ok(Number(answer.headers['retry-after']) > 20, answer.headers['retry-after']);
  });

  test('SE-7: a recovery code gets in once', async () => {
    const ada = await shop.enrol(await shop.registerUser());
    const code = ada.recovery_codes[3].toLowerCase();
    const first = await client.post('/v1/auth/mfa', { mfa_token: (await challenge(ada.user.email)).mfa_token, code });
    assert.equal(first.status, 200, first.text);
    refused(await client.post('/v1/auth/mfa', { mfa_token: (await challenge(ada.user.email)).mfa_token, code }), 401, 'invalid_credentials');
    const token = first.json.access_token;
    assert.deepEqual((await client.get('/v1/auth/mfa', { token })).json, { totp: true, recovery_codes_left: 9 });
    const renewed = await client.post('/v1/auth/mfa/recovery-codes', { code: ada.recovery_codes[4] }, { token });
    assert.equal(renewed.json.recovery_codes.length, 10);
    refused(await client.post('/v1/auth/step-up', { code: ada.recovery_codes[5] }, { token }), 401, 'invalid_credentials');
    assert.equal((await client.post('/v1/auth/step-up', { code: renewed.json.recovery_codes[0] }, { token })).status, 200);
  });

  test('the app is removed with password and code, and other sessions end', async () => {
    const ada = await shop.enrol(await shop.registerUser());
    const { json: elsewhere } = await client.post('/v1/auth/mfa', { mfa_token: (await challenge(ada.user.email)).mfa_token, code: ada.recovery_codes[0] });
    const options = { token: ada.access_token };
    const remove = (body) => client.delete('/v1/auth/mfa/totp', { ...options, body });
    refused(await remove({ password, code: wrongCode(ada.secret) }), 401, 'invalid_credentials');
    refused(await remove({ password: 'wrong horse', code: ada.recovery_codes[1] }), 401, 'invalid_credentials');
    refused(await remove({ password }), 422, 'validation_failed');
    assert.equal((await remove({ password, code: ada.recovery_codes[1] })).status, 204);
    assert.equal((await client.get('/v1/me', { token: elsewhere.access_token })).status, 401);
    assert.ok((await shop.signIn(ada.user.email)).access_token);
  });

  test('SE-11: granting roles needs a second factor of the last minutes', async () => {
    const somebody = await shop.registerUser();
    await shop.signInAsAdmin();
    const { secret, recovery_codes, user } = shop.admin;
    const grant = (token) => client.patch(`/v1/users/${somebody.user.id}`, { role: 'support' }, { token });
    const other = await shop.server.command('admin', 'create', '--email', 'second@example.com', '--password', password);
    assert.match(other, /is an admin now/);
    const plain = await shop.signIn('second@example.com');
    const answer = await grant(plain.access_token);
    refused(answer, 403, 'mfa_required');
    assert.match(answer.json.detail, /\/v1\/auth\/step-up/);
    const byPassword = await client.post('/v1/auth/step-up', { password }, { token: plain.access_token });
    refused(await grant(byPassword.json.access_token), 403, 'mfa_required');
    assert.equal((await grant(shop.admin.access_token)).status, 200);
    assert.ok(secret && recovery_codes && user);
  });

  test('SE-10: devices are listed and signed out, one or all the others', async () => {
    const ada = await shop.registerUser();
    const signIn = async (agent) => (await client.post('/v1/auth/login', { email: ada.email, password }, { headers: { 'user-agent': agent } })).json;
    const [phone, tablet] = [await signIn('Phone/1'), await signIn('Tablet/1')];
    const list = async (token) => (await client.get('/v1/auth/sessions', { token })).json.data;
    const devices = await list(tablet.access_token);
    assert.deepEqual(devices.map(({ user_agent, current }) => [user_agent, current]), [['Tablet/1', true], ['Phone/1', false], ['', false]]);
    assert.equal(devices[0].ip, '127.0.0.1');

    const eve = await shop.registerUser();
    refused(await client.delete(`/v1/auth/sessions/${devices[1].id}`, { token: eve.access_token }), 404, 'not_found');
    assert.equal((await client.delete(`/v1/auth/sessions/${devices[1].id}`, { token: tablet.access_token })).status, 204);
    assert.equal((await client.get('/v1/me', { token: phone.access_token })).status, 401);
    assert.equal((await client.post('/v1/auth/refresh', { refresh_token: phone.refresh_token })).status, 401);
    refused(await client.delete(`/v1/auth/sessions/${devices[1].id}`, { token: tablet.access_token }), 404, 'not_found');

    assert.equal((await client.delete('/v1/auth/sessions', { token: tablet.access_token })).status, 204);
    assert.equal((await client.get('/v1/me', { token: ada.access_token })).status, 401);
    assert.equal((await list(tablet.access_token)).length, 1);
  });

  test('SE-9: five tabs that refresh at once keep one session', async () => {
    let { refresh_token, user } = await shop.registerUser();
    for (let round = 0; round < 5; ++round) {
      const tabs = await Promise.all(Array.from({ length: 5 }, () => client.post('/v1/auth/refresh', { refresh_token })));
      assert.deepEqual(tabs.map(({ status }) => status), Array(5).fill(200));
      assert.equal(new Set(tabs.map(({ json }) => json.refresh_token)).size, 1);
      ({ refresh_token } = tabs[0].json);
      assert.equal(tabs[0].json.user.id, user.id);
    }
  });
});

describe(`guessing (${engine})`, () => {
  let shop, client;
  before(async () => {
    shop = await TestShop.open({ settings: { address_failures_max: 40 } });
    client = shop.client;
  });
  after(() => shop?.close());

  test('SE-4: ten wrong passwords pause an account, known or not; an address runs out of tries as well', async () => {
    const ada = await shop.registerUser();
    const guess = (email, secret = 'wrong horse') => client.post('/v1/auth/login', { email, password: secret });
    for (const email of [ada.email, 'nobody@example.com']) {
      for (let i = 0; i < 10; ++i) assert.equal((await guess(email)).status, 401);
      const answer = await guess(email);
      assert.deepEqual([answer.status, answer.json.code], [429, 'rate_limited']);
      const wait = Number(answer.headers['retry-after']);
      assert.ok(wait > 20 && wait <= 30, answer.headers['retry-after']);
    }
    // The pause outlives a crash.
    await shop.kill9AndRestart();
    assert.equal((await guess(ada.email, password)).status, 429);
    // Then the address runs out of tries over all accounts.
    const statuses = [];
    for (let i = 0; i < 25; ++i) statuses.push((await guess(`user${i}@example.com`)).status);
    assert.ok(statuses.includes(401) && statuses.at(-1) === 429, statuses.join());
  });
});

describe(`staff must have a second factor (${engine})`, () => {
  let shop, client;
  before(async () => {
    shop = await TestShop.open({ settings: { staff_mfa: 'required' } });
    client = shop.client;
  });
  after(() => shop?.close());

  test('without one they may do what customers may, and are told how to go on', async () => {
    await shop.server.command('admin', 'create', '--email', 'first@example.com', '--password', password);
    const admin = await shop.signIn('first@example.com');
    const answer = await client.get('/v1/users', { token: admin.access_token });
    assert.deepEqual([answer.status, answer.json.code], [403, 'mfa_required'], answer.text);
    assert.match(answer.json.detail, /\/v1\/auth\/mfa\/totp/);
    assert.equal((await client.get('/v1/me', { token: admin.access_token })).status, 200);
    const enrolled = await shop.enrol(admin);
    assert.equal((await client.get('/v1/users', { token: enrolled.access_token })).status, 200);
  });
});
