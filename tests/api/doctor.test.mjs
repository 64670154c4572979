// `kontor doctor`: what an operator should look at, each with what to do about it.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { ServerProcess, patience } from '../support/server.mjs';
import { TestShop, engine } from '../support/shop.mjs';
import { WallClock } from '../support/wall_clock.mjs';

const run = promisify(execFile);
const day_ms = 24 * 3_600_000;
const sanitized = patience > 1 && 'a sanitizer and libfaketime both replace what tells the time';

describe(`the doctor (${engine})`, () => {
  let shop;
  before(async () => {
    shop = await TestShop.open({ settings: { smtp_url: 'smtp://127.0.0.1:1', mail_from: 'shop@example.com', smtp_tls: 'if-offered' } });
  });
  after(() => shop?.close());

  // {code, text}
  const examineUnder = (wrapper, ...words) => shop.server.commandUnder(wrapper, 'doctor', ...words).then(
    (text) => ({ code: 0, text }),
    ({ code, stdout, stderr }) => ({ code, text: `${stdout}${stderr}` }),
  );
  const examine = (...words) => examineUnder([], ...words);

  test('a shop with a backup of today has nothing to look at', async () => {
    await shop.placeOrder(await shop.fillCart(await shop.createProduct()));
    await shop.server.command('backup');
    assert.deepEqual(await examine(), { code: 0, text: 'Nothing to look at.\n' });
  });

  test('each thing that is amiss is told with what to do', async () => {
    const { variants: [{ id, sku }] } = await shop.createProduct({ stock: 3 });
    await rm(path.join(shop.server.data, 'backups'), { recursive: true, force: true });
    await chmod(path.join(shop.server.data, 'secret'), 0o644);
    await shop.server.sql(`update variants set on_hand = 4 where id = '${id}'`);
    const { code, text } = await examine('--public-url', 'http://shop.example', '--smtp-url', '', '--redis-url', 'redis://127.0.0.1:1');
    assert.equal(code, 1);
    for (const sign of [/without encryption.*\n.*https:/, /may read .*secret.*\n.*chmod 600/, /Nobody gets letters.*\n.*KONTOR_SMTP_URL/,
      /There is no backup.*\n.*KONTOR_BACKUP_EVERY_HOURS/, /Redis at 127.0.0.1:1 is away.*\n.*KONTOR_REDIS_URL/, new RegExp(`the stock of ${sku} is not the sum of its ledger`)]) {
      assert.match(text, sign);
    }
    await shop.server.sql(`update variants set on_hand = 3 where id = '${id}'`);
  });

  test('a backup of the day before yesterday is too old', async () => {
    await shop.server.command('backup');
    const folder = path.join(shop.server.data, 'backups');
    const about = path.join(folder, (await readdir(folder)).sort().at(-1), 'about.json');
    const known = JSON.parse(await readFile(about, 'utf8'));
    const taken_at = new Date(Date.now() - 2 * day_ms).toISOString();
    await writeFile(about, JSON.stringify({ ...known, taken_at }));
    assert.match((await examine()).text, new RegExp(`The newest backup is of ${taken_at}.*\n.*KONTOR_BACKUP_EVERY_HOURS`));
    await writeFile(about, JSON.stringify(known));
  });

  test('a disk that is nearly full is told of, with what it has left', async (t) => {
    const folder = await mkdtemp(path.join(tmpdir(), 'kontor-disk-'));
    t.after(() => rm(folder, { recursive: true }));
    const mounted = await run('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', folder]).then(() => true, () => false);
    if (!mounted) return t.skip('mounting a tmpfs is not allowed here');
    try {
      assert.match((await examine('--backup-folder', folder)).text, new RegExp(`The disk of ${folder} has 8 MB left.\n.*Make room`));
    } finally {
      await run('umount', [folder]);
    }
  });

  test('what production would refuse is told beforehand', async () => {
    const { text } = await examine('--env', 'production', '--public-url', 'https://shop.example', '--secret', 'password'.repeat(5));
    for (const sign of [/KONTOR_TRUSTED_PROXIES/, /KONTOR_SECRET can be guessed/]) assert.match(text, sign);
    assert.match((await examine('--env', 'production')).text, /Nobody said how clients reach the shop/);
  });

  test('an event of the future betrays a clock that was set back', async () => {
    await shop.server.sql('update events set created_at = created_at + 3600000 where id = (select max(id) from events)');
    assert.match((await examine()).text, /clock is behind.*by 3\d{3} s.\n.*NTP/);
    await shop.server.sql('update events set created_at = created_at - 3600000 where id = (select max(id) from events)');
  });

  test("a clock that differs from PostgreSQL's is told of, by how much and which way", { skip: (engine !== 'postgres' && 'SQLite has no clock') || sanitized }, async (t) => {
    const clock = await WallClock.open();
    t.after(() => clock.close());
    assert.doesNotMatch((await examineUnder(clock.wrapper)).text, /clock/);
    await clock.shift(3600);
    assert.match((await examineUnder(clock.wrapper)).text, /clock is 3[56]\d\d s ahead of PostgreSQL's\.\n.*NTP/);
    await clock.shift(-60);
    assert.match((await examineUnder(clock.wrapper)).text, /clock is [56]\d s behind PostgreSQL's\.\n.*NTP/);
  });

  test('a follower that a thousand events wait for is behind', async () => {
    await shop.server.terminate();
    const numbers = engine === 'postgres' ? 'generate_series(1, 1500) n' : '(with recursive c(n) as (select 1 union all select n + 1 from c where n < 1500) select n from c)';
    await shop.server.sql(`insert into events (type, subject, payload, created_at) select 'test.waiting', 'x', '{}', (select min(created_at) from events) - 600000 from ${numbers}`);
    const { text } = await examine();
    assert.match(text, /The follower \S+ is \d+ minutes behind the events\.\n/);
    await shop.server.start();
  });

  test('where there is no shop it says so and makes none', { skip: engine !== 'sqlite' && 'a database is there or not' }, async () => {
    const place = await ServerProcess.create();
    after(() => place.dispose());
    const { code, stderr: text } = await place.command('doctor').then(() => assert.fail('it found a shop'), (failure) => failure);
    assert.equal(code, 1);
    assert.match(text, /There is no shop in/);
    assert.deepEqual(await readdir(place.data), []);
  });
});
