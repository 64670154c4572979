// The rules of the house that a program can check: who may include whom, names, sizes, words. ./dev test runs them.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, existsSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], { cwd: root, encoding: 'utf8' })
  .split('\n')
  .filter((file) => file !== '' && existsSync(path.join(root, file)));
const read = (file) => readFileSync(path.join(root, file), 'utf8');

// Dependencies run down: a file may include its own folder and what stands on a lower floor. Rooms share a floor.
const floors = { core: 0, async: 1, outbound: 1, redis: 1, store: 2, nodes: 3, http: 3, jobs: 3, mail: 3, realtime: 4, app: 6 };
const roomFloor = 5;
const floorOf = (folder) => (folder === 'main.cpp' ? 7 : (floors[folder] ?? roomFloor));

const sources = files.filter((file) => /^src\/.*\.[ch]pp$/.test(file));
const includes = sources.flatMap((file) =>
  [...read(file).matchAll(/^#include\s+(["<])([^">]+)[">]/gm)].map(([, quote, name]) => {
    const from = file.split('/')[1];
    const to = name.split('/')[0];
    const ours = quote === '"' && name.includes('/');
    return { file, name, from, to, ours, inside: from === to };
  }),
);

// "file includes name" for each include that breaks a rule.
const broken = (rule) => includes.filter(rule).map(({ file, name }) => `${file} includes ${name}`);

function findCircle(edges) {
  const next = new Map();
  for (const [from, to] of edges) next.set(from, (next.get(from) ?? new Set()).add(to));
  const done = new Set();
  const walk = (node, trail) => {
    if (trail.includes(node)) return [...trail.slice(trail.indexOf(node)), node];
    if (done.has(node)) return undefined;
    for (const to of next.get(node) ?? []) {
      const circle = walk(to, [...trail, node]);
      if (circle) return circle;
    }
    done.add(node);
    return undefined;
  };
  for (const node of next.keys()) {
    const circle = walk(node, []);
    if (circle) return circle;
  }
  return undefined;
}

