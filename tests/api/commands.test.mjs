// The program's commands that no other test is about: what --help lists, and the demo shop.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { TestShop, engine } from '../support/shop.mjs';

const file = (name) => fileURLToPath(new URL(`../../${name}`, import.meta.url));

describe(`commands (${engine})`, () => {
  let shop;
  before(async () => {
    shop = await TestShop.open();
  });
  after(() => shop?.close());

  // The names of all below that one, as in 'backup verify', with what is said of each.
  const commandsOf = async (...above) => {
    const [, list = ''] = (await shop.server.command(...above, '--help')).split(/^Subcommands:\n/m);
    const found = [];
    for (const [, name, purpose] of list.matchAll(/^ {2}(\S+) +(.*)$/gm)) {
      found.push([[...above, name].join(' '), purpose], ...(await commandsOf(...above, name)));
    }
    return found;
  };

  test('each one that --help lists says what it is for, and stands in docs/deploy.md, and no other', async () => {
    const commands = await commandsOf();
    const guide = await readFile(file('docs/deploy.md'), 'utf8');
    const listed = new Set([...guide.matchAll(/^\| (`kontor [^|]*) \|/gm)].flatMap(([, cell]) => [...cell.matchAll(/`kontor ([a-z ]+)`/g)].map(([, name]) => name)));
    const groups = commands.map(([name]) => name.split(' ')[0]).filter((name, i, all) => all.indexOf(name) !== i);
    const runnable = commands.map(([name]) => name).filter((name) => name === 'backup' || !groups.includes(name));
    assert.deepEqual([...listed].sort(), runnable.sort());
    assert.deepEqual(commands.filter(([, purpose]) => purpose.length < 10), []);
  });

  test('the OpenAPI document is the one that a server has', async () => {
    assert.deepEqual(JSON.parse(await shop.server.command('openapi')), (await shop.client.get('/openapi.json')).json);
  });

  test('the demo shop is loaded once, and its accounts sign in', async () => {
    const load = () => shop.server.command('demo', '--from', file('demo'));
    assert.match(await load(), /^demo shop: 91 products, 175 variants and 178 pictures added$/m);
    const { data } = (await shop.client.get('/v1/products?limit=100')).json;
    assert.equal(data.length, 91);
    assert.equal((await shop.client.get(data[0].images[0].urls.thumb)).status, 200);
    for (const role of ['customer', 'admin']) assert.equal((await shop.signIn(`${role}@example.com`, `kontor-demo-${role}`)).user.role, role);
    assert.match(await load(), /^demo shop: 0 products, 0 variants and 0 pictures added$/m);
  });
});
