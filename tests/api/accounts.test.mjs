// Registering, signing in and out, sessions, one's own profile and addresses, staff and what they may do.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { createLocalJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import { TestShop, address, engine, password, unique } from '../support/shop.mjs';

// The text with one character replaced by the next of the base64url alphabet.
function altered(text, at) {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  return text.slice(0, at) + alphabet[(alphabet.indexOf(text[at]) + 1) % 64] + text.slice(at + 1);
}

const nobody = 'usr_00000000000000000000000000';

describe(`accounts (${engine})`, () => {
  let shop, client;
  before(async () => {
    shop = await TestShop.open();
    client = shop.client;
  });
  after(() => shop?.close());

  const refused = (answer, status, code) => assert.deepEqual([answer.status, answer.json?.code], [status, code], answer.text);
  const fieldOf = (answer) => answer.json.errors[0].field;

  describe('registering', () => {
    test('gives an account and a session', async () => {
      const ada = await shop.registerUser({ name: 'Ada Byron' });
      assert.equal(ada.user.name, 'Ada Byron');
      assert.equal(ada.user.role, 'customer');
      assert.match(ada.user.id, /^usr_/);
      assert.equal(ada.token_type, 'Bearer');
      const me = await client.get('/v1/me', { token: ada.access_token });
      assert.equal(me.json.email, ada.email);
    });

    test('takes an e-mail address once, however it is written', async () => {
      const ada = await shop.registerUser();
      const again = await client.post('/v1/auth/register', { email: ada.email.toUpperCase(), password, name: 'Imposter' });
      refused(again, 409, 'email_taken');
      assert.ok((await shop.signIn(ada.email.toUpperCase())).access_token);
    });

    for (const [what, bad] of [['short', 'seven77'], ['common', 'password123'], ['monotonous', 'abcdefgh'], ['endless', 'x'.repeat(257)]]) {
      test(`refuses a ${what} password at its field`, async () => {
        const answer = await client.post('/v1/auth/register', { email: `${unique('weak')}@example.com`, password: bad, name: 'A' });
        refused(answer, 422, 'validation_failed');
        assert.equal(fieldOf(answer), '/password');
      });
    }

    test('the answer with tokens is stored nowhere (SE-17)', async () => {
      const answer = await client.post('/v1/auth/register', { email: `${unique('c')}@example.com`, password, name: 'C' });
      assert.match(answer.headers['cache-control'], /no-store/);
    });

    test('an account can be registered by one of ten at once only', async () => {
      const body = { email: `${unique('race')}@example.com`, password, name: 'R' };
      const answers = await Promise.all(Array.from({ length: 10 }, () => client.post('/v1/auth/register', body)));
      const statuses = answers.map(({ status }) => status).sort();
      assert.equal(statuses.filter((status) => status === 201).length, 1, statuses.join());
      assert.ok(statuses.every((status) => [201, 409, 503].includes(status)), statuses.join());
    });
  });

  describe('access tokens', () => {
    test('verify with a JOSE library over the JWKS', async () => {
      const ada = await shop.registerUser();
      const jwks = await client.get('/.well-known/jwks.json');
      const { payload, protectedHeader } = await jwtVerify(ada.access_token, createLocalJWKSet(jwks.json), { audience: 'kontor' });
      assert.ok(['EdDSA', 'ES256'].includes(protectedHeader.alg));
      assert.ok(protectedHeader.kid);
      assert.equal(payload.sub, ada.user.id);
      assert.equal(payload.role, 'customer');
      assert.match(payload.sid, /^ses_/);
      assert.equal(payload.exp - payload.iat, 15 * 60);
      assert.equal(ada.expires_in, 15 * 60);
      assert.ok(payload.iss);
      for (const key of jwks.json.keys) assert.equal(key.d, undefined, 'no private key is shown');
    });

    test('made up or altered ones are refused (SE-8)', async () => {
      const { access_token } = await shop.registerUser();
      const [header, payload, signature] = access_token.split('.');
      const b64 = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
      const kid = decodeProtectedHeader(access_token).kid;
      const claims = JSON.parse(Buffer.from(payload, 'base64url'));
      const forged = [
        `${b64({ alg: 'none' })}.${payload}.`,
        `${b64({ alg: 'none', kid })}.${payload}.${signature}`,
        `${b64({ alg: 'HS256', kid })}.${payload}.${signature}`,
        `${header}.${b64({ ...claims, role: 'admin' })}.${signature}`,
        `${header}.${payload}.${altered(signature, 10)}`,
        `${header}.${payload}.${altered(signature, signature.length - 1)}`, // bits that no byte holds: another text, the same signature
        `${header}.${payload}.${signature}=`,
        `${header}.${payload}`,
        `${header}.${payload}.${signature}.${signature}`,
        '.'.repeat(2), 'x'.repeat(5000),
      ];
      for (const token of forged) refused(await client.get('/v1/me', { token }), 401, 'unauthenticated');
      assert.equal((await client.get('/v1/me', { token: access_token })).status, 200);
    });

    test('without one, 401 names the scheme', async () => {
      const answer = await client.get('/v1/me');
      refused(answer, 401, 'unauthenticated');
      assert.match(answer.headers['www-authenticate'] ?? '', /^Bearer/);
    });
  });

  test('a wrong password and an unknown address get the same answer', async () => {
    const ada = await shop.registerUser();
    const wrong = await client.post('/v1/auth/login', { email: ada.email, password: 'wrong horse battery' });
    const unknown = await client.post('/v1/auth/login', { email: `${unique('ghost')}@example.com`, password });
    refused(wrong, 401, 'invalid_credentials');
    const shown = ({ json: { request_id, ...rest } }) => rest;
    assert.deepEqual(shown(wrong), shown(unknown));
  });

  describe('refreshing', () => {
    const refresh = (refresh_token) => client.post('/v1/auth/refresh', { refresh_token });

    test('gives a new pair; asked again at once, the same', async () => {
      const ada = await shop.registerUser();
      const first = await refresh(ada.refresh_token);
      assert.equal(first.status, 200, first.text);
      assert.notEqual(first.json.refresh_token, ada.refresh_token);
      assert.equal((await refresh(ada.refresh_token)).json.refresh_token, first.json.refresh_token);
      assert.equal((await client.get('/v1/me', { token: first.json.access_token })).status, 200);
    });

    test('a spent token that turns up again ends the session, and that one only', async () => {
      const ada = await shop.registerUser();
      const elsewhere = await shop.signIn(ada.email);
      const second = (await refresh(ada.refresh_token)).json;
      const third = (await refresh(second.refresh_token)).json;
      refused(await refresh(ada.refresh_token), 401, 'refresh_token_reused');
      assert.equal((await refresh(third.refresh_token)).status, 401);
      assert.equal((await client.get('/v1/me', { token: third.access_token })).status, 401);
      assert.equal((await client.get('/v1/me', { token: elsewhere.access_token })).status, 200);
    });

    test('twenty at once get one successor', async () => {
      const ada = await shop.registerUser();
      const answers = await Promise.all(Array.from({ length: 20 }, () => refresh(ada.refresh_token)));
      assert.deepEqual([...new Set(answers.map(({ status }) => status))], [200]);
      assert.equal(new Set(answers.map(({ json }) => json.refresh_token)).size, 1);
    });

    test('a made-up one is refused', async () => refused(await refresh('A'.repeat(43)), 401, 'unauthenticated'));
  });

  test('signing in and out asks for no good access token, though clients send the one they have', async () => {
    const ada = await shop.registerUser();
    const token = 'an.old.one';
    assert.equal((await client.post('/v1/auth/login', { email: ada.email, password }, { token })).status, 200);
    const { json } = await client.post('/v1/auth/refresh', { refresh_token: ada.refresh_token }, { token });
    assert.equal((await client.post('/v1/auth/logout', { refresh_token: json.refresh_token }, { token })).status, 204);
    refused(await client.post('/v1/auth/logout', {}, { token }), 401, 'unauthenticated');
    assert.equal((await client.get('/v1/me', { token: json.access_token })).status, 401);
  });

  test('logging out ends the session and its access token at once', async () => {
    const ada = await shop.registerUser();
    assert.equal((await client.post('/v1/auth/logout', { refresh_token: ada.refresh_token })).status, 204);
    assert.equal((await client.get('/v1/me', { token: ada.access_token })).status, 401);
    assert.equal((await client.post('/v1/auth/refresh', { refresh_token: ada.refresh_token })).status, 401);
    const again = await shop.signIn(ada.email);
    assert.equal((await client.post('/v1/auth/logout', {}, { token: again.access_token })).status, 204);
    assert.equal((await client.get('/v1/me', { token: again.access_token })).status, 401);
  });

  test('a session outlives a crash of the server, and so does its end', async () => {
    const [kept, ended] = [await shop.registerUser(), await shop.registerUser()];
    await client.post('/v1/auth/logout', { refresh_token: ended.refresh_token });
    await shop.kill9AndRestart();
    assert.equal((await client.get('/v1/me', { token: kept.access_token })).status, 200);
    assert.equal((await client.get('/v1/me', { token: ended.access_token })).status, 401);
  });

  describe('one\'s own account', () => {
    test('the profile can be changed where it may be', async () => {
      const { access_token: token } = await shop.registerUser();
      const changed = await client.patch('/v1/me', { name: 'Countess of Lovelace', phone: '+44 20 7946 0000' }, { token });
      assert.equal(changed.json.name, 'Countess of Lovelace');
      assert.equal(changed.json.phone, '+44 20 7946 0000');
      assert.equal((await client.patch('/v1/me', { phone: null }, { token })).json.phone, null);
      const raised = await client.patch('/v1/me', { role: 'admin' }, { token });
      refused(raised, 422, 'unknown_field');
      assert.equal(fieldOf(raised), '/role');
    });

    test('a new password ends the other sessions', async () => {
      const ada = await shop.registerUser();
      const other = await shop.signIn(ada.email);
      const body = { current_password: password, new_password: 'a completely new one' };
      refused(await client.post('/v1/me/password', { ...body, current_password: 'nope nope nope' }, { token: ada.access_token }),
        401, 'invalid_credentials');
      assert.equal((await client.post('/v1/me/password', body, { token: ada.access_token })).status, 204);
      assert.equal((await client.get('/v1/me', { token: other.access_token })).status, 401);
      assert.equal((await client.get('/v1/me', { token: ada.access_token })).status, 200);
      assert.ok(await shop.signIn(ada.email, 'a completely new one'));
      refused(await client.post('/v1/auth/login', { email: ada.email, password }), 401, 'invalid_credentials');
    });

    test('addresses: kept, changed, one default, deleted', async () => {
      const { access_token: token } = await shop.registerUser();
      const home = await client.post('/v1/me/addresses', address({ is_default_shipping: true }), { token });
      assert.equal(home.status, 201, home.text);
      const work = await client.post('/v1/me/addresses', address({ line1: 'Science Museum', is_default_shipping: true }), { token });
      const list = await client.get('/v1/me/addresses', { token });
      assert.deepEqual(list.json.data.map(({ id, is_default_shipping }) => [id, is_default_shipping]),
        [[home.json.id, false], [work.json.id, true]]);
      const moved = await client.patch(`/v1/me/addresses/${home.json.id}`, { city: 'Oxford' }, { token });
      assert.equal(moved.json.city, 'Oxford');
      assert.equal((await client.delete(`/v1/me/addresses/${home.json.id}`, { token })).status, 204);
      refused(await client.get(`/v1/me/addresses/${home.json.id}`, { token }), 404, 'not_found');
      const bad = await client.post('/v1/me/addresses', address({ country: 'XX1' }), { token });
      refused(bad, 422, 'validation_failed');
      assert.equal(fieldOf(bad), '/country');
    });

    test("somebody else's address does not exist (SE-12)", async () => {
      const [ada, eve] = [await shop.registerUser(), await shop.registerUser()];
      const { json } = await client.post('/v1/me/addresses', address(), { token: ada.access_token });
      const at = `/v1/me/addresses/${json.id}`;
      const token = eve.access_token;
      for (const answer of [await client.get(at, { token }), await client.patch(at, { city: 'X' }, { token }), await client.delete(at, { token })]) {
        refused(answer, 404, 'not_found');
      }
      assert.equal((await client.get(at, { token: ada.access_token })).json.city, 'London');
    });
  });

  describe('staff', () => {
    test('what needs a permission is 401 for guests and 403 for those without it (SE-12)', async () => {
      const { access_token: token } = await shop.registerUser();
      const guarded = [
        ['GET', '/v1/users'], ['GET', `/v1/users/${nobody}`], ['PATCH', `/v1/users/${nobody}`, { role: 'admin' }],
        ['POST', '/v1/products', {}], ['PATCH', '/v1/products/x', {}], ['DELETE', '/v1/products/x'],
        ['POST', '/v1/categories', {}], ['PATCH', '/v1/categories/x', {}], ['DELETE', '/v1/categories/x'],
        ['POST', '/v1/variants/var_00000000000000000000000000/stock', { set: 1 }],
        ['GET', '/v1/variants/var_00000000000000000000000000/stock'],
        ['POST', '/v1/orders/ord_00000000000000000000000000/ship', {}],
        ['POST', '/v1/orders/ord_00000000000000000000000000/mark-paid', {}],
      ];
      for (const [method, target, body] of guarded) {
        refused(await client.call(method, target, { body }), 401, 'unauthenticated');
        refused(await client.call(method, target, { body, token }), 403, 'forbidden');
      }
    });

    test('support finds people and changes none', async () => {
      const { access_token: token } = await shop.hire('support');
      const ada = await shop.registerUser({ name: 'Findable Person' });
      const found = await client.get(`/v1/users?q=${encodeURIComponent(ada.email)}`, { token });
      assert.deepEqual(found.json.data.map(({ id }) => id), [ada.user.id]);
      refused(await client.patch(`/v1/users/${ada.user.id}`, { disabled: true }, { token }), 403, 'forbidden');
      const staff = await client.get('/v1/users?role=support&limit=1', { token });
      assert.equal(staff.json.data[0].role, 'support');
    });

    test('a disabled account is out at once', async () => {
      const ada = await shop.registerUser();
      const token = await shop.signInAsAdmin();
      const answer = await client.patch(`/v1/users/${ada.user.id}`, { disabled: true }, { token });
      assert.equal(answer.json.disabled, true);
      assert.equal((await client.get('/v1/me', { token: ada.access_token })).status, 401);
      refused(await client.post('/v1/auth/login', { email: ada.email, password }), 401, 'invalid_credentials');
    });

    test('a new role counts from the next sign-in, and the old session is over', async () => {
      const ada = await shop.registerUser();
      await client.patch(`/v1/users/${ada.user.id}`, { role: 'manager' }, { token: await shop.signInAsAdmin() });
      assert.equal((await client.get('/v1/me', { token: ada.access_token })).status, 401);
      const { access_token: token } = await shop.signIn(ada.email);
      const me = await client.get('/v1/me', { token });
      assert.ok(me.json.permissions.includes('catalog:write'));
      assert.ok(!me.json.permissions.includes('users:write'));
    });
  });
});
