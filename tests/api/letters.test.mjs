// What people do with the help of their mailbox, over a real SMTP server: prove an address, reset a password, change the
// address, learn of what happened to their account.
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { takeAsLong } from '../support/as_long.mjs';
import { Mailbox, tokenIn } from '../support/mailbox.mjs';
import { TestShop, engine, password, unique } from '../support/shop.mjs';

const other_password = 'another horse battery';

describe(`letters (${engine})`, () => {
  let shop, client, box;
  before(async () => {
    box = await Mailbox.open();
    shop = await TestShop.open({ settings: { ...box.settings, shop_name: 'Mug & Lamp', storefront_url: 'https://shop.example/' } });
    client = shop.client;
  });
  after(async () => {
    await shop?.close();
    await box?.close();
  });

  const refused = (answer, status, code) => assert.deepEqual([answer.status, answer.json?.code], [status, code], answer.text);
  const me = async (token) => (await client.get('/v1/me', { token })).json;
  const forgot = (email) => client.post('/v1/auth/password/forgot', { email });
  const reset = (token, secret = other_password) => client.post('/v1/auth/password/reset', { token, password: secret });
  const verify = (token) => client.post('/v1/auth/email/verify', { token });

  test('a new account proves its address with the link of a letter, once', async () => {
    const ada = await shop.registerUser();
    assert.equal(ada.user.email_verified, false);
    const letter = await box.waitFor(ada.email, /confirm/i);
    assert.equal(letter.from.value[0].address, 'shop@example.com');
    assert.equal(letter.from.value[0].name, 'Mug & Lamp');
    assert.match(letter.text, /https:\/\/shop\.example\/verify-email#token=/);
    assert.match(letter.html, /href="https:\/\/shop\.example\/verify-email#token=[^"]+"/);
    assert.equal((await verify(tokenIn(letter))).status, 204);
    assert.equal((await me(ada.access_token)).email_verified, true);
    refused(await verify(tokenIn(letter)), 422, 'validation_failed');
  });

  test('the letter comes again when asked for, but not for an address that is proven', async () => {
    const ada = await shop.registerUser();
    await box.waitFor(ada.email, /confirm/i);
    assert.equal((await client.post('/v1/auth/email/resend', undefined, { token: ada.access_token })).status, 204);
    while (box.lettersTo(ada.email).length < 2) await new Promise((resolve) => setTimeout(resolve, 20));
    const [first, second] = box.lettersTo(ada.email).map(tokenIn);
    assert.notEqual(first, second);
    assert.equal((await verify(second)).status, 204);
    await client.post('/v1/auth/email/resend', undefined, { token: ada.access_token });
    await forgot(ada.email); // its letter is written behind the other one, if there is one
    await box.waitFor(ada.email, /reset/i);
    assert.equal(box.lettersTo(ada.email).length, 3);
  });

  test('a forgotten password is reset with the link of a letter; every session ends at once (SE-10)', async () => {
    const ada = await shop.registerUser();
    const elsewhere = await shop.signIn(ada.email);
    const asked = await forgot(ada.email.toUpperCase());
    assert.deepEqual([asked.status, asked.text], [202, '']);
    const token = tokenIn(await box.waitFor(ada.email, /reset/i));
    assert.equal((await reset(token)).status, 204);
    for (const session of [ada, elsewhere]) {
      refused(await client.get('/v1/me', { token: session.access_token }), 401, 'unauthenticated');
      assert.equal((await client.post('/v1/auth/refresh', { refresh_token: session.refresh_token })).status, 401);
    }
    refused(await client.post('/v1/auth/login', { email: ada.email, password }), 401, 'invalid_credentials');
    const again = await shop.signIn(ada.email, other_password);
    assert.equal((await me(again.access_token)).email_verified, true, 'whoever read the letter has the mailbox');
    await box.waitFor(ada.email, /was changed/);
  });

  test('a reset is good once, also when tried ten times at once', async () => {
    const ada = await shop.registerUser();
    await forgot(ada.email);
    const token = tokenIn(await box.waitFor(ada.email, /reset/i));
    const answers = await Promise.all(Array.from({ length: 10 }, (_, i) => reset(token, `another horse battery ${i}`)));
    const statuses = answers.map(({ status }) => status);
    assert.equal(statuses.filter((status) => status === 204).length, 1, statuses.join(' '));
    assert.ok(statuses.every((status) => [204, 422].includes(status)), statuses.join(' '));
    refused(await reset(token), 422, 'validation_failed');
  });

  test('a reset by letter gets past no second factor, and signs nobody in', async () => {
    const ada = await shop.enrol(await shop.registerUser());
    await forgot(ada.email);
    const answer = await reset(tokenIn(await box.waitFor(ada.email, /reset/i)));
    assert.deepEqual([answer.status, answer.text], [204, '']);
    const signing_in = await client.post('/v1/auth/login', { email: ada.email, password: other_password });
    assert.deepEqual([signing_in.status, signing_in.json.mfa_required, signing_in.json.access_token], [200, true, undefined]);
  });

  test('a reset link is void after the password was changed otherwise, and one that was made up opens nothing', async () => {
    const ada = await shop.registerUser();
    await forgot(ada.email);
    const token = tokenIn(await box.waitFor(ada.email, /reset/i));
    const changed = await client.post('/v1/me/password', { current_password: password, new_password: other_password }, { token: ada.access_token });
    assert.equal(changed.status, 204, changed.text);
    await box.waitFor(ada.email, /was changed/);
    refused(await reset(token, 'a third horse battery'), 422, 'validation_failed');
    for (const made_up of ['x', 'A'.repeat(43), token.slice(0, -1)]) {
      refused(await reset(made_up), 422, 'validation_failed');
    }
    const verify_token = tokenIn(await box.waitFor(ada.email, /confirm/i));
    refused(await reset(verify_token), 422, 'validation_failed');
  });

  test('a weak new password is refused at its field and leaves the link good', async () => {
    const ada = await shop.registerUser();
    await forgot(ada.email);
    const token = tokenIn(await box.waitFor(ada.email, /reset/i));
    const weak = await reset(token, 'password123');
    refused(weak, 422, 'validation_failed');
    assert.equal(weak.json.errors[0].field, '/password');
    assert.equal((await reset(token)).status, 204);
  });

  test('SE-5: forgotten passwords are answered alike, and as quickly, whether there is such an account or not', async () => {
    const ada = await shop.registerUser();
    const answers = new Set();
    const ask = async (email) => {
      const answer = await forgot(email);
      answers.add(`${answer.status} ${answer.text} ${answer.headers['content-length']}`);
    };
    await takeAsLong({ known: () => ask(ada.email), unknown: () => ask(`${unique('nobody')}@example.com`) }, 60);
    assert.equal(answers.size, 1, [...answers].join('; '));
    assert.ok(box.lettersTo(ada.email).filter(({ subject }) => /reset/i.test(subject)).length <= 5, 'no mailbox is flooded');
  });

  test('SE-5: an address that only looks like another is another: no letter goes to either', async () => {
    const name = unique('mike');
    const mike = await shop.registerUser({ email: `${name}@example.com` });
    const lookalike = mike.email.replace('mike', 'm\u0131ke'); // a dotless i
    assert.equal((await forgot(lookalike)).status, 202);
    const twin = await client.post('/v1/auth/register', { email: mike.email.replace('mike', 'mik\u0435'), password, name: 'Mike' });
    assert.ok(twin.status === 201 || twin.status === 422, twin.text);
    await forgot(mike.email);
    await box.waitFor(mike.email, /reset/i);
    assert.equal(box.lettersTo(lookalike).length, 0);
    assert.equal(box.lettersTo(mike.email).filter(({ subject }) => /reset/i.test(subject)).length, 1);
  });

  test('another e-mail address needs the password and counts once it is proven (SE-11)', async () => {
    const ada = await shop.registerUser();
    const wanted = `${unique('new')}@example.com`;
    const token = ada.access_token;
    refused(await client.patch('/v1/me', { email: wanted }, { token }), 422, 'validation_failed');
    refused(await client.patch('/v1/me', { email: wanted, password: 'wrong horse' }, { token }), 401, 'invalid_credentials');
    const asked = await client.patch('/v1/me', { email: wanted, password, name: 'Ada L.' }, { token });
    assert.equal(asked.status, 200, asked.text);
    assert.deepEqual([asked.json.email, asked.json.pending_email, asked.json.name], [ada.email, wanted, 'Ada L.']);
    assert.ok((await shop.signIn(ada.email)).access_token, 'the old address counts until then');
    assert.equal((await verify(tokenIn(await box.waitFor(wanted, /confirm/i)))).status, 204);
    const now = await me(token);
    assert.deepEqual([now.email, now.email_verified, now.pending_email], [wanted, true, null]);
    await box.waitFor(ada.email, /another e-mail address/);
    refused(await client.post('/v1/auth/login', { email: ada.email, password }), 401, 'invalid_credentials');
    await shop.signIn(wanted);
  });

  test('an address that somebody else has is refused', async () => {
    const [ada, bob] = [await shop.registerUser(), await shop.registerUser()];
    refused(await client.patch('/v1/me', { email: bob.email.toUpperCase(), password }, { token: ada.access_token }), 409, 'email_taken');
  });

  test('of two accounts that want one address, who proves it first has it', async () => {
    const wanted = `${unique('both')}@example.com`;
    const people = [await shop.registerUser(), await shop.registerUser()];
    for (const { access_token } of people) {
      assert.equal((await client.patch('/v1/me', { email: wanted, password }, { token: access_token })).status, 200);
    }
    while (box.lettersTo(wanted).length < 2) await new Promise((resolve) => setTimeout(resolve, 20));
    const answers = await Promise.all(box.lettersTo(wanted).map((letter) => verify(tokenIn(letter))));
    assert.deepEqual(answers.map(({ status }) => status).sort(), [204, 409]);
  });

  test('a device that the account has not seen is told of', async () => {
    const ada = await shop.registerUser();
    const answer = await client.post('/v1/auth/login', { email: ada.email, password }, { headers: { 'user-agent': 'Elsewhere/1.0 <b>' } });
    assert.equal(answer.status, 200);
    const letter = await box.waitFor(ada.email, /new device/);
    assert.match(letter.text, /Elsewhere\/1\.0 <b>/);
    assert.match(letter.html, /Elsewhere\/1\.0 &lt;b&gt;/);
  });

  test('no word of a stranger reaches a header, nor a letter to an address that is not proven', async () => {
    const email = `${unique('victim')}@example.com`;
    const lines = ['Ann\r\nBcc: everybody@example.com', 'Ann\nSubject: Buy now', 'See http://evil.example now'];
    for (const [i, name] of lines.entries()) {
      const answer = await client.post('/v1/auth/register', { email: `${i}${email}`, password, name });
      if (answer.status !== 201) continue;
      const letter = await box.waitFor(`${i}${email}`, /confirm/i);
      assert.equal(letter.subject, 'Confirm your e-mail address');
      assert.equal(letter.headers.has('bcc'), false);
      assert.doesNotMatch(letter.text + letter.html, /evil|Buy now|everybody/);
      assert.deepEqual(letter.envelope.rcptTo.map(({ address }) => address), [`${i}${email}`]);
    }
    for (const bad of ['a@b.example\r\nBcc: c@d.example', 'a@b.example>,<c@d.example', 'a b@c.example', '"a"@b.example,c@d.example']) {
      refused(await forgot(bad), 422, 'validation_failed');
      refused(await client.post('/v1/auth/register', { email: bad, password, name: 'A' }), 422, 'validation_failed');
    }
  });

  test('a mailbox that does not exist is given up, and other letters go on', async () => {
    const gone = `${unique('gone')}@example.com`;
    box.refuse(gone, 550);
    await shop.registerUser({ email: gone });
    const ada = await shop.registerUser();
    await box.waitFor(ada.email, /confirm/i);
    assert.ok(shop.server.log.some((line) => /given up.*550/.test(line)));
    assert.ok(!shop.server.log.join('').includes(gone), 'no address stands in the log (SE-18)');
  });
});

describe(`letters without a server, and with one that is away (${engine})`, () => {
  test('they land readable in the outbox folder, and the log says so', async () => {
    const shop = await TestShop.open();
    try {
      const ada = await shop.registerUser();
      const folder = path.join(shop.server.data, 'outbox');
      let files = [];
      while (files.length < 2) {
        files = (await readdir(folder).catch(() => [])).filter((file) => /\.(txt|html)$/.test(file));
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      const text = await readFile(path.join(folder, files.find((file) => file.endsWith('.txt'))), 'utf8');
      assert.match(text, new RegExp(`^To: <${ada.email}>$`, 'm'));
      assert.match(text, /^Subject: Confirm your e-mail address$/m);
      const token = tokenIn({ text });
      assert.equal((await shop.client.post('/v1/auth/email/verify', { token })).status, 204);
      assert.ok(shop.server.log.some((line) => /KONTOR_SMTP_URL is not set.*outbox/.test(line)));
    } finally {
      await shop.close();
    }
  });

  test('letters wait for a server that is away, over a kill, and nobody waits for them', async () => {
    const first = await Mailbox.open();
    const { port, settings } = first;
    await first.close();
    const shop = await TestShop.open({ settings });
    let box;
    try {
      const begun = Date.now();
      const ada = await shop.registerUser();
      await shop.client.post('/v1/auth/password/forgot', { email: ada.email });
      assert.ok(Date.now() - begun < 10_000);
      await shop.kill9AndRestart();
      box = await Mailbox.open({ port });
      const patience_ms = 120_000; // one that was being delivered when the kill came stays claimed for 90 s
      await box.waitFor(ada.email, /confirm/i, patience_ms);
      await box.waitFor(ada.email, /reset/i, patience_ms);
      assert.equal(box.lettersTo(ada.email).length, 2, 'each once');
    } finally {
      await shop.close();
      await box?.close();
    }
  });
});
