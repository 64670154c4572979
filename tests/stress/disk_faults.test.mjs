// The disk fails: the program dies in the middle of a write, a write or an fsync is refused, the disk is full. Whatever
// happens, what was acknowledged is there afterwards and nothing is there twice. KONTOR_TEST_FAULTS says how many places of each
// kind are tried (3); 0: all of them, which takes half an hour.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { describe, test } from 'node:test';
import { promisify } from 'node:util';
import { canTrace, countCalls, countingCalls, dyingIn, inject } from '../support/disk_faults.mjs';
import { eventually } from '../support/eventually.mjs';
import { TestShop, engine, orderOf } from '../support/shop.mjs';

const run = promisify(execFile);
const places = Number(process.env.KONTOR_TEST_FAULTS ?? 3);
const ordersPerRun = 12;
const stock = 1000;

// Of 1…count as many as were asked for, the first and the last among them.
function some(count) {
  if (places === 0 || count <= places) return Array.from({ length: count }, (_, i) => i + 1);
  return Array.from({ length: places }, (_, i) => 1 + Math.round((i * (count - 1)) / Math.max(1, places - 1)));
}

// A connection that broke is to be expected; anything else is not.
const lost = (error) => {
  if (!error.code || error.code.startsWith('ERR_ASSERTION')) throw error;
};

const settings = { log_level: 'off', threads: 1 };

class Buyers {
  constructor(shop, product) {
    Object.assign(this, { shop, product, tries: new Map(), refused: 0 }); // key → {body, answer}
  }

  // Orders one after the other; what is refused or broken off is asked again by insist().
  async buy(count = ordersPerRun) {
    for (let i = 0; i < count; ++i) {
      const key = `fault-${this.tries.size}`;
      const cart = await this.shop.client.post('/v1/carts', { items: [{ variant_id: this.product.variants[0].id, quantity: 1 }] }).catch(lost);
      if (cart?.status !== 201) {
        this.#allowed(cart);
        continue;
      }
      const body = orderOf(cart.json, { email: `${key}@example.com` });
      const answer = await this.shop.client.post('/v1/orders', body, { key }).catch(lost);
      this.#allowed(answer);
      this.tries.set(key, { body, answer });
    }
  }

  #allowed(answer) {
    if (!answer || answer.status === 201) return;
    assert.ok(answer.status >= 500, answer.text);
    ++this.refused;
  }

  // Every try is made good, and everything adds up.
  async audit() {
    const { shop } = this;
    for (const [key, { body, answer }] of this.tries) {
      const again = await shop.client.post('/v1/orders', body, { key });
      assert.equal(again.status, 201, again.text);
      if (answer?.status === 201) assert.equal(again.text, answer.text, 'an acknowledged order is not what it was');
    }
    const list = await shop.client.get('/v1/orders?limit=100', { token: await shop.signInAsAdmin() });
    const emails = list.json.data.map(({ email }) => email).filter((email) => email.startsWith('fault-'));
    assert.deepEqual(emails.sort(), [...this.tries.keys()].map((key) => `${key}@example.com`).sort());
    const ordered = emails.length;
    assert.deepEqual(await shop.stockOf(this.product), { on_hand: stock, reserved: ordered, available: stock - ordered });
    if (engine === 'sqlite') assert.equal(await shop.server.sql('pragma integrity_check'), 'ok');
  }
}

async function withShop(work) {
  const shop = await TestShop.open({ settings });
  try {
    const buyers = new Buyers(shop, await shop.createProduct({ stock }));
    await shop.signInAsAdmin();
    return await work(shop, buyers);
  } finally {
    await shop.close();
  }
}

