// KONTOR_ENV=production: what is unsafe doesn't start, and is told with what to do about it.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import { ServerProcess } from '../support/server.mjs';
import { TestShop, engine } from '../support/shop.mjs';

const fit = () => ({
  env: 'production',
  public_url: 'https://shop.example',
  trusted_proxies: '127.0.0.1',
  secret: randomBytes(24).toString('base64'),
});

describe(`in production (${engine})`, () => {
  let server;
  before(async () => {
    server = await ServerProcess.create();
  });
  beforeEach(() => {
    server.settings = fit();
  });
  after(() => server?.dispose());

  // What the program says when it is to start with these settings.
  const refusalOf = async (settings) => {
    Object.assign(server.settings, settings);
    return server.start().then(() => assert.fail('it started'), ({ message }) => message);
  };

  test('what is unsafe about the settings is told at once, each with what to do', async () => {
    const text = await refusalOf({
      public_url: 'http://shop.example', secret: 'change-me-change-me-change-me-now', stripe_secret_key: 'sk_test_123',
    });
    for (const sign of [/not fit for KONTOR_ENV=production/, /without encryption.*\n.*KONTOR_PUBLIC_URL=https/, /KONTOR_SECRET can be guessed.*\n.*openssl rand/,
      /test key.*nobody pays.*\n.*live key/]) {
      assert.match(text, sign);
    }
    assert.deepEqual(await readdir(server.data), ['serve.lock'], 'and nothing was sealed under that secret');
  });

  test('links need an address, and limits need to know who stands behind the proxy', async () => {
    assert.match(await refusalOf({ public_url: '' }), /how clients reach the shop/);
    assert.match(await refusalOf({ public_url: 'https://shop.example', trusted_proxies: '' }), /KONTOR_TRUSTED_PROXIES/);
  });

  test('a secret of one character, however long', async () => {
    assert.match(await refusalOf({ secret: 'x'.repeat(64) }), /can be guessed/);
  });

  test('servers on one PostgreSQL need one secret', { skip: engine !== 'postgres' && 'a shop on SQLite keeps its own' }, async () => {
    assert.match(await refusalOf({ secret: '' }), /the same for all/);
  });

  test('a word that is neither development nor production', async () => {
    assert.match(await refusalOf({ env: 'prod' }), /env \(from KONTOR_ENV\) must be development or production/);
  });
});

describe(`a shop that goes into production (${engine})`, () => {
  let shop;
  before(async () => {
    shop = await TestShop.open({ settings: { secret: fit().secret } });
  });
  after(() => shop?.close());

  test("the demo's accounts keep it from starting until they are disabled", async () => {
    await shop.client.post('/v1/auth/register', { email: 'customer@example.com', password: 'kontor-demo-customer', name: 'Sarah' });
    await shop.server.terminate();
    const { secret } = shop.server.settings;
    Object.assign(shop.server.settings, fit(), { secret });
    await assert.rejects(shop.server.start(), /demo shop's accounts.*\n.*Disable them/);
    await assert.rejects(shop.server.command('demo'), /there is no demo shop/);
    await shop.server.sql("update users set disabled = 1 where email = 'customer@example.com'");
    await shop.server.start();
    assert.equal((await shop.client.get('/readyz')).status, 200);
  });
});
