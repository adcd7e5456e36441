// docs/threats.md tells the truth: every test that it names exists, and every line of the list of threats has its place.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';

const root = fileURLToPath(new URL('../..', import.meta.url));
const page = readFileSync(`${root}docs/threats.md`, 'utf8');
const THREATS = 99;

type Row = { readonly line: string; readonly shown: string };
/** The tables of threats: those of who controls a source, and whatever else the page lists, name no tests. */
const rows: readonly Row[] = page
  .split(/\n(?:\n|#)/)
  .filter((part) => /^\| (line|threat) \|/m.test(part))
  .flatMap((part) => part.split('\n').filter((text) => text.startsWith('| ') && !/^\| (line|threat) \|/.test(text)))
  .map((text) => {
    const cells = text.slice(2, -2).split(' | ');
    return { line: cells[0] ?? '', shown: cells.at(-1) ?? '' };
  });

type Named = { readonly file: string; readonly title: string };
const named: readonly Named[] = rows
  .filter(({ shown }) => !shown.startsWith('Not there yet: '))
  .flatMap(({ shown }) =>
    shown.split('<br>').map((text) => {
      const [, file = '', title = ''] = /^`(\S+\.test\.ts)`: (.+)$/.exec(text) ?? [];
      return { file, title: title === '' ? text : title };
    }),
  );

/** True when the file has this text as a whole string, as titles and the names of rows are written. */
function hasTitle(file: string, title: string): boolean {
  if (!existsSync(root + file)) return false;
  const source = readFileSync(root + file, 'utf8');
  return ["'", '"', '`'].some((quote) => source.includes(`${quote}${title}${quote}`));
}

test('every test that the page names exists', () => {
  expect(named.length).toBeGreaterThan(100);
  expect(named.filter(({ file, title }) => !hasTitle(file, title))).toEqual([]);
});

test('every threat from 1 to 99 stands in exactly one row, in order', () => {
  const numbers = rows.flatMap(({ line }) => {
    const [, from, to = from] = /^(\d+)(?:–(\d+))?$/.exec(line) ?? [];
    if (from === undefined) return [];
    return Array.from({ length: Number(to) - Number(from) + 1 }, (_, index) => Number(from) + index);
  });
  expect(numbers).toEqual(Array.from({ length: THREATS }, (_, index) => index + 1));
});

describe('the other way round', () => {
  const files = readdirSync(`${root}test/threats`).filter(
    (name) => name.endsWith('.test.ts') && name !== 'map.test.ts',
  );

  test.each(files)('%s is named on the page', (name) => {
    expect(named.map(({ file }) => file)).toContain(`test/threats/${name}`);
  });
});
