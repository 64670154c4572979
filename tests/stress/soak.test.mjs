// RE-14: days of a shop in minutes. The server's clock of the wall runs 144 times as fast, so that tokens, holds, carts and
// sessions end by the dozen while people buy, read, search, chat and work: what the program takes of the machine must stay as it is.
// KONTOR_TEST_SOAK_SECONDS=1200 for two days in twenty minutes. With KONTOR_TEST_SOAK_KILL_SECONDS=30 the server is killed every
// so often instead, at the pace of life: its clock would begin anew each time.
import assert from 'node:assert/strict';
import { readFile, readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { patience } from '../support/server.mjs';
import { TestShop, engine, orderOf } from '../support/shop.mjs';
import { Talker } from '../support/talker.mjs';
import { WallClock } from '../support/wall_clock.mjs';

const seconds = Number(process.env.KONTOR_TEST_SOAK_SECONDS ?? 60);
const long = seconds >= 600;
const growth_max = long ? 1.05 : 1.25; // a minute is hardly more than warming up,
const caches_kb = long ? 0 : 16_384; // and SQLite's page caches still fill as the database grows
const kill_seconds = Number(process.env.KONTOR_TEST_SOAK_KILL_SECONDS ?? 0); // 0: never
const factor = kill_seconds ? 1 : 144;
const how = kill_seconds ? `with a kill every ${kill_seconds} s` : `at ${factor} times the pace of life`;
const log_bytes_max = 8 << 20; // it is copied into the database at 4 MB; the file keeps the size of its longest moment
const products = 50;
const pause_ms = 100; // of everybody between two deeds
const settings = { log_level: 'error', cart_days: 1, session_idle_days: 1, chat_messages_burst: 1_000_000, chat_conversations_burst: 1_000_000 };
const sanitized = patience > 1 && 'how flat memory stays is for a release build to say';
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const median = (list) => list.sort((a, b) => a - b)[list.length >> 1];

const logSize = 'log of the database (bytes)';

// What the program takes now.
async function look({ server }) {
  const status = await readFile(`/proc/${server.child.pid}/status`, 'utf8');
  const kilobytes = (name) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)[1]);
  const log = await stat(path.join(server.data, 'kontor.db-wal')).catch(() => ({ size: 0 }));
  return { 'memory of its own (kB)': kilobytes('RssAnon'), 'resident (kB)': kilobytes('VmRSS'), 'open files': (await readdir(`/proc/${server.child.pid}/fd`)).length, [logSize]: log.size };
}

