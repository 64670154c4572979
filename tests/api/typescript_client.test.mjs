// clients/typescript: its types are those of this server, and a program that uses it buys something.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { eventually } from '../support/eventually.mjs';
import { TestShop, engine, unique } from '../support/shop.mjs';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));
const tool = (name) => path.join(root, 'node_modules/.bin', name);
const access_token_seconds = 10; // the least that the server gives

describe(`the TypeScript client (${engine})`, () => {
  let shop, folder;
  before(async () => {
    shop = await TestShop.open({ settings: { access_token_seconds } });
    folder = await mkdtemp(path.join(tmpdir(), 'kontor-client-'));
  });
  after(async () => {
    await shop?.close();
    await rm(folder, { recursive: true, force: true });
  });

  test('has the types of this server', async () => {
    const document = path.join(folder, 'openapi.json');
    const fresh = path.join(folder, 'schema.d.ts');
    await writeFile(document, await shop.server.command('openapi'));
    await run(tool('openapi-typescript'), [document, '--output', fresh]);
    assert.equal(await readFile(path.join(root, 'clients/typescript/src/schema.d.ts'), 'utf8'), await readFile(fresh, 'utf8'), './dev client makes it anew');
  });

  test('lets nothing compile that the API does not have', { skip: engine !== 'sqlite' && 'once is enough' }, async () => {
    const { stdout } = await run(tool('tsc'), ['-p', 'tests/api/typescript'], { cwd: root }).catch((failure) => failure);
    assert.equal(stdout, '');
  });

  test('buys, over the end of an access token', async () => {
    const file = path.join(folder, 'customer.mjs');
    await build({ entryPoints: [path.join(root, 'tests/api/typescript/customer.ts')], bundle: true, format: 'esm', platform: 'node', outfile: file, logLevel: 'error' });
    const customer = await import(pathToFileURL(file));
    const product = await shop.createProduct({ stock: 5 });
    const url = `http://127.0.0.1:${shop.port}`;
    const email = `${unique('ada')}@example.com`;
    const ended = (token) => eventually(async () => (await shop.client.get('/v1/me', { token })).status === 401, 'the end of the token');
    const { me, order, total_minor, refreshes } = await customer.buy(url, product.id, email, ended);
    assert.deepEqual(me.map((person) => person.email), [email, email]);
    assert.equal(refreshes, 1, 'two requests at once found the token ended, and one new pair was fetched');
    assert.equal(order.lines[0].quantity, 2);
    assert.equal(total_minor, order.total.amount);
    assert.equal(await customer.orderNothing(url), 'not_found');
  });
});
