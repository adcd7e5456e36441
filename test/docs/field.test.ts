// docs/field.md: each kind of fault names where it is held and which tests show it, and `npm run field` runs those.
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';

const root = fileURLToPath(new URL('../../', import.meta.url));
const rows = readFileSync(`${root}docs/field.md`, 'utf8')
  .split('\n')
  .filter((line) => /^\| (?!kind )\w/.test(line))
  .map((line) => line.slice(2, -2).split(' | '));

test('each kind of fault of the field has a place in the tree and tests, and each of these is there', () => {
  expect(rows.length).toBeGreaterThanOrEqual(17 + 5);
  for (const [kind, places = '', tests = ''] of rows) {
    const named = places.match(/(?<=`)[\w.-]+\/[\w./-]+(?=`)/g) ?? [];
    const shown = tests.match(/(?<=`)[\w./-]+(?=`)/g) ?? [];
    const isMissing = (path: string) => !existsSync(`${root}${path}`);
    expect([kind, [...named, ...shown].filter(isMissing)]).toEqual([kind, []]);
    expect([kind, shown.length > 0, shown.every((path) => path.endsWith('.test.ts'))]).toEqual([kind, true, true]);
  }
});
