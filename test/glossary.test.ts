// Holds names to docs/glossary.md: whoever knows that page can read the name of any file and type.

import { describe, expect, test } from '@jest/globals';
import { namesIn, publicNamesOf, stemsOf, wordsOf } from './tidy/names.ts';
import { readTree, type TreeFile } from './tidy/tree.ts';
import { BANNED_IN_NAMES, BANNED_NAMES } from './tidy/words.ts';

const files = readTree();
const isCode = ({ path }: TreeFile) => /\.(ts|cjs|mjs)$/.test(path);
/** The program: what a reader of the tree meets first. */
const named = files.filter((file) => isCode(file) && /^(src|workflows|activities|dev|sdk\/src)\//.test(file.path));
/** The playground speaks Slack's own language. */
const worded = files.filter((file) => isCode(file) && !/^(playground\/|test\/tidy\/|test\/glossary)/.test(file.path));

const glossary = files.find(({ path }) => path === 'docs/glossary.md')?.text ?? '';
const [tables = '', lists = ''] = glossary.split('\n## Words of others\n');
const [ofOthers = '', plain = ''] = lists.split('\n## Plain words\n');
/** What stands in the first column, or in bold in the second. */
const ours = [...tables.matchAll(/^\| (.*?) \||\*\*(.*?)\*\*/gm)].flatMap(([, cell = '', bold = '']) =>
  wordsOf(cell + bold),
);
const listed = [ofOthers, plain].map((list) => wordsOf(list.trim().split('\n\n').at(-1) ?? ''));
const known = new Set([...ours, ...listed.flat()]);

/** Runs of version 1 have these in their histories. */
const OF_VERSION_1 = /^(activities\/index|workflows\/steps)\.ts: (tend|situation) /;

test('the glossary and the tree are read', () => {
  expect(ours.length).toBeGreaterThan(80);
  expect(listed.map(({ length }) => length > 40)).toEqual([true, true]);
  expect(named.flatMap(publicNamesOf).length).toBeGreaterThan(400);
  expect(publicNamesOf({ path: 'src/a/two-words.ts', text: '', lines: [] })).toEqual(['two-words']);
  expect(stemsOf('swept')).toEqual(['swept']);
  expect(stemsOf('queries')).toContain('query');
  expect(stemsOf('running')).toContain('run');
});

describe('names', () => {
  test('every word in the name of a file or of an exported type stands in the glossary', () => {
    const strange = named.flatMap((file) =>
      publicNamesOf(file).flatMap((name) =>
        wordsOf(name)
          .filter((word) => !stemsOf(word).some((stem) => known.has(stem)))
          .map((word) => `${word}: ${name} in ${file.path}`),
      ),
    );
    expect(strange).toEqual([]);
  });

  test('no plain word is listed that no name needs, and none that a table explains', () => {
    const needed = new Set(named.flatMap(publicNamesOf).flatMap(wordsOf).flatMap(stemsOf));
    expect(listed.flat().filter((word) => !needed.has(word))).toEqual([]);
    expect(listed.flat().filter((word) => ours.includes(word))).toEqual([]);
    expect(listed.flat().filter((word, place, all) => all.indexOf(word) !== place)).toEqual([]);
  });

  test('no name says in a word of long ago what has a word of the field', () => {
    const old = worded.flatMap((file) =>
      namesIn(file).flatMap((name) => {
        const parts = wordsOf(name).flatMap(stemsOf);
        const say =
          BANNED_NAMES.get(name.toLowerCase()) ?? parts.map((part) => BANNED_IN_NAMES.get(part)).find(Boolean);
        return say === undefined ? [] : [`${file.path}: ${name} (say: ${say})`];
      }),
    );
    expect(old.filter((each) => !OF_VERSION_1.test(each))).toEqual([]);
  });
});