describe(`the disk of ${engine}`, { skip: engine === 'sqlite' ? !canTrace() && 'tracing a program is not allowed here' : "is PostgreSQL's own" }, () => {
  test('every disk operation of the first start is a safe crash point (RE-5)', { timeout: 3_600_000 }, async (t) => {
    const counting = await countingCalls();
    const counted = await TestShop.open({ settings, wrapper: counting.wrapper });
    await counted.close();
    let tried = 0;
    for (const [call, count] of Object.entries(await counting.counts())) {
      for (const n of some(count)) {
        const shop = await TestShop.open({ settings, wrapper: dyingIn(call, n), survives: true });
        try {
          if (shop.server.child.exitCode === null && shop.server.child.signalCode === null) await shop.server.kill9();
          shop.server.wrapper = [];
          await shop.server.start();
          const buyers = new Buyers(shop, await shop.createProduct({ stock }));
          await buyers.buy(2);
          await buyers.audit();
          ++tried;
        } finally {
          await shop.close();
        }
      }
    }
    t.diagnostic(`${tried} crash points`);
  });

  test('so is every one of a dozen orders (RE-5)', { timeout: 3_600_000 }, async (t) => {
    const counts = await withShop((shop, buyers) => countCalls(shop.server.child.pid, () => buyers.buy()));
    let tried = 0;
    for (const [call, count] of Object.entries(counts)) {
      for (const n of some(count)) {
        await withShop(async (shop, buyers) => {
          const detach = await inject(shop.server.child.pid, call, 'signal=SIGKILL', n);
          await buyers.buy();
          await detach();
          await shop.server.kill9();
          await shop.server.start();
          await buyers.audit();
        });
        ++tried;
      }
    }
    t.diagnostic(`${tried} crash points: ${JSON.stringify(counts)} calls of the busiest thread`);
  });

  for (const error of ['EIO', 'ENOSPC']) {
    test(`${error} at any of them: a 5xx or an end, never an acknowledgement that isn't kept (RE-6)`, { timeout: 3_600_000 }, async (t) => {
      let [tried, refused] = [0, 0];
      for (const call of ['pwrite64', 'fdatasync']) {
        for (const when of [...some(12).map(String), '1+', '5+']) {
          await withShop(async (shop, buyers) => {
            const detach = await inject(shop.server.child.pid, call, `error=${error}`, when);
            await buyers.buy();
            await detach();
            refused += buyers.refused;
            if (shop.server.child.exitCode !== null || shop.server.child.signalCode !== null) await shop.server.start();
            else await eventually(async () => (await shop.client.post('/v1/carts', {})).status === 201, 'writing again, without a restart');
            await buyers.audit();
            await shop.kill9AndRestart();
            await buyers.audit();
          });
          ++tried;
        }
      }
      assert.ok(refused > 0, 'the faults were felt');
      t.diagnostic(`${tried} places, ${refused} writes refused`);
    });
  }

  test('a full disk: reads are answered, writes are refused, and taken again once there is room (RE-6)', { timeout: 300_000 }, async (t) => {
    const shop = new TestShop(await TestShop.server({ settings }));
    const { data } = shop.server;
    const mounted = await run('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', data]).then(() => true, () => false);
    if (!mounted) {
      await shop.server.dispose();
      return t.skip('mounting a tmpfs is not allowed here');
    }
    try {
      await shop.begin();
      const buyers = new Buyers(shop, await shop.createProduct({ stock }));
      await shop.signInAsAdmin();
      await buyers.buy(2);
      const ballast = path.join(data, 'ballast');
      await run('dd', ['if=/dev/zero', `of=${ballast}`, 'bs=64k']).catch(() => {}); // until nothing is left
      await buyers.buy(10);
      assert.ok(buyers.refused > 0, 'the disk is full');
      assert.equal((await shop.client.get(`/v1/products/${buyers.product.id}`)).status, 200);
      assert.equal((await shop.client.get('/healthz')).status, 200);
      await rm(ballast);
      await eventually(async () => (await shop.client.post('/v1/carts', {})).status === 201, 'writing again, without a restart');
      await buyers.buy(2);
      await buyers.audit();
      await shop.kill9AndRestart();
      await buyers.audit();
      t.diagnostic(`${buyers.refused} writes refused while it was full`);
    } finally {
      shop.client?.close();
      await shop.server.kill9().catch(() => {});
      await run('umount', [data]);
      await shop.server.dispose();
    }
  });
});

describe(`the database of ${engine} goes away`, { skip: engine === 'postgres' ? false : 'it is a file' }, () => {
  test('connections cut at any moment: nothing acknowledged is lost, nothing is there twice (RE-5, RE-6)', { timeout: 600_000 }, async (t) => {
    await withShop(async (shop, buyers) => {
      let [stopped, cuts] = [false, 0];
      const cutting = (async () => {
        while (!stopped) {
          cuts += Number(await shop.server.sql("select count(pg_terminate_backend(pid)) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"));
          await new Promise((resolve) => setTimeout(resolve, Math.random() * 30));
        }
      })();
      await buyers.buy(8 * ordersPerRun);
      stopped = true;
      await cutting;
      await eventually(async () => (await shop.client.post('/v1/carts', {})).status === 201, 'writing again');
      await buyers.audit();
      t.diagnostic(`${cuts} connections cut, ${buyers.refused} writes refused`);
    });
  });

  test('away for a while: 5xx, and taken again once it is back (RE-6)', { timeout: 300_000 }, async () => {
    await withShop(async (shop, buyers) => {
      await buyers.buy(2);
      const name = await shop.server.sql('select current_database()');
      await shop.server.sqlOfServer(`alter database ${name} allow_connections false`);
      await shop.server.sqlOfServer(`select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name}'`);
      await buyers.buy(4);
      assert.equal((await shop.client.get('/readyz')).status, 503);
      await shop.server.sqlOfServer(`alter database ${name} allow_connections true`);
      await eventually(async () => (await shop.client.post('/v1/carts', {})).status === 201, 'writing again, without a restart');
      await buyers.buy(2);
      await buyers.audit();
    });
  });
});
