// Access tokens whose keys rotate under a running server (SE-8), refresh tokens in a cookie (SE-9).
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { createLocalJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import { TestShop, engine, password } from '../support/shop.mjs';

describe(`keys and cookies (${engine})`, () => {
  const origin = 'https://app.shop.example';
  let shop, client;
  before(async () => {
    shop = await TestShop.open({ settings: { cors_origins: origin, public_url: 'https://api.shop.example' } });
    client = shop.client;
  });
  after(() => shop?.close());

  const refused = (answer, status, code) => assert.deepEqual([answer.status, answer.json?.code], [status, code], answer.text);
  const until = async (what, condition) => {
    for (const deadline = Date.now() + 30_000; Date.now() < deadline;) {
      const found = await condition();
      if (found) return found;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    return assert.fail(`${what} did not happen in 30 s`);
  };

  test('SE-8: kontor keys rotate: shown at once, signing after a moment; what the old key signed goes on', async () => {
    const ada = await shop.registerUser();
    const old = decodeProtectedHeader(ada.access_token).kid;
    const said = await shop.server.command('keys', 'rotate');
    const [, kid] = /The key (\S+) signs/.exec(said);
    assert.notEqual(kid, old);
    const jwks = await until('the new key in the JWKS', async () => {
      const { json } = await client.get('/.well-known/jwks.json');
      return json.keys.some((key) => key.kid === kid) && json;
    });
    assert.deepEqual(jwks.keys.map((key) => key.kid), [kid, old]);
    const token = await until('a token of the new key', async () => {
      const { access_token } = await shop.signIn(ada.email);
      return decodeProtectedHeader(access_token).kid === kid && access_token;
    });
    for (const good of [token, ada.access_token]) {
      await jwtVerify(good, createLocalJWKSet(jwks), { audience: 'kontor', issuer: 'https://api.shop.example' });
      assert.equal((await client.get('/v1/me', { token: good })).status, 200);
    }
  });

  const asCookie = { 'x-refresh-token': 'cookie' };
  const cookieOf = (answer) => answer.headers['set-cookie'][0].split(';')[0];
  const signIn = async () => {
    const ada = await shop.registerUser();
    return client.post('/v1/auth/login', { email: ada.email, password }, { headers: asCookie });
  };

  test('SE-9: a browser that asks gets the refresh token in a cookie, and nowhere else', async () => {
    const signedIn = await signIn();
    assert.equal(signedIn.json.refresh_token, '');
    assert.match(signedIn.headers['set-cookie'][0],
      /^__Secure-kontor_refresh=[\w-]{43}; Path=\/v1\/auth; HttpOnly; SameSite=Strict; Secure; Max-Age=2592000$/);
    const refreshed = await client.post('/v1/auth/refresh', {}, { headers: { ...asCookie, cookie: `theme=dark; ${cookieOf(signedIn)}` } });
    assert.equal(refreshed.status, 200, refreshed.text);
    assert.equal(refreshed.json.refresh_token, '');
    assert.notEqual(cookieOf(refreshed), cookieOf(signedIn));
    const left = await client.post('/v1/auth/logout', {}, { headers: { ...asCookie, cookie: cookieOf(refreshed) } });
    assert.equal(left.status, 204, left.text);
    assert.match(left.headers['set-cookie'][0], /^__Secure-kontor_refresh=; .*Max-Age=0$/);
    assert.equal((await client.get('/v1/me', { token: refreshed.json.access_token })).status, 401);
  });

  test('SE-9: who asks for none gets none', async () => {
    const ada = await shop.registerUser();
    const { headers, json } = await client.post('/v1/auth/login', { email: ada.email, password });
    assert.equal(headers['set-cookie'], undefined);
    assert.match(json.refresh_token, /^[\w-]{43}$/);
  });

  test("SE-9: another site's page can't refresh with the cookie", async () => {
    const signedIn = await signIn();
    const cookie = cookieOf(signedIn);
    const send = (headers, body = {}) => client.post('/v1/auth/refresh', body, { headers: { cookie, ...headers } });
    refused(await send({}), 422, 'validation_failed'); // a request that any page can make has no such header
    refused(await send({ 'content-type': 'text/plain' }, '{}'), 415, 'unsupported_media_type');
    refused(await send({ ...asCookie, 'sec-fetch-site': 'cross-site' }), 403, 'forbidden');
    // A page elsewhere would have to ask first, and is told no; the shop's own is told yes, with cookies.
    const ask = (from) => client.call('OPTIONS', '/v1/auth/refresh', {
      headers: { origin: from, 'access-control-request-method': 'POST', 'access-control-request-headers': 'x-refresh-token' },
    });
    const [evil, own] = [await ask('https://evil.test'), await ask(origin)];
    assert.equal(evil.headers['access-control-allow-origin'], undefined);
    assert.equal(evil.headers['access-control-allow-headers'], undefined);
    assert.equal(own.headers['access-control-allow-origin'], origin);
    assert.equal(own.headers['access-control-allow-credentials'], 'true');
    assert.match(own.headers['access-control-allow-headers'], /X-Refresh-Token/);
    assert.equal((await send(asCookie)).status, 200);
  });

  test('SE-9: a spent cookie ends its session like a spent token', async () => {
    const signedIn = await signIn();
    const refresh = (cookie) => client.post('/v1/auth/refresh', {}, { headers: { ...asCookie, cookie } });
    const second = await refresh(cookieOf(signedIn));
    const third = await refresh(cookieOf(second));
    refused(await refresh(cookieOf(signedIn)), 401, 'refresh_token_reused');
    assert.equal((await refresh(cookieOf(third))).status, 401);
  });
});
