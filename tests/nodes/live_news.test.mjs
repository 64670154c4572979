// News that a node has read of the log, but not yet told its sockets when it loses the database, are told once it is back.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DatabaseProxy } from '../support/database_proxy.mjs';
import { eventually } from '../support/eventually.mjs';
import { TestShop, engine } from '../support/shop.mjs';
import { Talker } from '../support/talker.mjs';

const cut_ms = 5000; // longer than a read waits for a database that is away
const aloneOn = engine === 'sqlite' && 'one server owns an SQLite database';
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

test(`RE-10, RE-11: a message that a node was about to tell when it lost the database is told when it is back (${engine})`, { skip: aloneOn, timeout: 90_000 }, async (t) => {
  const shop = await TestShop.open({ settings: { secret: 'known to both nodes, and to nobody else', log_level: 'error' } });
  const proxy = await DatabaseProxy.open(shop.server.database);
  const talkers = [];
  t.after(async () => {
    talkers.forEach((talker) => talker.close());
    await shop.close();
    await proxy.close();
  });
  const node = await shop.addNode({ database: proxy.url });
  const [customer, agent] = [await shop.registerUser(), await shop.hire('support')];
  const opened = await shop.client.post('/v1/conversations', { kind: 'support', text: 'first' }, { token: customer.access_token });
  talkers.push(await Talker.connect(node, agent), await Talker.connect(shop, customer));
  const [listener, writer] = talkers;
  for (const talker of talkers) await talker.join(opened.json);
  await writer.say(opened.json, 'one');
  await listener.hears('message:new', ({ message }) => message.text === 'one');
  // The node reads the log, and has to wait for what the message says.
  const holder = await shop.server.openSession();
  await holder.run('begin; lock table conversations in access exclusive mode');
  await shop.server.sql("insert into events (type, subject, payload, created_at) select type, subject, payload, created_at from events where type = 'message.sent' order by id desc limit 1");
  await eventually(async () => Number(await shop.server.sql("select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'")) >= 2, 'both nodes to wait');
  proxy.break();
  await holder.run('rollback');
  await holder.end();
  await pause(cut_ms);
  proxy.heal();
  await eventually(async () => (await node.client.get('/readyz', { unchecked: true })).status === 200, 'the node to be ready');
  await writer.say(opened.json, 'two');
  await listener.hears('message:new', ({ message }) => message.text === 'two');
  const told = (talker) => talker.texts().filter((text) => text !== 'first');
  t.diagnostic(`the node's log: ${node.server.log.filter((line) => /told|live/.test(line)).join('')}`);
  assert.deepEqual([writer, listener].map(told), [['one', 'one', 'two'], ['one', 'one', 'two']]);
});
