// What an attacker tries on the way in, table by table; each row of the trust list by its name.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { SignJWT, UnsecuredJWT, decodeJwt, decodeProtectedHeader, exportJWK, generateKeyPair } from 'jose';
import { takeAsLong } from '../support/as_long.mjs';
import { TestShop, engine, password, unique } from '../support/shop.mjs';

describe(`attacks on signing in (${engine})`, () => {
  let shop, client, ada, claims, header;
  before(async () => {
    // Guesses are many here, under one address.
    shop = await TestShop.open({ settings: { address_failures_max: 0, address_registrations_max: 10_000 } });
    client = shop.client;
    ada = await shop.registerUser();
    claims = { ...decodeJwt(ada.access_token), role: 'admin' };
    header = decodeProtectedHeader(ada.access_token);
  });
  after(() => shop?.close());

  const refused = (answer, status, code) => assert.deepEqual([answer.status, answer.json?.code], [status, code], answer.text);

  const forgeries = {
    'alg none': async () => new UnsecuredJWT(claims).encode(),
    "a key of one's own under our kid": async () => {
      const { privateKey } = await generateKeyPair('EdDSA');
      return new SignJWT(claims).setProtectedHeader(header).sign(privateKey);
    },
    "a key of one's own in the header": async () => {
      const { publicKey, privateKey } = await generateKeyPair('EdDSA', { extractable: true });
      return new SignJWT(claims).setProtectedHeader({ ...header, kid: 'mine', jwk: await exportJWK(publicKey) }).sign(privateKey);
    },
    'a key at an address of the attacker': async () => {
      const { privateKey } = await generateKeyPair('ES256');
      return new SignJWT(claims).setProtectedHeader({ alg: 'ES256', kid: 'mine', jku: 'http://127.0.0.1:9/jwks.json' }).sign(privateKey);
    },
    'our public key as a shared secret': async () => {
      const { json } = await client.get('/.well-known/jwks.json');
      const secret = Buffer.from(json.keys[0].x, 'base64url');
      return new SignJWT(claims).setProtectedHeader({ ...header, alg: 'HS256' }).sign(secret);
    },
    'an oversized one': async () => `${ada.access_token}${'A'.repeat(6000)}`,
    'one whose base64 has another form': async () => `${ada.access_token}=`,
    'the refresh token': async () => ada.refresh_token,
    'an mfa_token': async () => {
      const person = await shop.enrol(await shop.registerUser());
      return (await client.post('/v1/auth/login', { email: person.user.email, password })).json.mfa_token;
    },
  };
  for (const [what, forge] of Object.entries(forgeries)) {
    test(`SE-8: ${what} is no access token`, async () => {
      refused(await client.get('/v1/users', { token: await forge() }), 401, 'unauthenticated');
    });
  }

  test('SE-8: an expired one says so', async () => {
    const short = await TestShop.open({ settings: { access_token_seconds: 10 } });
    try {
      const { access_token: token } = await short.registerUser();
      assert.equal((await short.client.get('/v1/me', { token })).status, 200);
      await new Promise((resolve) => setTimeout(resolve, decodeJwt(token).exp * 1000 - Date.now() + 50)); // until it has ended
      refused(await short.client.get('/v1/me', { token }), 401, 'token_expired');
    } finally {
      await short.close();
    }
  });

  const assignments = [
    ['POST', '/v1/auth/register', () => ({ email: `${unique('m')}@example.com`, password, name: 'M' }), ['role', 'permissions', 'email_verified', 'mfa_enabled', 'id']],
    ['POST', '/v1/auth/login', () => ({ email: ada.email, password }), ['role', 'mfa_required', 'second_factor']],
    ['PATCH', '/v1/me', () => ({ name: 'Ada' }), ['role', 'permissions', 'email_verified', 'mfa_enabled', 'disabled', 'password_hash', 'id']],
    ['POST', '/v1/me/password', () => ({ current_password: password, new_password: 'another horse' }), ['user_id', 'role']],
    ['POST', '/v1/auth/step-up', () => ({ password }), ['second_factor', 'mfa_time', 'user_id']],
    ['POST', '/v1/auth/mfa/totp', () => ({ password }), ['secret', 'user_id']],
  ];
  for (const [method, path, body, members] of assignments) {
    test(`SE-12: mass assignment: ${method} ${path} takes no ${members.join(', ')}`, async () => {
      for (const member of members) {
        const answer = await client.call(method, path, { body: { ...body(), [member]: 'admin' }, token: ada.access_token });
        refused(answer, 422, 'unknown_field');
        assert.equal(answer.json.errors[0].field, `/${member}`);
      }
      assert.equal((await client.get('/v1/me', { token: ada.access_token })).json.role, 'customer');
    });
  }

  test('SE-5: nobody learns who has an account, nor where it came from, from answers to log-ins or their time', async () => {
    const shown = ({ status, json: { request_id, ...rest } }) => JSON.stringify({ status, rest });
    // As another shop has hashed them, some without a password at all.
    const hashes = { bcrypt: `$2b$11$${'u'.repeat(53)}`, 'no password': undefined };
    const imported = Object.entries(hashes).flatMap(([kind, password_hash]) =>
      [0, 1, 2].map((attempt) => ({ email: `${unique('old')}@example.com`, name: 'Old', password_hash, kind, attempt })));
    const file = path.join(shop.server.data, 'old.ndjson');
    await writeFile(file, imported.map(({ email, name, password_hash }) => JSON.stringify({ email, name, password_hash })).join('\n'));
    assert.match(await shop.server.command('import', 'users', file), /6 created/);
    await shop.kill9AndRestart(); // or the server learns of it within seconds
    const people = [await shop.registerUser(), await shop.registerUser(), await shop.registerUser()];
    const answers = new Set();
    const guess = async (email) => answers.add(shown(await client.post('/v1/auth/login', { email, password: 'wrong horse battery' })));
    const of = (kind) => (attempt) => guess(imported.find((one) => one.kind === kind && one.attempt === attempt).email);
    await takeAsLong({
      unknown: () => guess(`${unique('ghost')}@example.com`), known: (attempt) => guess(people[attempt].email),
      ...Object.fromEntries(Object.keys(hashes).map((kind) => [kind, of(kind)])),
    }, 5);
    assert.equal(answers.size, 1, [...answers].join('\n'));
    assert.match([...answers][0], /"status":401/);
  });

  test('SE-5: registering takes as long for an address that has an account', async () => {
    const known = (await shop.registerUser()).email;
    const register = (email, status) => async () =>
      assert.equal((await client.post('/v1/auth/register', { email: email ?? `${unique('new')}@example.com`, password, name: 'Ada' })).status, status);
    await takeAsLong({ known: register(known, 409), unknown: register(undefined, 201) }, 15);
  });

  test("SE-5: a refresh token that was made up is refused as quickly as one of somebody's ended session", async () => {
    const ended = await shop.registerUser();
    await client.post('/v1/auth/logout', {}, { token: ended.access_token });
    const refresh = (token) => async () => assert.equal((await client.post('/v1/auth/refresh', { refresh_token: token })).status, 401);
    await takeAsLong({ ended: refresh(ended.refresh_token), 'made up': refresh('A'.repeat(43)) }, 40);
  });

  test('SE-18: decisions are logged, secrets are not', async () => {
    const person = await shop.registerUser();
    await client.post('/v1/auth/login', { email: person.email, password: 'a wrong horse of mine' });
    const enrolled = await shop.enrol(person);
    await client.post('/v1/auth/step-up', { code: enrolled.recovery_codes[0] }, { token: enrolled.access_token });
    await client.post('/v1/auth/logout', {}, { token: enrolled.access_token });
    const deadline = Date.now() + 10_000;
    const log = () => shop.server.log.join('');
    const decisions = ['registered', 'log-in refused: wrong credentials', 'authenticator app confirmed', 'stepped up', 'log-out'];
    const missing = () => decisions.filter((line) => !log().includes(`auth: ${line} user=${person.user.id}`));
    while (missing().length > 0 && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 50));
    assert.deepEqual(missing(), []);
    // Who is known and tries what they may not do is told of (ASVS 16.3.2).
    const stranger = await shop.registerUser();
    refused(await client.get('/v1/users', { token: stranger.access_token }), 403, 'forbidden');
    const refusal = `http: forbidden for ${stranger.user.id} in GET /v1/users`;
    while (!log().includes(refusal) && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 50));
    assert.ok(log().includes(refusal));
    for (const secret of [password, 'a wrong horse of mine', enrolled.secret, enrolled.recovery_codes[0], person.refresh_token, person.access_token, person.email]) {
      assert.ok(!log().includes(secret), secret);
    }
  });
});
