// Passkeys (SE-19): with a security key made of software that can lie, and in Chromium with its virtual one.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { Authenticator, algorithms, flags } from '../support/authenticator.mjs';
import { TestShop, engine, password } from '../support/shop.mjs';

describe(`passkeys (${engine})`, () => {
  const origin = 'https://shop.example';
  let shop, client;
  before(async () => {
    shop = await TestShop.open({ settings: { passkey_origins: `${origin},https://www.shop.example` } });
    client = shop.client;
  });
  after(() => shop?.close());

  const refused = (answer, status, code) => assert.deepEqual([answer.status, answer.json?.code], [status, code], answer.text);
  const post = (path, body, token) => client.post(`/v1/auth/passkeys/${path}`, body, { token });
  const optionsFor = async (person) => {
    const answer = await post('register/begin', {}, person.access_token);
    assert.equal(answer.status, 200, answer.text);
    return answer.json.public_key;
  };
  const challenge = async () => (await post('login/begin', {})).json.public_key;
  // Somebody with a passkey.
  const holder = async (algorithm) => {
    const person = await shop.registerUser();
    const key = new Authenticator(origin, algorithm);
    const answer = await post('register/finish', { credential: key.create(await optionsFor(person)), name: 'Phone' }, person.access_token);
    assert.equal(answer.status, 201, answer.text);
    return { ...person, key, passkey: answer.json };
  };
  const logIn = (credential) => post('login/finish', { credential });

  test('SE-19: what the browser is asked for', async () => {
    const person = await shop.registerUser();
    const creation = await optionsFor(person);
    assert.deepEqual(creation.rp, { id: 'shop.example', name: 'Kontor' });
    assert.equal(creation.user.name, person.email);
    assert.deepEqual(creation.pubKeyCredParams.map(({ alg }) => alg), [-7, -8, -257]);
    assert.deepEqual(creation.authenticatorSelection, { residentKey: 'required', requireResidentKey: true, userVerification: 'required' });
    assert.equal(Buffer.from(creation.challenge, 'base64url').length, 32);
    const request = await challenge();
    assert.equal(request.rpId, 'shop.example');
    assert.equal(request.userVerification, 'required');
    assert.deepEqual(request.allowCredentials, []);
    assert.notEqual(request.challenge, (await challenge()).challenge);
  });

  for (const algorithm of algorithms) {
    test(`SE-19: ${algorithm} signs in without a password, with both factors`, async () => {
      const { key, user } = await holder(algorithm);
      const answer = await logIn(key.get(await challenge()));
      assert.equal(answer.status, 200, answer.text);
      assert.equal(answer.json.user.id, user.id);
      const claims = JSON.parse(Buffer.from(answer.json.access_token.split('.')[1], 'base64url'));
      assert.ok(claims.mfa_time > 0);
      assert.equal((await client.get('/v1/me', { token: answer.json.access_token })).status, 200);
    });
  }

  test('are listed, renamed and removed by their owner only', async () => {
    const [ada, eve] = [await holder(), await holder()];
    const at = `/v1/me/passkeys/${ada.passkey.id}`;
    const [own, foreign] = [{ token: ada.access_token }, { token: eve.access_token }];
    assert.deepEqual((await client.get('/v1/me/passkeys', own)).json.data.map(({ name }) => name), ['Phone']);
    assert.equal((await client.patch(at, { name: 'Old phone' }, own)).json.name, 'Old phone');
    refused(await client.get(at, foreign), 404, 'not_found');
    refused(await client.patch(at, { name: 'Mine' }, foreign), 404, 'not_found');
    refused(await client.delete(at, foreign), 404, 'not_found');
    assert.equal((await client.delete(at, own)).status, 204);
    refused(await logIn(ada.key.get(await challenge())), 401, 'invalid_credentials');
  });

  test('SE-10: a passkey more, or less, ends the other sessions at once', async () => {
    const person = await shop.registerUser();
    const works = async ({ access_token: token }) => (await client.get('/v1/me', { token })).status === 200;
    const before = await shop.signIn(person.email);
    const made = await post('register/finish', { credential: new Authenticator(origin).create(await optionsFor(person)) }, person.access_token);
    assert.equal(made.status, 201, made.text);
    assert.deepEqual([await works(before), await works(person)], [false, true]);
    const between = await shop.signIn(person.email);
    assert.equal((await client.delete(`/v1/me/passkeys/${made.json.id}`, { token: person.access_token })).status, 204);
    assert.deepEqual([await works(between), await works(person)], [false, true]);
  });

  test('a passkey is kept once, and offered for exclusion', async () => {
    const ada = await holder();
    const options = await optionsFor(ada);
    assert.deepEqual(options.excludeCredentials.map(({ id }) => id), [ada.key.id.toString('base64url')]);
    refused(await post('register/finish', { credential: ada.key.create(options) }, ada.access_token), 409, 'conflict');
    const eve = await shop.registerUser();
    refused(await post('register/finish', { credential: ada.key.create(await optionsFor(eve)) }, eve.access_token), 409, 'conflict');
  });

  test('SE-11: registering asks for a recent proof', async () => {
    refused(await post('register/begin', {}), 401, 'unauthenticated');
  });

  const lies = {
    'another origin': { origin: 'https://shop.example.evil.test' },
    'the same host over http': { origin: 'http://shop.example' },
    'another port': { origin: 'https://shop.example:8443' },
    'another domain': { rpId: 'evil.test' },
    'a parent domain': { rpId: 'example' },
    'a frame of another page': { crossOrigin: true },
    'nobody present': { flags: flags.verified },
    'nobody verified': { flags: flags.present },
    'backed up without being eligible': { flags: flags.present | flags.verified | flags.backedUp },
    'a made-up challenge': { challenge: randomBytes(32).toString('base64url') },
    'no challenge': { challenge: '' },
  };
  for (const [what, lie] of Object.entries(lies)) {
    test(`SE-19: ${what} is refused, in registering and in signing in`, async () => {
      const person = await shop.registerUser();
      const credential = new Authenticator(origin).create(await optionsFor(person), lie);
      refused(await post('register/finish', { credential }, person.access_token), 422, 'validation_failed');
      const { key } = await holder();
      refused(await logIn(key.get(await challenge(), lie)), 401, 'invalid_credentials');
    });
  }

  test('SE-19: an answer for the other ceremony is refused', async () => {
    const person = await holder();
    refused(await logIn(person.key.get(await challenge(), { type: 'webauthn.create' })), 401, 'invalid_credentials');
    const { challenge: forRegistration } = await optionsFor(person);
    refused(await logIn(person.key.get(await challenge(), { challenge: forRegistration })), 401, 'invalid_credentials');
    const credential = new Authenticator(origin).create(await optionsFor(person), { type: 'webauthn.get' });
    refused(await post('register/finish', { credential }, person.access_token), 422, 'validation_failed');
  });

  test("SE-19: another account's challenge registers nothing", async () => {
    const [ada, eve] = [await shop.registerUser(), await shop.registerUser()];
    const credential = new Authenticator(origin).create(await optionsFor(ada));
    refused(await post('register/finish', { credential }, eve.access_token), 422, 'validation_failed');
    refused(await post('register/finish', { credential }, ada.access_token), 422, 'validation_failed'); // used up by Eve
  });

  test('SE-19: an assertion works once, also ten times at once', async () => {
    const { key } = await holder();
    const credential = key.get(await challenge());
    const answers = await Promise.all(Array.from({ length: 10 }, () => logIn(credential)));
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, ...Array(9).fill(401)]);
    refused(await logIn(credential), 401, 'invalid_credentials');
  });

  test("SE-19: another key's signature, and one over other bytes, are refused", async () => {
    const { key } = await holder();
    refused(await logIn(key.get(await challenge(), { privateKey: new Authenticator(origin).keys.privateKey })), 401, 'invalid_credentials');
    const credential = key.get(await challenge());
    credential.response.authenticatorData = key.get(await challenge()).response.authenticatorData;
    refused(await logIn(credential), 401, 'invalid_credentials');
  });

  test('SE-19: a counter that does not grow gives a copied key away', async () => {
    const { key } = await holder();
    assert.equal((await logIn(key.get(await challenge(), { count: 5 }))).status, 200);
    refused(await logIn(key.get(await challenge(), { count: 5 })), 401, 'invalid_credentials');
    refused(await logIn(key.get(await challenge(), { count: 0 })), 401, 'invalid_credentials');
    assert.equal((await logIn(key.get(await challenge(), { count: 6 }))).status, 200);
  });

  test('SE-19: one that never counts is fine; one that becomes eligible for backup is another', async () => {
    const { key } = await holder();
    for (let i = 0; i < 2; ++i) assert.equal((await logIn(key.get(await challenge(), { count: 0 }))).status, 200);
    refused(await logIn(key.get(await challenge(), { count: 0, flags: key.flags | flags.eligible })), 401, 'invalid_credentials');
  });

  test('nonsense is refused where a credential belongs', async () => {
    const person = await shop.registerUser();
    const key = new Authenticator(origin);
    for (const credential of [null, 1, 'x', [], {}, { response: 1 }, { response: { clientDataJSON: '!', attestationObject: '' } }]) {
      refused(await post('register/finish', { credential }, person.access_token), 422, 'validation_failed');
      refused(await logIn(credential), 401, 'invalid_credentials');
    }
    for (const authData of [Buffer.alloc(0), Buffer.alloc(37), Buffer.alloc(4000, 0xff)]) {
      const credential = key.create(await optionsFor(person), { authData });
      refused(await post('register/finish', { credential }, person.access_token), 422, 'validation_failed');
    }
    const deep = key.create(await optionsFor(person));
    deep.response.attestationObject = Buffer.alloc(4000, 0x81).toString('base64url'); // arrays in arrays
    refused(await post('register/finish', { credential: deep }, person.access_token), 422, 'validation_failed');
    deep.response.attestationObject = Buffer.alloc(500_000, 0x81).toString('base64url');
    refused(await post('register/finish', { credential: deep }, person.access_token), 422, 'validation_failed');
  });

  test('a passkey is a second factor: at log-in and to step up', async () => {
    const ada = await holder();
    await shop.enrol(ada);
    const { json: asked } = await client.post('/v1/auth/login', { email: ada.email, password });
    assert.deepEqual(asked.methods, ['totp', 'recovery_code', 'passkey']);
    assert.equal((await logIn(ada.key.get(await challenge()))).status, 200);
    const stepped = await client.post('/v1/auth/step-up', { credential: ada.key.get(await challenge()) }, { token: ada.access_token });
    assert.equal(stepped.status, 200, stepped.text);
    const eve = await holder();
    refused(await client.post('/v1/auth/step-up', { credential: eve.key.get(await challenge()) }, { token: ada.access_token }), 401, 'invalid_credentials');
  });

  test('a disabled account has no way in by passkey', async () => {
    const ada = await holder();
    await client.patch(`/v1/users/${ada.user.id}`, { disabled: true }, { token: await shop.signInAsAdmin() });
    refused(await logIn(ada.key.get(await challenge())), 401, 'invalid_credentials');
  });
});