describe('who may include whom', () => {
  test('main → app → rooms → realtime → {http, jobs, mail, nodes} → store → {async, outbound, redis} → core, never back', () => {
    assert.deepEqual(
      broken(({ ours, inside, from, to, name }) => {
        if (!ours || inside || name.startsWith('support/')) return false;
        const [above, below] = [floorOf(from), floorOf(to)];
        return above < below || (above === below && above !== roomFloor);
      }),
      [],
    );
  });

  test("a room reaches another room through its front door, <room>/<room>.hpp, only", () => {
    assert.deepEqual(
      broken(({ ours, inside, from, to, name }) =>
        ours && !inside && floorOf(from) === roomFloor && floorOf(to) === roomFloor && !name.startsWith('support/')
        && name !== `${to}/${to}.hpp`),
      [],
    );
  });

  test('rooms include each other without a circle', () => {
    const edges = includes
      .filter(({ ours, inside, from, to, name }) =>
        ours && !inside && floorOf(from) === roomFloor && floorOf(to) === roomFloor && !name.startsWith('support/'))
      .map(({ from, to }) => [from, to]);
    assert.equal(findCircle(edges)?.join(' → '), undefined);
    assert.deepEqual(findCircle([['a', 'b'], ['b', 'c'], ['c', 'a']]), ['a', 'b', 'c', 'a'], 'this check can fail');
  });

  test('sqlite3.h is behind one file of store/, libpq-fe.h behind three: what asks, what listens and what moves whole tables', () => {
    const holders = (header) => [...new Set(includes.filter(({ name }) => name === header).map(({ file }) => file))].sort();
    assert.deepEqual(holders('sqlite3.h'), ['src/store/sqlite.cpp']);
    assert.deepEqual(holders('libpq-fe.h'), ['src/store/postgres.cpp', 'src/store/postgres_news.cpp', 'src/store/postgres_tables.cpp']);
  });

  test('libcurl comes in through outbound/curl.hpp', () => {
    const holders = includes.filter(({ name }) => name === 'curl/curl.h').map(({ file }) => file);
    assert.deepEqual(holders, ['src/outbound/curl.hpp']);
  });

  test('hiredis is behind one file of redis/, nlohmann/json.hpp behind one of realtime/', () => {
    const holders = (header) => includes.filter(({ name }) => name === header).map(({ file }) => file);
    assert.deepEqual(holders('hiredis/hiredis.h'), ['src/redis/line.cpp']);
    assert.deepEqual(holders('nlohmann/json.hpp'), ['src/realtime/msgpack.cpp']);
  });

  test('only a few transport files of http/ and realtime/ include Beast', () => {
    const holders = [...new Set(includes.filter(({ name }) => name.startsWith('boost/beast')).map(({ file }) => file))];
    assert.deepEqual(holders.filter((file) => !/^src\/(http|realtime)\//.test(file)), []);
    assert.ok(holders.length <= 5, holders.join(', '));
  });

  test('asio::detached stays inside async/', () => {
    const users = sources.filter((file) => !file.startsWith('src/async/') && /\basio::detached\b|asio\/detached\.hpp/.test(read(file)));
    assert.deepEqual(users, []);
  });
});

describe('names, words and sizes', () => {
  const own = 'tools/house.test.mjs';
  const code = files.filter((file) => /^(src|tests|tools|bench|docs|\.ci)\/|^dev$|\.md$|^CMake/.test(file) && !/\.(lock|svg|png|webp|jpg)$/.test(file));

  test('nothing is called util, helper, common, misc, manager or base', () => {
    const vague = /^(utils?|helpers?|common|misc|managers?|base)$/;
    const words = (file) => file.split(/[/._-]/);
    assert.deepEqual(files.filter((file) => !file.startsWith('demo/') && words(file).some((word) => vague.test(word))), []);
  });

  test('nothing is left for later', () => {
    const later = new RegExp(`\\b(${['TO' + 'DO', 'FIX' + 'ME', 'XX' + 'X', 'HA' + 'CK', 'not imple' + 'mented',
      'unimple' + 'mented', 'stub' + '(bed)?'].join('|')})\\b`);
    assert.deepEqual(code.filter((file) => file !== own && later.test(read(file))), []);
  });

  test('no file of code passes 400 lines', () => {
    const long = code
      .filter((file) => /\.(cpp|hpp|mjs|lua)$|^dev$/.test(file))
      .map((file) => [file, read(file).split('\n').length - 1])
      .filter(([, lines]) => lines > 400);
    assert.deepEqual(long, []);
  });

  test('every header opens with what it is for', () => {
    assert.deepEqual(sources.filter((file) => file.endsWith('.hpp') && !read(file).startsWith('// ')), []);
  });

  test('migrations are numbered once, and a .postgres.sql stands beside its plain one', () => {
    const migrations = files.filter((file) => /^src\/[^/]+\/migrations\//.test(file));
    assert.deepEqual(migrations.filter((file) => !/\/\d{4}_[a-z0-9_]+(\.postgres)?\.sql$/.test(file)), []);
    const plain = migrations.filter((file) => !file.endsWith('.postgres.sql'));
    const numbers = plain.map((file) => path.basename(file).slice(0, 4));
    assert.equal(new Set(numbers).size, numbers.length, `a number is used twice: ${numbers.sort().join(' ')}`);
    for (const file of migrations) {
      assert.ok(plain.includes(file.replace('.postgres.sql', '.sql')), `${file} has no plain counterpart`);
    }
  });

  test('RE-16: each fuzzer has seeds to begin with', () => {
    const fuzzers = files.filter((file) => /^tests\/fuzz\/\w+\.cpp$/.test(file)).map((file) => path.basename(file, '.cpp'));
    const seeded = new Set(files.filter((file) => file.startsWith('tests/fuzz/corpus/')).map((file) => file.split('/')[3]));
    assert.deepEqual([...seeded].sort(), fuzzers.sort());
  });

  test('RE-15: the first finding of a sanitizer ends the program, so that no test passes over it', () => {
    const { configurePresets } = JSON.parse(read('CMakePresets.json'));
    const flags = (preset) => configurePresets.find(({ name }) => name === preset).cacheVariables.CMAKE_CXX_FLAGS_DEBUG;
    assert.match(flags('asan'), /-fsanitize=address,undefined -fno-sanitize-recover=all/);
    assert.match(flags('tsan'), /-fsanitize=thread/);
    assert.match(read('dev'), /TSAN_OPTIONS:-halt_on_error=1/);
    assert.match(read('tests/support/server.mjs'), /\/Sanitizer: \//);
  });

  test('every promise in docs/security.md and docs/reliability.md has a test that names it', () => {
    const tests = files.filter((file) => /^tests\/.*\.mjs$|^tools\/.*\.test\.mjs$|_test\.cpp$/.test(file)).map(read).join('\n');
    for (const page of ['docs/security.md', 'docs/reliability.md']) {
      for (const [, row] of read(page).matchAll(/^\| ([SR]E-\d+) \|/gm)) {
        assert.match(tests, new RegExp(`\\b${row}\\b`), `${page}: ${row}`);
      }
    }
  });

  test('what we take from npm runs on the Node of Debian 12', () => {
    const node = 18;
    const { devDependencies } = JSON.parse(read('package.json'));
    const { packages } = JSON.parse(read('package-lock.json'));
    const lowest = (range = '*') => Number(/\d+/.exec(range)?.[0] ?? 0);
    const newer = Object.keys(devDependencies).filter((name) => lowest(packages[`node_modules/${name}`].engines?.node) > node);
    assert.deepEqual(newer, []);
  });

  test('no package registry is named', () => {
    const hosts = ['registry.' + 'npmjs', 'deb.' + 'debian.org', 'pypi.' + 'org'];
    const text = files.filter((file) => /^package-lock\.json$|^\.npmrc$|^dev$/.test(file) || code.includes(file));
    assert.deepEqual(text.filter((file) => file !== own && hosts.some((host) => read(file).includes(host))), []);
  });
});
