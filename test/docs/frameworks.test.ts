// Guards docs/frameworks.md: it names every adapter, and of each framework the version that is installed for the tests.

import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';

const read = (path: string) => readFileSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)), 'utf8');
const page = read('docs/frameworks.md');
const rows = page.split('\n').filter((line) => line.startsWith('| ') && line.includes('](../'));

/** Names as they stand in code, each followed by its versions: `ai` 7.0.173 and 6.0.326. */
function versionsIn(text: string): [name: string, version: string][] {
  return [...text.matchAll(/`([^`]+)` ((?:\d+\.\d+\.\d+(?: and )?)+)/g)].flatMap(([, name = '', versions = '']) =>
    versions
      .split(' and ')
      .filter(Boolean)
      .map((version): [string, string] => [name, version]),
  );
}

const lock: { readonly packages: Readonly<Record<string, { readonly version?: string }>> } = JSON.parse(
  read('adapters/package-lock.json'),
);
const isLocked = (name: string, version: string) =>
  [`node_modules/${name}`, `node_modules/${name}-${version.split('.')[0]}`].some(
    (path) => lock.packages[path]?.version === version,
  );

test('each adapter has its row', () => {
  const adapters = readdirSync(fileURLToPath(new URL('../../adapters', import.meta.url)), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !['example', 'node_modules', 'test'].includes(entry.name))
    .map(({ name }) => `../adapters/${name}/README.md`);
  const linked = rows.map((row) => row.match(/\]\((\.\.\/[^)]+)\)/)?.[1] ?? '');
  expect(linked.filter((path) => path.startsWith('../adapters/')).sort()).toEqual(adapters.sort());
  expect(linked).toContain('../python/README.md');
});

test('each version in it is the one that the lock file or the Python package has', () => {
  const python = read('python/pyproject.toml');
  const found = rows.flatMap((row) => versionsIn(row).map(([name, version]) => ({ row, name, version })));
  expect(found.length).toBeGreaterThanOrEqual(9);
  for (const { row, name, version } of found) {
    const isInstalled = row.includes('../python/') ? python.includes(`"${name}==${version}"`) : isLocked(name, version);
    expect([name, version, isInstalled]).toEqual([name, version, true]);
  }
});

test.each(['ai-sdk', 'claude-agent', 'langchain', 'langgraph', 'mcp', 'openai-agents'])(
  'the README of %s names the version that it is tested with',
  (name) => {
    const [, tested = ''] = read(`adapters/${name}/README.md`).split('\nTested with ');
    const versions = versionsIn(tested);
    expect(versions).not.toEqual([]);
    for (const [each, version] of versions) expect([each, isLocked(each, version)]).toEqual([each, true]);
  },
);
