// Holds docs/adding.md to the tree: each addition is made in a copy, and the compiler names the places that the page says.

import { describe, expect, test } from '@jest/globals';
import type { KnownMessage } from '../../src/domain/work/message.ts';
import { MEMBERS } from '../../src/policy/schema.ts';
import { AGENT_USE_CASES } from '../../src/service/use-cases.ts';
import { OAUTH_OPERATIONS } from '../http/oauth/operations.ts';
import { OPERATIONS } from '../http/operations.ts';
import { brokenBy } from '../support/variant.ts';
import { readTree } from '../tidy/tree.ts';
import { ADDITIONS, type Addition } from './additions.ts';

/** Each test compiles the program once. */
const COMPILE_MS = 120_000;

const files = readTree();
const textOf = (path: string) => files.find((file) => file.path === path)?.text ?? '';
const page = textOf('docs/adding.md');

type Row = { readonly paths: readonly string[]; readonly what: string; readonly finder: string };

/** The rows of the table under a heading. */
function rowsOf(heading: string): Row[] {
  const [, section = ''] = page.split(`\n## ${heading}\n`);
  const [table = ''] = section.split('\n## ');
  return [...table.matchAll(/^\| (`[^|]+`) \| ([^|]+) \| ([^|]+) \|$/gm)].map(
    ([, cell = '', what = '', finder = '']) => ({
      paths: [...cell.matchAll(/`([^`]+)`/g)].map(([, path = '']) => path),
      what,
      finder,
    }),
  );
}

const namedByCompiler = (rows: readonly Row[]) =>
  rows.filter(({ finder }) => /the compiler$/.test(finder)).flatMap(({ paths }) => paths);

test('each part of docs/adding.md is one that is tried, and names what is there', () => {
  const headings = [...page.matchAll(/^## (.*)$/gm)].map(([, heading]) => heading);
  expect(headings).toEqual(Object.keys(ADDITIONS));
  for (const row of headings.flatMap((heading = '') => rowsOf(heading))) {
    const isThere = (path: string) =>
      files.some((file) => file.path === path || (path.endsWith('/') && file.path.startsWith(path)));
    expect([row, row.paths.filter((path) => !isThere(path))]).toEqual([row, []]);
    const [, proof] = /^`(test\/[^`]+)`$/.exec(row.finder) ?? [];
    if (proof === undefined) expect(row.finder).toMatch(/^(you begin here|the compiler|nobody)/);
    else expect([proof, isThere(proof)]).toEqual([proof, true]);
  }
});

describe('the compiler names each place that docs/adding.md says it names, and no other, for', () => {
  test.each(Object.entries(ADDITIONS))(
    '%s',
    async (heading, { first }) => {
      const begun = rowsOf(heading).filter(({ finder }) => finder.startsWith('you begin here'));
      const isBegun = (path: string) =>
        begun.some(({ paths }) => paths.some((each) => path === each || (each.endsWith('/') && path.startsWith(each))));
      expect(first.filter(({ path }) => !isBegun(path))).toEqual([]);
      expect(await brokenBy(first)).toEqual(namedByCompiler(rowsOf(heading)).sort());
    },
    COMPILE_MS,
  );
});

test(
  'with the other places of docs/adding.md written too, each addition compiles',
  async () => {
    for (const [heading, { rest }] of Object.entries(ADDITIONS)) {
      const listed = rowsOf(heading).flatMap(({ paths }) => paths);
      expect([heading, rest.filter(({ path }) => !listed.includes(path))]).toEqual([heading, []]);
    }
    // A source of members is a group option too: its edits are of the same lines, so that the two are tried apart.
    const { 'A source of members': source, ...others } = ADDITIONS;
    const whole = (additions: readonly (Addition | undefined)[]) =>
      additions.flatMap((addition) => [...(addition?.first ?? []), ...(addition?.rest ?? [])]);
    expect(await brokenBy(whole(Object.values(others)))).toEqual([]);
    expect(await brokenBy(whole([source]))).toEqual([]);
  },
  2 * COMPILE_MS,
);

test('a new field of a request is written in at most ten files of the server, four of them for its event', () => {
  const written = rowsOf('A request field').filter(
    ({ what, finder }) => !what.startsWith('nothing') && finder !== 'nobody',
  );
  const server = written.flatMap(({ paths }) => paths).filter((path) => /^(src|migrations)\//.test(path));
  expect(new Set(server).size).toBeLessThanOrEqual(10);
});

describe('what the compiler does not see is found by a test:', () => {
  test('each operation of the API has its valid call', () => {
    const called = new Set<string>([...OPERATIONS, ...OAUTH_OPERATIONS].map(({ dep }) => dep));
    expect(Object.keys(AGENT_USE_CASES).filter((name) => !called.has(name))).toEqual([]);
  });

  test('each member of a rule has its line in docs/policy.md', () => {
    const [, section = ''] = textOf('docs/policy.md').split('\n## rules\n');
    const listed = [...section.matchAll(/^\| (`[^|]+`) \|/gm)].flatMap(([, cell = '']) =>
      [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name),
    );
    const members = MEMBERS['rules.*']?.flatMap((name) =>
      name === 'match' ? (MEMBERS['rules.*.match']?.map((each) => `match.${each}`) ?? []) : [name],
    );
    expect(members?.length).toBeGreaterThan(8);
    expect(members?.filter((name) => !listed.includes(name))).toEqual([]);
  });

  test('each member of an approver group, and of a credential, stands in docs/policy.md', () => {
    const [, ofGroups = ''] = textOf('docs/policy.md').split('\n## approver_groups\n');
    const [groups = '', ofRules = ''] = ofGroups.split('\n## rules\n');
    expect(MEMBERS['approver_groups.*']?.filter((name) => !groups.includes(`| \`${name}\` |`))).toEqual([]);
    const line = /^\| `credential` .*$/m.exec(ofRules)?.[0] ?? '';
    expect(MEMBERS['rules.*.credential']?.filter((name) => !line.includes(`\`${name}`))).toEqual([]);
  });

  test('each kind of message is one that the database takes', () => {
    const kinds: Readonly<Record<KnownMessage['kind'], true>> = {
      ...{ card: true, reminder: true, outcome: true, undeliverable: true, copy: true, stage: true },
    };
    const [, check = ''] =
      /^placet\.slack_messages CHECK \(\(kind = ANY \(ARRAY\[([^\]]*)\]/m.exec(textOf('docs/schema.txt')) ?? [];
    expect([...check.matchAll(/'(\w+)'/g)].map(([, kind]) => kind).sort()).toEqual(Object.keys(kinds).sort());
  });
});
