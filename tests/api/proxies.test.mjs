// Limits by address: behind proxies, for who guesses, registers or has letters sent without end (SE-4).
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Mailbox, tokenIn } from '../support/mailbox.mjs';
import { TestShop, engine, password, unique } from '../support/shop.mjs';

const refused = (answer, status, code) => assert.deepEqual([answer.status, answer.json?.code], [status, code], answer.text);
const from = (ip) => ({ headers: { 'x-forwarded-for': ip } });

describe(`behind a proxy that is trusted (${engine})`, () => {
  let shop, client, box;
  before(async () => {
    box = await Mailbox.open();
    shop = await TestShop.open({
      settings: {
        ...box.settings, trusted_proxies: '127.0.0.0/8,10.0.0.0/8', address_failures_max: 15, address_registrations_max: 3, address_letters_max: 4,
      },
    });
    client = shop.client;
  });
  after(async () => {
    await shop?.close();
    await box?.close();
  });
  const guess = (email, ip, secret = 'wrong horse') => client.post('/v1/auth/login', { email, password: secret }, from(ip));
  const register = (ip, email = `${unique('user')}@example.com`) => client.post('/v1/auth/register', { email, password, name: 'Ada' }, from(ip));

  test('a device is listed by the address of its owner', async () => {
    const { access_token: token } = (await register('198.51.100.1, 10.0.0.9')).json;
    assert.equal((await client.get('/v1/auth/sessions', { token })).json.data[0].ip, '198.51.100.1');
  });

  test('SE-4: one client runs out of tries, its neighbours go on, and what it writes into the header is nothing', async () => {
    for (let i = 0; i < 15; ++i) refused(await guess(`${unique('nobody')}@example.com`, `203.0.113.${i}, 198.51.100.2`), 401, 'invalid_credentials');
    refused(await guess('nobody@example.com', '192.0.2.77, 198.51.100.2'), 429, 'rate_limited');
    refused(await guess('nobody@example.com', '198.51.100.3'), 401, 'invalid_credentials');
  });

  test('SE-4: so many accounts an hour from one address, and no fewer from another', async () => {
    for (let i = 0; i < 3; ++i) assert.equal((await register('198.51.100.4')).status, 201);
    const fourth = await register('198.51.100.4');
    refused(fourth, 429, 'rate_limited');
    const wait = Number(fourth.headers['retry-after']);
    assert.ok(wait > 3500 && wait <= 3600, `${wait}`);
    await shop.kill9AndRestart(); // it is counted in the database
    refused(await register('198.51.100.4'), 429, 'rate_limited');
    assert.equal((await register('198.51.100.5')).status, 201);
  });

  test('SE-4: so many letters an hour for one address, whoever they go to; there or not, the answer is the same', async () => {
    const ada = await register('198.51.100.6');
    const forgot = (email, ip) => client.post('/v1/auth/password/forgot', { email }, from(ip));
    for (const email of [ada.json.user.email, 'nobody@example.com', 'another@example.com']) assert.equal((await forgot(email, '198.51.100.6')).status, 202);
    assert.equal((await client.post('/v1/auth/email/resend', undefined, { token: ada.json.access_token, ...from('198.51.100.6') })).status, 204);
    for (const email of [ada.json.user.email, 'nobody@example.com']) refused(await forgot(email, '198.51.100.6'), 429, 'rate_limited');
    refused(await client.post('/v1/auth/email/resend', undefined, { token: ada.json.access_token, ...from('198.51.100.6') }), 429, 'rate_limited');
    assert.equal((await forgot(ada.json.user.email, '198.51.100.7')).status, 202);
  });

  test('SE-4: changes of the e-mail address are letters like the others', async () => {
    const { access_token: token } = (await register('198.51.100.8')).json;
    const change = (ip) => client.patch('/v1/me', { email: `${unique('wanted')}@example.com`, password }, { token, ...from(ip) });
    for (let i = 0; i < 4; ++i) assert.equal((await change('198.51.100.8')).status, 200);
    const fifth = await change('198.51.100.8');
    refused(fifth, 429, 'rate_limited');
    assert.ok(Number(fifth.headers['retry-after']) > 0);
    assert.equal((await client.patch('/v1/me', { name: 'Ada L.' }, { token, ...from('198.51.100.8') })).status, 200, 'a name is no letter');
    assert.equal((await change('198.51.100.9')).status, 200);
  });

  test("SE-4: strangers who guess from everywhere lock the owner out neither at home nor for good", async () => {
    const home = '198.51.100.10';
    const email = (await register(home)).json.user.email;
    for (let i = 0; i < 10; ++i) refused(await guess(email, `203.0.113.${i}`), 401, 'invalid_credentials');
    refused(await guess(email, '203.0.113.99', password), 429, 'rate_limited'); // nobody gets in from where she never was…
    assert.equal((await guess(email, home, password)).status, 200); // …but she does at home,
    refused(await guess(email, '198.51.100.11', password), 429, 'rate_limited');
    assert.equal((await client.post('/v1/auth/password/forgot', { email }, from('198.51.100.11'))).status, 202);
    const token = tokenIn(await box.waitFor(email, /reset/i));
    const reset = await client.post('/v1/auth/password/reset', { token, password: 'another horse battery' }, from('198.51.100.11'));
    assert.equal(reset.status, 204, reset.text);
    assert.equal((await guess(email, '198.51.100.11', 'another horse battery')).status, 200); // and on a journey by her mailbox.
  });
});

describe(`without a proxy (${engine})`, () => {
  test('SE-4: who writes X-Forwarded-For is still who they are', async () => {
    const shop = await TestShop.open({ settings: { address_registrations_max: 1 } });
    try {
      const register = (ip) => shop.client.post('/v1/auth/register', { email: `${unique('user')}@example.com`, password, name: 'Ada' }, { headers: { 'x-forwarded-for': ip, forwarded: `for=${ip}` } });
      const first = await register('198.51.100.1');
      assert.equal((await shop.client.get('/v1/auth/sessions', { token: first.json.access_token })).json.data[0].ip, '127.0.0.1');
      refused(await register('198.51.100.2'), 429, 'rate_limited');
    } finally {
      await shop.close();
    }
  });

  test('proxies that cannot be read are told at the start', async () => {
    await assert.rejects(TestShop.open({ settings: { trusted_proxies: 'proxy.example' } }), /trusted-proxies.*as in 10\.0\.0\.0\/8/);
  });

  test('SE-3: a shop may ask for longer passwords', async () => {
    const shop = await TestShop.open({ settings: { password_length_min: 15 } });
    try {
      const register = (secret) => shop.client.post('/v1/auth/register', { email: `${unique('user')}@example.com`, password: secret, name: 'Ada' });
      const short = await register('fourteen chars');
      refused(short, 422, 'validation_failed');
      assert.match(short.json.errors[0].message, /at least 15 characters/);
      assert.equal((await register('fifteen letters')).status, 201);
    } finally {
      await shop.close();
    }
  });
});
