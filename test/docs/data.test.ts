// Holds docs/data.md to docs/schema.txt, which is what the migrations make: its pictures are drawn from it.

import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { drawData, rightsOn, tablesOf } from '../support/data-picture.ts';
import { readTree } from '../tidy/tree.ts';

const FILE = fileURLToPath(new URL('../../docs/data.md', import.meta.url));
const PICTURE = /^```mermaid\n[\s\S]*?^```$/gm;

const files = readTree();
const textOf = (path: string) => files.find((file) => file.path === path)?.text ?? '';
const schema = textOf('docs/schema.txt');
const page = textOf('docs/data.md');

test('the pictures in docs/data.md are those of the schema: every table a box, every foreign key a line', () => {
  const drawn = drawData(schema).map((picture) => `\`\`\`mermaid\n${picture}\n\`\`\``);
  const renewed = drawn.slice();
  if (process.env['PLACET_TEST_UPDATE'] === '1')
    writeFileSync(
      FILE,
      page.replace(PICTURE, () => renewed.shift() ?? ''),
    );
  else expect(page.match(PICTURE)).toEqual(drawn);
  const lines = drawn.join('\n').match(/^ {2}\w+ \S+--\S+ \w+ : .*$/gm) ?? [];
  expect(lines).toHaveLength(schema.match(/ FOREIGN KEY /g)?.length ?? 0);
  expect(lines).toContain('  approval_requests ||--o{ decisions : "request_id"');
  expect(lines).toContain('  approval_requests ||--o| grants : "request_id"');
  expect(lines).toContain('  people |o--o{ approver_group_members : "person_id"');
});

test('each table has its line in docs/data.md, with what the application may do and the file of its statements', () => {
  const listed = [...page.matchAll(/^\| `(\w+)` \| [^|]+ \| ([^|]*?) ?\| `([^`]+)` \|$/gm)].map(
    ([, name = '', rights = '', path = '']) => ({ name, rights, path }),
  );
  expect(listed.length).toBeGreaterThan(15);
  expect(listed.map(({ name }) => name).sort()).toEqual(tablesOf(schema).map(({ name }) => name));
  for (const { name, rights, path } of listed) {
    expect([name, rights]).toEqual([name, rightsOn(schema, name)]);
    // By its name, or by its column list.
    const has = new RegExp(`placet\\.${name}\\b|\\b${name.toUpperCase()}\\.`);
    expect([name, path, has.test(textOf(path))]).toEqual([name, path, true]);
  }
});

test('what docs/data.md says hangs by no foreign key has none', () => {
  const [, list = ''] = page.split('by no foreign key');
  const columns = [...list.matchAll(/^- `(\w+)\.(\w+)`/gm)].map(([, table = '', column = '']) => ({ table, column }));
  expect(columns.length).toBeGreaterThan(3);
  for (const { table, column } of columns) {
    const found = tablesOf(schema).find(({ name }) => name === table);
    expect([table, column, found?.columns.some(({ name }) => name === column)]).toEqual([table, column, true]);
    expect([column, found?.references.some((each) => each.columns.includes(column))]).toEqual([column, false]);
  }
});
