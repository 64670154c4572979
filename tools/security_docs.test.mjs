// docs/security.md says which test holds what: each file and test that it names is there (SE-1), and of the chapters of ASVS 5.0.0
// that it goes through no requirement of level 1 or 2 is left out.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';

const root = new URL('..', import.meta.url);
const page = readFileSync(new URL('docs/security.md', root), 'utf8');
const rows = page.split('\n').filter((line) => line.startsWith('| ')).map((line) => line.split(' | ').map((cell) => cell.replace(/^\| | \|$/g, '')));
const read = (file) => readFileSync(new URL(file, root), 'utf8');

// The requirements of levels 1 and 2: how many there are in each section, without those of level 3.
const sections = {
  '6.1': [1, 2, 3], '6.2': [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], '6.3': [1, 2, 3, 4], '6.4': [1, 2, 3, 4], '6.5': [1, 2, 3, 4, 5], '6.6': [1, 2, 3],
  '6.8': [1, 2, 3, 4], '7.1': [1, 2, 3], '7.2': [1, 2, 3, 4], '7.3': [1, 2], '7.4': [1, 2, 3, 4, 5], '7.5': [1, 2], '7.6': [1, 2], '8.1': [1, 2],
  '8.2': [1, 2, 3], '8.3': [1], '8.4': [1], '9.1': [1, 2, 3], '9.2': [1, 2, 3, 4],
};

// "6.2.2, 6.2.3" and "6.6.1 – 6.6.3" are several.
function named(cell) {
  const [, head] = /^((?:\d\.\d+\.\d+(?:, | – )?)+)/.exec(cell) ?? [];
  if (!head) return [];
  return head.trim().split(', ').flatMap((part) => {
    const [from, to = from] = part.split(' – ').map((one) => one.trim());
    const section = from.slice(0, from.lastIndexOf('.'));
    const [first, last] = [from, to].map((one) => Number(one.slice(one.lastIndexOf('.') + 1)));
    return Array.from({ length: last - first + 1 }, (_, i) => `${section}.${first + i}`);
  });
}

// A file as the page names it: with its folder, or that of the file before, or where tests of auth/ and of the API lie.
function fileOf(name, folder) {
  const places = [name, `${folder}/${name}`, `src/auth/${name}`, `tests/api/${name}`];
  return places.find((place) => existsSync(new URL(place, root)));
}

// Whether a file has a test of that name, or one whose name is made of a table's rows.
function hasTest(file, quoted) {
  const text = read(file).replaceAll("\\'", "'");
  const templates = [...text.matchAll(/test\(`([^`]*)`/g)].map(([, title]) =>
    new RegExp(`^${title.split(/\$\{[^}]*\}/).map((part) => part.replace(/[.*+?^$()|[\]\\{}]/g, '\\$&')).join('.+')}$`));
  return text.includes(quoted) || templates.some((title) => title.test(quoted));
}

describe('docs/security.md', () => {
  test('SE-1: goes through every requirement of ASVS 5.0.0 levels 1 and 2 in its chapters', () => {
    const there = new Set(rows.flatMap(([cell]) => named(cell)));
    const missing = Object.entries(sections).flatMap(([section, numbers]) => numbers.map((number) => `${section}.${number}`)).filter((id) => !there.has(id));
    assert.deepEqual(missing, []);
    for (const cells of rows.filter(([cell]) => named(cell).length > 0)) assert.ok(cells.length === 2 && cells[1].length > 5, cells[0]);
  });

  test('names only files and tests that exist', () => {
    for (const cells of rows) {
      let folder = '';
      let file;
      for (const [, name, title, other, rule] of cells.at(-1).matchAll(/([\w./-]+\.(?:test\.mjs|mjs|cpp|hpp))|"([^"]+)"|(tests\/\w+)\b|`([A-Z]\w+)`/g)) {
        if (name) {
          file = fileOf(name, folder);
          assert.ok(file, `${name} in: ${cells[0]}`);
          folder = file.slice(0, file.lastIndexOf('/'));
        }
        if (other) assert.ok(existsSync(new URL(other, root)), other);
        const quoted = title ?? rule;
        if (quoted && file) assert.ok(hasTest(file, quoted), `${file} has no test named: ${quoted}`);
      }
    }
  });

  test('gives each row of the trust list that it names a test by that name', () => {
    for (const [row, , held] of rows.filter(([cell]) => /^SE-\d+$/.test(cell))) {
      const files = [...held.matchAll(/[\w./-]+\.(?:test\.mjs|cpp)/g)].map(([name]) => name);
      let folder = '';
      const known = files.map((name) => {
        const file = fileOf(name, folder);
        folder = file.slice(0, file.lastIndexOf('/'));
        return file;
      });
      assert.ok(known.some((file) => new RegExp(`${row}\\b`).test(read(file))), `${row}: none of ${known.join(', ')} names it`);
    }
  });
});
