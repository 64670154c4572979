// What the Debian package brings, as CMake installs it: docs/deploy.md speaks of it, and its own pages of each other. And
// the package itself, installed, upgraded and removed.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { appendFile, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { engine } from '../support/shop.mjs';
import { ThrowAwayRoot } from '../support/throw_away_root.mjs';

const run = promisify(execFile);
const project = fileURLToPath(new URL('../..', import.meta.url));
const build = path.dirname(process.env.KONTOR_BIN ?? path.join(project, 'build/release/kontor'));
const onceIsEnough = engine !== 'sqlite' && 'it is the same for both engines';

describe('the package', { skip: onceIsEnough }, () => {
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

describe('the package, installed', { skip: onceIsEnough || ThrowAwayRoot.whyNot() }, () => {
  const settings = '/etc/kontor/kontor.env';
  const [email, password] = ['ann@example.com', 'a password for this test'];
  let folder, root, first, second;
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'kontor-package-'));
    await run('cpack', ['-G', 'DEB', '--config', path.join(build, 'CPackConfig.cmake'), '-B', folder]);
    first = (await readdir(folder)).find((name) => name.endsWith('.deb'));
    second = await makeSuccessor();
    root = await ThrowAwayRoot.open(folder);
  });
  after(async () => {
    await root?.close();
    if (folder) await rm(folder, { recursive: true, force: true });
  });

  // The next version, which has other settings.
  const makeSuccessor = async () => {
    const files = path.join(folder, 'second');
    await run('dpkg-deb', ['--raw-extract', path.join(folder, first), files]);
    const control = path.join(files, 'DEBIAN/control');
    await writeFile(control, (await readFile(control, 'utf8')).replace(/^Version: .*$/m, 'Version: 1000'));
    await appendFile(path.join(files, settings), '#KONTOR_OF_THE_SECOND=\n');
    await run('dpkg-deb', ['-Znone', '--build', files, `${files}.deb`]);
    return 'second.deb';
  };

  const exists = (name) => root.run('test', '-e', name).then(() => true, () => false);
  const existing = async (...names) => (await Promise.all(names.map(async (name) => (await exists(name)) && name))).filter(Boolean);
  const statusOf = (name) => root.run('stat', '--format=%U:%G %a', name);
  const asService = ['setpriv', '--reuid=kontor', '--regid=kontor', '--clear-groups', 'env', '--chdir=/var/lib/kontor', 'KONTOR_LOG_LEVEL=warn'];

  // What the unit starts, as systemd would, on any port; `work` gets the shop's address.
  const whileServing = async (work) => {
    const unit = await root.run('sh', '-c', 'cat /lib/systemd/system/kontor.service /lib/systemd/system/kontor.service.d/*');
    const said = (name) => new RegExp(`^${name}=(.*)$`, 'm').exec(unit)[1];
    assert.deepEqual(['User', 'Group', 'WorkingDirectory', 'EnvironmentFile'].map(said), ['kontor', 'kontor', '/var/lib/kontor', settings]);
    const child = root.spawn(...asService, ...said('ExecStart').split(' '), '--listen', '127.0.0.1:0');
    const ended = once(child, 'exit');
    try {
      await work(await addressOf(child));
    } finally {
      child.kill('SIGTERM');
    }
    assert.deepEqual(await ended, [0, null]);
  };
  const addressOf = async ({ stdout }) => {
    for await (const line of createInterface({ input: stdout })) {
      const [, address] = /^listening on (http:\S+)/.exec(line) ?? [];
      if (address) return address;
    }
    throw new Error('it ended before it listened');
  };
  const signIn = async (shop) => (await fetch(`${shop}/v1/auth/login`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ email, password }) })).status;

  const links = ['/etc/systemd/system/multi-user.target.wants/kontor.service', '/etc/systemd/system/sockets.target.wants/kontor.socket'];

  test('has an account, a folder and settings that nobody else reads; its service is enabled, and serves', { timeout: 60_000 }, async () => {
    await root.run('dpkg', '--install', `/mnt/${first}`);
    assert.match(await root.run('getent', 'passwd', 'kontor'), /:\/var\/lib\/kontor:\/usr\/sbin\/nologin$/m);
    assert.equal(await statusOf('/var/lib/kontor'), 'kontor:kontor 750\n');
    assert.equal(await statusOf(settings), 'root:kontor 640\n');
    assert.deepEqual(await existing(...links), links);
    await root.run(...asService, 'kontor', 'admin', 'create', '--email', email, '--password', password);
    await whileServing(async (shop) => {
      assert.deepEqual(await (await fetch(`${shop}/readyz`)).json(), { status: 'ready' });
      assert.equal(await signIn(shop), 200);
    });
    assert.match(await statusOf('/var/lib/kontor/kontor.db'), /^kontor:kontor /);
  });

  test('upgraded, it keeps the shop, the settings that somebody changed, and what somebody switched off', { timeout: 60_000 }, async () => {
    await root.run('sed', '-i', 's/^KONTOR_BACKUP_EVERY_HOURS=.*/KONTOR_BACKUP_EVERY_HOURS=7/', settings);
    const ours = await root.run('cat', settings);
    await root.run('rm', links[1]); // as systemctl disable does
    await root.run('dpkg', '--force-confold', '--install', `/mnt/${second}`);
    assert.match(await root.run('dpkg-query', '--show', 'kontor'), /\t1000$/m);
    assert.equal(await root.run('cat', settings), ours);
    assert.match(await root.run('cat', `${settings}.dpkg-dist`), /KONTOR_OF_THE_SECOND/);
    assert.match(await root.run(...asService, 'kontor', 'config'), /^KONTOR_BACKUP_EVERY_HOURS=7 /m);
    assert.equal(await statusOf(settings), 'root:kontor 640\n');
    assert.deepEqual(await existing(...links), [links[0]]);
    await whileServing(async (shop) => assert.equal(await signIn(shop), 200));
  });

  test('removed, it leaves settings and the shop; purged, the shop; where there is none, nothing', { timeout: 60_000 }, async () => {
    const shop = '/var/lib/kontor/kontor.db';
    await root.run('dpkg', '--remove', 'kontor');
    assert.deepEqual(await existing('/usr/bin/kontor', settings, shop), [settings, shop]);
    assert.match(await root.run('dpkg', '--purge', 'kontor'), /The shop's data is still in \/var\/lib\/kontor/);
    assert.deepEqual(await existing('/etc/kontor', shop), [shop]);
    await root.run('rm', '-r', '/var/lib/kontor');
    await root.run('dpkg', '--install', `/mnt/${first}`);
    await root.run('dpkg', '--purge', 'kontor');
    assert.deepEqual(await root.written('*kontor*'), []);
    await assert.rejects(root.run('getent', 'passwd', 'kontor'));
  });
});
