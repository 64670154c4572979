// docs/chat.md promises chat in ten minutes: what it tells people to copy is copied and run here.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { TestShop, engine } from '../support/shop.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));

test(`the guide's programs work as they stand (${engine})`, async (t) => {
  const shop = await TestShop.open();
  t.after(() => shop.close());
  const folder = await mkdtemp(path.join(tmpdir(), 'kontor-guide-'));
  t.after(() => rm(folder, { recursive: true }));
  await symlink(path.join(root, 'node_modules'), path.join(folder, 'node_modules'));

  const guide = await readFile(path.join(root, 'docs/chat.md'), 'utf8');
  const files = [...guide.matchAll(/```js\n(\/\/ (\S+):[\s\S]*?)```/g)].map(([, text, name]) => [name, text]);
  assert.deepEqual(files.map(([name]) => name), ['chat.mjs', 'try.mjs']);
  for (const [name, text] of files) await writeFile(path.join(folder, name), text);

  const ann = await shop.registerUser();
  const run = promisify(execFile);
  const words = ['try.mjs', `http://127.0.0.1:${shop.port}`, ann.email, ann.password];
  const { stdout } = await run(process.execPath, words, { cwd: folder, timeout: 30_000 });
  assert.equal(stdout, 'you: Where is it?\n');
});
