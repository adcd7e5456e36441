// Holds docs/time.md to the code: which files write outbox rows, which kind, how long each wait is, and what it refers to.

import { expect, test } from '@jest/globals';
import { readTree } from '../tidy/tree.ts';

const files = readTree();
const textOf = (path: string) => files.find((file) => file.path === path)?.text ?? '';
const page = textOf('docs/time.md');

test('docs/time.md names every file that writes an outbox row, and the kinds of row that it writes', () => {
  const written = files.flatMap(({ path, text }) => {
    if (!/^src\/(?!db\/)/.test(path)) return [];
    const kinds = [
      ...[...text.matchAll(/outbox\.enqueue(?:All)?\(tx, [^,]+, '(\w+)'/g)].map(([, kind = '']) => kind),
      ...(text.includes('requests.insertRequests(') ? ['start'] : []),
      ...(text.includes('sweepQueries.enqueue') ? ['nudge', 'start'] : []),
    ];
    return kinds.length === 0 ? [] : [[path, ...new Set(kinds)].join(' ')];
  });
  const [, table = ''] = page.split('Outbox rows come from these files');
  const named = [...table.matchAll(/^\| `(src[^`]+)` \|[^|]*\| ([^|]*) \|$/gm)].map(([, path = '', row = '']) =>
    [path, ...(row.match(/nudge|start/g) ?? [])].join(' '),
  );
  expect(written.length).toBeGreaterThan(5);
  expect(named.sort()).toEqual(written.sort());
  // Whatever else inserts into the outbox would be missing above.
  const inserting = files.filter(
    ({ path, text }) => path.startsWith('src/') && /into placet\.outbox|OUTBOX\.(into|insert)/.test(text),
  );
  expect(inserting.map(({ path }) => path)).toEqual([
    'src/db/news.ts',
    'src/db/outbox.ts',
    'src/db/requests.ts',
    'src/db/sweep-queries.ts',
  ]);
});

test('every wait in docs/time.md is as long as the code says, and no constant is named that has no line there', () => {
  const waits = [...page.matchAll(/^\| `(\w+)`: [^|]+ \| ([\d_]+) \| `([^`]+)` \|$/gm)];
  expect(waits.length).toBeGreaterThan(10);
  for (const [, name = '', value = '', path = ''] of waits) {
    expect([name, textOf(path).match(new RegExp(`const ${name} = ([\\d_]+);`))?.[1]]).toEqual([name, value]);
  }
  const listed = waits.map(([, name]) => name);
  const named = [...page.matchAll(/`([A-Z][A-Z_]+)`/g)].map(([, name]) => name);
  expect(named.filter((name) => !listed.includes(name))).toEqual([]);
});
