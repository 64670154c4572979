// What the Debian package brings, as CMake installs it: docs/deploy.md speaks of it, and its own pages of each other.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { engine } from '../support/shop.mjs';

const run = promisify(execFile);
const project = fileURLToPath(new URL('../..', import.meta.url));
const build = path.dirname(process.env.KONTOR_BIN ?? path.join(project, 'build/release/kontor'));

describe('the package', { skip: engine !== 'sqlite' && 'it is the same for both engines' }, () => {
  let root;
  before(async () => {
    root = await mkdtemp(path.join(tmpdir(), 'kontor-package-'));
    await run('cmake', ['--install', build, '--prefix', '/usr'], { env: { ...process.env, DESTDIR: root } });
  });
  after(() => root && rm(root, { recursive: true, force: true }));

  test('has every file that docs/deploy.md takes from it', async () => {
    const named = (await readFile(path.join(project, 'docs/deploy.md'), 'utf8')).match(/\/(?:usr\/share|etc)\/kontor\/[\w.-]+/g);
    assert.ok(named.length >= 4);
    assert.deepEqual(named.filter((name) => !existsSync(path.join(root, name))), []);
  });

  test('has the page that its units name, and each page that one of its guides leads to', async () => {
    const units = path.join(root, 'usr/lib/systemd/system');
    for (const unit of (await readdir(units)).filter((name) => /\.(service|socket)$/.test(name))) {
      const [, page] = /^Documentation=file:\/\/(.*)$/m.exec(await readFile(path.join(units, unit), 'utf8'));
      assert.ok(existsSync(path.join(root, page)), `${unit} names ${page}`);
    }
    const guides = path.join(root, 'usr/share/doc/kontor/docs');
    for (const guide of (await readdir(guides)).filter((name) => name.endsWith('.md'))) {
      const pages = [...(await readFile(path.join(guides, guide), 'utf8')).matchAll(/\]\(((?!https?:)[^)#]+\.md)/g)].map(([, page]) => page);
      assert.deepEqual(pages.filter((page) => !existsSync(path.join(guides, page))), [], guide);
    }
  });
});
