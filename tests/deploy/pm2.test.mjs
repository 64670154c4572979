// ecosystem.config.cjs under PM2 itself. PM2 is no package of ours: npm install --prefix DIR pm2, and run this with
// KONTOR_TEST_PM2=DIR/node_modules/.bin/pm2.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { eventually } from '../support/eventually.mjs';

const run = promisify(execFile);
const program = process.env.KONTOR_BIN ?? fileURLToPath(new URL('../../build/release/kontor', import.meta.url));
const ecosystem = fileURLToPath(new URL('../../ecosystem.config.cjs', import.meta.url));
const pm2 = process.env.KONTOR_TEST_PM2;

describe('under PM2', { skip: !pm2 && 'KONTOR_TEST_PM2 does not say where it is' }, () => {
  let folder, environment;
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'kontor-pm2-'));
    environment = { ...process.env, PM2_HOME: path.join(folder, 'pm2'), KONTOR_BIN: program, KONTOR_DATA: path.join(folder, 'data'), KONTOR_LISTEN: '127.0.0.1:0' };
  });
  after(async () => {
    await tell('kill');
    await rm(folder, { recursive: true, force: true });
  });

  const tell = async (...words) => (await run(pm2, words, { cwd: folder, env: environment, maxBuffer: 16 << 20 })).stdout;
  const state = async () => JSON.parse((await tell('jlist')).split('\n').findLast((line) => line.startsWith('[')))[0];
  const output = () => readFile(path.join(environment.PM2_HOME, 'logs', 'kontor-out.log'), 'utf8').catch(() => '');
  const ports = async () => [...(await output()).matchAll(/listening on http:\/\/127\.0\.0\.1:(\d+)/g)].map(([, port]) => port);
  const start = async (number) => {
    await eventually(async () => (await ports()).length === number, `start ${number}`);
    return (await ports()).at(-1);
  };

  test('it starts, comes back after a kill, and stops when its work is done', { timeout: 60_000 }, async () => {
    await tell('start', ecosystem);
    const first = await start(1);
    assert.equal((await fetch(`http://127.0.0.1:${first}/readyz`)).status, 200);

    process.kill((await state()).pid, 'SIGKILL');
    const second = await start(2);
    assert.equal((await fetch(`http://127.0.0.1:${second}/readyz`)).status, 200);

    await tell('reload', 'kontor');
    const third = await start(3);
    assert.equal((await fetch(`http://127.0.0.1:${third}/readyz`)).status, 200);

    await tell('stop', 'kontor');
    const { pm2_env: { status, exit_code } } = await state();
    assert.deepEqual({ status, exit_code }, { status: 'stopped', exit_code: 0 });
    assert.equal((await ports()).length, 3, 'and nothing started it again');
  });
});
