// What the documents refer to exists: files, tests, dependencies, settings.

import { expect, test } from '@jest/globals';
import { readTree, type TreeFile } from '../tidy/tree.ts';

const files = readTree();
const documents = files.filter(({ path }) => path.endsWith('.md'));
const textOf = (path: string) => files.find((file) => file.path === path)?.text ?? '';

test('the checks below see the documents', () => {
  expect(documents.length).toBeGreaterThan(12);
});

test('every relative link leads to a file', () => {
  const paths = new Set([...files.map(({ path }) => path), 'LICENSE']);
  const broken = documents.flatMap(({ path, text }) =>
    [...text.matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)(?:#[^)]*)?\)/g)]
      .map(([, link = '']) => new URL(link, `file:///${path}`).pathname.slice(1))
      .filter(
        (target) => !paths.has(target) && !isDrawn(target) && ![...paths].some((known) => known.startsWith(target)),
      )
      .map((target) => `${path}: ${target}`),
  );
  expect(broken).toEqual([]);
});

test('every test that docs/invariants.md quotes is in its file', () => {
  const quoted = [...textOf('docs/invariants.md').matchAll(/^- `([^`]+)`: "([^"]+)"$/gm)];
  expect(quoted.length).toBeGreaterThan(15);
  expect(quoted.filter(([, path = '', title = '']) => !textOf(path).includes(title)).map(([line]) => line)).toEqual([]);
});

test('where docs/architecture.md sends a new thing is there, or it says that it is not there yet', () => {
  const [, section = ''] = textOf('docs/architecture.md').split('\n## Where a new thing goes\n');
  const [map = ''] = section.split('\n## ');
  const named = [...map.matchAll(/`((?:src|adapters|console|python)\/[\w./-]*)`/g)].map(([, path = '']) => path);
  const [, kept = ''] = /not there yet: ([^.]*)\./.exec(map) ?? [];
  const isThere = (path: string) =>
    files.some((file) => file.path === path || file.path.startsWith(`${path.replace(/\/$/, '')}/`));
  expect(named.length).toBeGreaterThan(25);
  expect(named.filter((path) => isThere(path) === kept.includes(`\`${path}\``))).toEqual([]);
});

test('every dependency has its reason in docs/dependencies.md, and none stands there that is gone', () => {
  const listed = [...textOf('docs/dependencies.md').matchAll(/^\| (`[^|]+`) \|/gm)].flatMap(([, names = '']) =>
    [...names.matchAll(/`([^`]+)`/g)].map(([, name]) => name),
  );
  const used = files.filter(({ path }) => path.endsWith('package.json')).flatMap(dependenciesOf);
  expect([...new Set(listed)].sort()).toEqual([...new Set(used)].sort());
});

test('every version is exact, but for those that docs/dependencies.md says are not', () => {
  const [, exempt = ''] = /Versions are exact \(but for ([^)]*)\)/.exec(textOf('docs/dependencies.md')) ?? [];
  const allowed = [...exempt.matchAll(/`([^`]+)`/g)].map(([, name]) => name);
  const loose = files
    .filter(({ path }) => path.endsWith('package.json'))
    .flatMap((file) => {
      const { dependencies, devDependencies } = JSON.parse(file.text) as Record<string, Record<string, string>>;
      const isLoose = ([name, version]: [string, string]) =>
        !name.startsWith('@placet/') && !/^(npm:[\w@/-]+@)?\d+\.\d+\.\d+[-.\w]*$/.test(version);
      return Object.entries({ ...dependencies, ...devDependencies })
        .filter(isLoose)
        .map(([name]) => name);
    });
  expect(loose.sort()).toEqual(allowed.sort());
});

test('every setting that a document names is one', () => {
  const settings = textOf('docs/configuration.md').matchAll(/^\| `([A-Z_]+)` \|/gm);
  const known = new Set([...settings].map(([, name]) => name));
  expect(known.size).toBeGreaterThan(10);
  const named = documents
    .filter(({ path }) => !path.startsWith('examples/'))
    .flatMap(({ path, text }) =>
      [...text.matchAll(/\b(?:PLACET|SLACK|TEMPORAL)_[A-Z_]+\b/g)].map(([name]) => ({ path, name })),
    );
  for (const name of ['PLACET_URL', 'PLACET_AGENT_KEY']) known.add(name);
  // A variable of the tests', or a constant of the code.
  const isInCode = (name: string) =>
    files.some(
      ({ path, text }) => /\.ts$/.test(path) && (text.includes(`env['${name}']`) || text.includes(`const ${name} =`)),
    );
  expect(named.filter(({ name }) => !known.has(name) && !isInCode(name))).toEqual([]);
});

/** The screenshot is drawn by a script, and is no text. */
function isDrawn(target: string): boolean {
  return target.endsWith('.png');
}

function dependenciesOf({ text }: TreeFile): string[] {
  const { dependencies = {}, devDependencies = {} } = JSON.parse(text) as Record<string, Record<string, string>>;
  return [...Object.keys(dependencies), ...Object.keys(devDependencies)];
}
