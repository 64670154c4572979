// Accounts of another shop, brought along with their passwords: `kontor import users`.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { BSON } from 'bson';
import { TestShop, engine, unique } from '../support/shop.mjs';

// `password` of the test shop by bcrypt, cost 10.
const bcrypt = '$2b$10$abcdefghijklmnopqrstuuCj7fyLDJytXL.TfOiOeiv0fQvSOK1/2';

describe(`importing users (${engine})`, () => {
  let shop, client;
  before(async () => {
    shop = await TestShop.open();
    client = shop.client;
  });
  after(() => shop?.close());

  // What the command printed and how it ended: {stdout, stderr, code}.
  async function importFile(name, content, ...options) {
    const file = path.join(shop.server.data, name);
    await writeFile(file, content);
    try {
      return { stdout: await shop.server.command('import', 'users', file, ...options), stderr: '', code: 0 };
    } catch (failure) {
      return { stdout: failure.stdout, stderr: failure.stderr, code: failure.code };
    }
  }
  const me = async (email) => (await client.get('/v1/me', { token: (await shop.signIn(email)).access_token })).json;
  const lines = (rows) => rows.map((row) => JSON.stringify(row)).join('\n') + '\n';
  const fresh = () => `${unique('old')}@example.com`;

  test('people of a Mongoose collection, as mongodump wrote it, sign in with their old passwords', async () => {
    const [ada, bob] = [fresh(), fresh()];
    const dump = Buffer.concat([
      { _id: new BSON.ObjectId(), email: ada, password: bcrypt, firstName: 'Ada', lastName: 'Byron', isVerified: true,
        createdAt: new Date('2019-05-04T03:02:01.000Z'), updatedAt: new Date(), __v: 0, loginAttempts: 3, tags: ['a'] },
      { _id: new BSON.ObjectId(), email: bob.toUpperCase(), password: bcrypt.replace('$2b$', '$2a$'), name: 'Bob', role: 'admin', __v: 0 },
    ].map((document) => BSON.serialize(document)));
    const first = await importFile('users.bson', dump);
    assert.match(first.stdout, /2 created, 0 known already, 0 failed/, first.stderr);
    const profile = await me(ada);
    assert.deepEqual([profile.name, profile.email_verified, profile.created_at], ['Ada Byron', true, '2019-05-04T03:02:01.000Z']);
    assert.deepEqual([(await me(bob)).role, (await me(bob)).name], ['customer', 'Bob'], 'a dump makes nobody an admin');
    assert.match((await importFile('users.bson', dump)).stdout, /0 created, 2 known already, 0 failed/);
    assert.equal((await me(ada)).id, profile.id);
  });

  test('a damaged dump says behind which document', async () => {
    const whole = BSON.serialize({ email: fresh(), name: 'A', password: bcrypt });
    const cut = await importFile('cut.bson', Buffer.concat([whole, whole.subarray(0, 20)]));
    assert.equal(cut.code, 1);
    assert.match(cut.stderr, /damaged behind document 1/);
  });

  test('good lines of NDJSON go in, bad ones are told with their line', async () => {
    const good = fresh();
    const { stdout, stderr, code } = await importFile('users.ndjson', lines([
      { email: good, name: 'Good', password_hash: bcrypt, phone: '+49 30 1' },
      { email: 'not an address', name: 'Bad' },
      { email: fresh(), name: 'Bad', password_hash: 'plain text password' },
      { email: fresh(), name: 'Bad', created_at: 'yesterday' },
      [1],
    ]) + '{"email": \n');
    assert.equal(code, 1);
    assert.match(stdout, /1 created, 0 known already, 5 failed/);
    for (const [line, what] of [[2, 'email'], [3, 'password_hash'], [4, 'created_at'], [5, 'object'], [6, 'invalid_json']]) {
      assert.match(stderr, new RegExp(`line ${line}: .*${what}`), stderr);
    }
    assert.ok(!stderr.includes('plain text password'));
    assert.equal((await me(good)).phone, '+49 30 1');
  });

  test('CSV with quotes, line ends inside them, and a byte order mark', async () => {
    const [ann, bob] = [fresh(), fresh()];
    const csv = `\uFEFFemail,name,password_hash,email_verified\r\n${ann},"Ann ""Annie"", the first",${bcrypt},true\r\n` +
      `${bob},"Bob\nJunior",,\r\n,No address,,\r\nshort,row\r\n`;
    const { stdout, stderr } = await importFile('users.csv', csv);
    assert.match(stdout, /2 created, 0 known already, 2 failed/, stderr);
    assert.match(stderr, /line 5: .*email/);
    assert.match(stderr, /line 6: .*4 cells/);
    const profile = await me(ann);
    assert.deepEqual([profile.name, profile.email_verified], ['Ann "Annie", the first', true]);
    const nobody = await client.post('/v1/auth/login', { email: bob, password: '' });
    assert.equal(nobody.status, 401, 'who has no password resets it by letter');
  });

  test('many people, some of them twice, go in once; nobody is written to', async () => {
    const people = Array.from({ length: 500 }, (_, i) => ({ email: `${unique('many')}@example.com`, name: `Person ${i}` }));
    const { stdout } = await importFile('many.ndjson', lines([...people, ...people.slice(0, 50)]));
    assert.match(stdout, /500 created, 50 known already, 0 failed/);
    const admin = await shop.signInAsAdmin();
    const found = await client.get(`/v1/users?q=${people[499].email}`, { token: admin });
    assert.equal(found.json.data[0].name, 'Person 499');
    const letters = shop.server.log.join('').match(/verify_email/g) ?? [];
    assert.ok(letters.length <= 1, 'the admin, who was made by hand, is written to; nobody else');
  });

  test('on a terminal a bar shows how far it is', async () => {
    const file = path.join(shop.server.data, 'bar.ndjson');
    await writeFile(file, lines(Array.from({ length: 450 }, (_, i) => ({ email: `${unique('bar')}@example.com`, name: `Person ${i}` }))));
    const shown = await shop.server.commandOnTerminal('import', 'users', file);
    assert.match(shown, /\r\[#+\.+\] \d+ %  200 rows/);
    assert.match(shown, /\r\[#{40}\] 100 %  450 rows/);
    assert.match(shown, /450 created, 0 known already, 0 failed/);
  });

  test('roles come along if the owner says so', async () => {
    const sue = fresh();
    await importFile('staff.ndjson', lines([{ email: sue, name: 'Sue', role: 'support', password_hash: bcrypt }]), '--with-roles');
    assert.equal((await me(sue)).role, 'support');
  });

  test('a file that is not there or of no known kind is told', async () => {
    assert.match((await importFile('users.xlsx', 'x')).stderr, /name the file \.ndjson, \.csv or \.bson/);
    await assert.rejects(shop.server.command('import', 'users', '/nowhere.csv'), /can't read/);
  });
});