test(`RE-14: ${seconds} s ${how}: memory, files and the log stay flat (${engine})`, { skip: sanitized, timeout: (seconds + 180) * 1000 }, async (t) => {
  const clock = await WallClock.open();
  const shop = await TestShop.open({ settings });
  t.after(async () => {
    await shop.close();
    await clock.close();
  });
  await shop.signInAsAdmin();
  const goods = [];
  while (goods.length < products) goods.push(await shop.createProduct({ stock: 10_000_000 }));
  // Each does one thing after the other: who refreshes a token twice at once is taken for a thief.
  const [ann, bob] = [await shop.registerUser(), await shop.registerUser()];
  const [mia, max] = [await shop.hire('manager'), await shop.hire('manager')];
  if (factor > 1) await clock.hurry(factor);
  await shop.server.terminate();
  shop.server.wrapper = clock.wrapper;
  await shop.server.start();

  const { client } = shop;
  const done = {};
  let kills = 0;
  let started = Promise.resolve();
  let started_at = Date.now();
  const end = Date.now() + seconds * 1000;
  const any = (list) => list[Math.floor(Math.random() * list.length)];
  const good = (answer) => {
    assert.ok(answer.status < 300, answer.text);
    return answer.json;
  };
  // Whose new token was lost with a kill can't use the old one again, and signs in.
  const refresh = async (person) => {
    const answer = await client.post('/v1/auth/refresh', { refresh_token: person.refresh_token });
    Object.assign(person, kills && answer.status === 401 ? await shop.signIn(person.email) : good(answer));
  };
  // A token lasts six seconds here: whoever's has ended gets another.
  const as = async (person, call) => {
    for (;;) {
      const answer = await call(person.access_token);
      if (answer.status !== 401) return answer;
      done.ended = (done.ended ?? 0) + 1;
      await refresh(person);
    }
  };
  const orders = [];
  const deeds = {
    read: async () => good(await client.get(`/v1/products/${any(goods).id}`)),
    search: async () => good(await client.get(`/v1/products?q=mug&limit=5`)),
    // A third goes away with what it holds.
    buy: async () => {
      const cart = good(await client.post('/v1/carts', { items: [{ variant_id: any(goods).variants[0].id, quantity: 1 }] }));
      good(await client.post(`/v1/carts/${cart.id}/checkout`, {}));
      if (Math.random() < 0.33) return;
      orders.push(good(await client.post('/v1/orders', orderOf(cart, { email: `guest-${orders.length}@example.com` }), { key: cart.id })));
    },
    look_at_oneself: async () => good(await as(ann, (token) => client.get('/v1/me', { token }))),
    reprice: async () => {
      const { id, variants: [variant] } = any(goods);
      good(await as(mia, (token) => client.patch(`/v1/products/${id}/variants/${variant.id}`, { price: { amount: 1 + Math.floor(Math.random() * 5000), currency: 'EUR' } }, { token })));
    },
    ship: async () => {
      const order = orders.shift();
      if (order) good(await as(max, (token) => client.post(`/v1/orders/${order.id}/ship`, { carrier: 'DHL', tracking_number: '1' }, { token })));
    },
  };
  // A conversation of people who come, say something and go.
  const chat = async () => {
    await refresh(bob);
    const { id } = good(await client.post('/v1/conversations', { kind: 'support', text: 'first' }, { token: bob.access_token }));
    const talker = new Talker(shop, bob);
    try {
      await talker.connected();
      await talker.join({ id });
      await talker.say({ id }, 'Is it on its way?', `said-${done.chat ?? 0}`);
    } finally {
      talker.close();
    }
  };
  // What a kill came between is begun anew.
  const forEver = async (name, deed, pause_ms) => {
    while (Date.now() < end) {
      await started;
      const kills_before = kills;
      try {
        await deed();
        done[name] = (done[name] ?? 0) + 1;
      } catch (error) {
        if (kills === kills_before) throw new Error(`${name}, ${Date.now() - started_at} ms after the last start: ${error.message}`, { cause: error });
      }
      await pause(pause_ms);
    }
  };
  const seen = [];
  const watch = async () => {
    seen.push(await look(shop));
  };
  const kill = async () => {
    while (Date.now() + kill_seconds * 1000 < end) {
      await pause(kill_seconds * 1000);
      ++kills;
      started = shop.server.kill9().then(() => shop.server.start());
      await started;
      started_at = Date.now();
    }
  };
  await Promise.all([
    forEver('looks', watch, 1000),
    forEver('chat', chat, pause_ms),
    forEver('sign_up', () => shop.registerUser(), 20 * pause_ms),
    ...Object.entries(deeds).map(([name, deed]) => forEver(name, deed, pause_ms)),
    ...(kill_seconds ? [kill()] : []),
  ]);

  t.diagnostic(JSON.stringify({ ...done, kills }));
  const grown = [];
  const part = (from, to) => seen.slice(Math.floor(seen.length * from), Math.ceil(seen.length * to));
  for (const what of Object.keys(seen[0])) {
    const [early, late] = [part(0.35, 0.5), part(0.85, 1)].map((some) => median(some.map((one) => one[what])));
    t.diagnostic(`${what}: ${early} after the warm-up, ${late} in the end`);
    const most = what === logSize ? log_bytes_max : early * growth_max + (what.endsWith('(kB)') ? caches_kb : 0);
    if (late > most) grown.push(what);
  }
  assert.deepEqual(grown, []);
  if (!kill_seconds) assert.ok(done.ended >= seconds / 10, 'tokens ended by the dozen');
});
