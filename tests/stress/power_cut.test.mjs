// RE-18: the power goes, and the disk has kept what was synced and nothing else, or some of the rest besides.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { canTrace } from '../support/disk_faults.mjs';
import { seeded } from '../support/orders_under_way.mjs';
import { Disk, DiskRecorder, wallTime } from '../support/power_cut.mjs';
import { ServerProcess } from '../support/server.mjs';
import { TestShop, engine } from '../support/shop.mjs';

const run = promisify(execFile);
const files = ['kontor.db', 'kontor.db-wal'];
const customers = 6;
const orders = Number(process.env.KONTOR_TEST_ORDERS ?? 150); // enough that the log is copied into the database on the way
const seed = Number(process.env.KONTOR_TEST_SEED ?? (Date.now() & 0xffff));
const skip = engine !== 'sqlite' ? "PostgreSQL's disk is PostgreSQL's" : !canTrace() && 'strace is not allowed here';

test('RE-18: at whatever moment the power goes, each order acknowledged before is on the disk', { skip, timeout: 600_000 }, async (t) => {
  t.diagnostic(`seed ${seed} (KONTOR_TEST_SEED)`);
  const random = seeded(seed);
  const settings = { log_level: 'error', secret: 'known to the server before and after' };
  const shop = await TestShop.open({ settings });
  const ruin = await ServerProcess.create({ settings });
  t.after(async () => {
    await shop.close();
    await ruin.dispose();
  });
  const product = await shop.createProduct({ stock: 1_000_000 });
  await run('sync'); // what was written so far is no matter of this test
  const recorder = await DiskRecorder.attach(shop.server.child.pid, shop.server.data, files);
  t.after(() => recorder.close());
  const acknowledged = []; // {id, at}
  const customer = async () => {
    while (acknowledged.length < orders) {
      const { id } = await shop.placeOrder(await shop.fillCart(product));
      acknowledged.push({ id, at: wallTime() });
    }
  };
  await Promise.all(Array.from({ length: customers }, customer));
  const deeds = await recorder.stop();
  const before = await recorder.before();
  const count = (call, name) => deeds.filter((deed) => deed.call === call && (!name || deed.name === name)).length;
  t.diagnostic(`${acknowledged.length} orders, ${count('pwrite64')} writes, ${count('fdatasync') + count('fsync')} syncs, ${count('pwrite64', 'kontor.db')} writes of checkpoints`);
  assert.ok(count('pwrite64', 'kontor.db') > 0, 'the log was copied into the database on the way');

  // How many of those acknowledged before the power went are missing, when it goes with every `every`th acknowledgement. A
  // database that is broken lacks all of them.
  const missing = async (disk, every) => {
    let lost = 0;
    for (const [i, { at }] of acknowledged.entries()) {
      if (i % every > 0) continue;
      disk.runUntil(at);
      await disk.cut(ruin.data);
      await rm(path.join(ruin.data, 'kontor.db-shm'), { force: true });
      const [found, ...ids] = await run('sqlite3', [path.join(ruin.data, 'kontor.db'), 'pragma integrity_check; select id from orders'], { maxBuffer: 1 << 26 })
        .then(({ stdout }) => stdout.trim().split('\n'), () => ['broken']);
      const stored = new Set(found === 'ok' ? ids : []);
      lost += acknowledged.slice(0, i + 1).filter(({ id }) => !stored.has(id)).length;
    }
    return lost;
  };
  assert.equal(await missing(new Disk(before, deeds), 1), 0, 'what was not synced is gone');
  assert.equal(await missing(new Disk(before, deeds, { keeps: () => random() < 0.5 }), 3), 0, 'some of it was written, in any order');
  assert.ok(await missing(new Disk(before, deeds, { syncs: (i) => i < deeds.length / 2 }), 10) > 0, 'with syncs that do nothing orders are lost: this check can fail');

  // The server itself on the disk of the last moment.
  const last = new Disk(before, deeds);
  last.runUntil(acknowledged.at(-1).at);
  await last.cut(ruin.data);
  await rm(path.join(ruin.data, 'kontor.db-shm'), { force: true });
  await ruin.start();
  const stored = new Set((await ruin.sql('select id from orders')).split('\n'));
  assert.deepEqual(acknowledged.filter(({ id }) => !stored.has(id)), []);
});