describe(`passkeys in a browser (${engine})`, () => {
  let shop, browser;
  before(async () => {
    const { chromium } = await import('playwright-core');
    shop = await TestShop.open();
    shop.server.settings.public_url = `http://localhost:${shop.port}`; // known once it has run
    await shop.server.terminate();
    await shop.server.start();
    browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--host-resolver-rules=MAP localhost 127.0.0.1'] });
  });
  after(async () => {
    await browser?.close();
    await shop?.close();
  });

  test('SE-19: Chromium registers one and signs in with it, no e-mail address typed', async () => {
    const page = await browser.newPage();
    await page.goto(`http://localhost:${shop.port}/healthz`);
    const devtools = await page.context().newCDPSession(page);
    await devtools.send('WebAuthn.enable');
    await devtools.send('WebAuthn.addVirtualAuthenticator', {
      options: { protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true },
    });
    const ada = await shop.registerUser();
    const token = ada.access_token;
    const begun = await shop.client.post('/v1/auth/passkeys/register/begin', {}, { token });
    const made = await page.evaluate(async (options) => {
      const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
      return (await navigator.credentials.create({ publicKey })).toJSON();
    }, begun.json.public_key);
    const kept = await shop.client.post('/v1/auth/passkeys/register/finish', { credential: made, name: 'Chromium' }, { token });
    assert.equal(kept.status, 201, kept.text);

    const asked = await shop.client.post('/v1/auth/passkeys/login/begin', {});
    const answered = await page.evaluate(async (options) => {
      const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
      return (await navigator.credentials.get({ publicKey })).toJSON();
    }, asked.json.public_key);
    const signedIn = await shop.client.post('/v1/auth/passkeys/login/finish', { credential: answered });
    assert.equal(signedIn.status, 200, signedIn.text);
    assert.equal(signedIn.json.user.id, ada.user.id);
    const again = await shop.client.post('/v1/auth/passkeys/login/finish', { credential: answered });
    assert.equal(again.status, 401, again.text);
  });
});
