// The policy file: texts made to exhaust or mislead whoever reads them.

import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { POLICY_FILE_BYTES_MAX } from '../../src/domain/policy/policy.ts';
import { parsePolicyFile } from '../../src/policy/read.ts';
import { problemsOf, read } from './policy-text.ts';

describe('a hostile file is refused, never run out of memory or stack with', () => {
  test.each([
    ['deep flow sequences', '['.repeat(100_000)],
    ['deep block sequences', '- '.repeat(100_000)],
    ['deep maps', '{a: '.repeat(50_000)],
    ['explicit keys', '? '.repeat(100_000)],
  ])('%s', (_title, text) => {
    expect(problemsOf(text)).toEqual(['1:1 : nested deeper than 20 levels']);
  });

  test('a file over the size limit', () => {
    expect(problemsOf('#'.repeat(POLICY_FILE_BYTES_MAX + 1))).toEqual(['1:1 : larger than 256 KiB']);
  });

  test.each<[title: string, text: string]>([
    [
      'groups of which each doubles what they stand for',
      `version: 1\nrules: [{ name: a, match: { action: "${'{a,b}'.repeat(40)}", resource: r }, effect: deny }]\n`,
    ],
    ['a line of full-width colons', `{ ${'a：1, '.repeat(30_000)}}`],
    ['a line of tabs and dashes', `${'-\t'.repeat(80_000)}x`],
    ['lines of slips', '\u00a0a：“b”\n'.repeat(15_000)],
    ['a mark on every line', '\ufeffa = 1\n'.repeat(20_000)],
  ])('%s', (_title, text) => {
    expect(problemsOf(text).length).toBeGreaterThan(0);
  });

  test('as many rules with as many patterns as a file holds', () => {
    const patterns = (letter: string) => `[${Array.from({ length: 20 }, (_, at) => `${letter}${at}`).join(',')}]`;
    const rule = (at: number) =>
      `- {name: r${at}, match: {action: a*, resource: r, agents: ${patterns('a')}, environments: ${patterns('e')}}, effect: deny}\n`;
    const text = `version: 1\nrules:\n${Array.from({ length: 1_000 }, (_, at) => rule(at)).join('')}`;
    expect(text.length).toBeLessThan(POLICY_FILE_BYTES_MAX);
    const file = read(text);
    // What is compared has an end, so not every one of them is found; whatever is found is true.
    const found = file.kind === 'document' ? file.warnings.map(({ path }) => path[1]) : [];
    expect([found.length > 10, found.includes(0)]).toEqual([true, false]);
  });

  test('bytes that are no UTF-8', () => {
    expect(parsePolicyFile(Uint8Array.of(0x61, 0xff))).toMatchObject({
      problems: [{ message: 'this is not UTF-8; save the file as UTF-8' }],
    });
  });

  test.each<[title: string, text: string, place: string]>([
    ['in a comment', 'version: 1\nrules: [] # a\0\n', '2:14'],
    ['in a condition', 'version: 1\nrules:\n  - when: "a == \'\\0\'"\n', '3:11'],
    ['in a description', 'version: 1\nactions: { a.b: { parameters: { description: "\\0" } } }\n', '2:46'],
    [
      'in the name of a parameter',
      'version: 1\nactions: { a.b: { parameters: { properties: { "\\0": {} } } } }\n',
      '2:47',
    ],
    ['in a test, half of a character', 'version: 1\ntests: [{ ask: { parameters: { x: "\\ud800" } } }]\n', '2:35'],
  ])('what nothing can keep, %s, so that no text is applied and then not stored', (_title, text, place) => {
    const what = text.includes('ud800') ? 'U+D800' : 'U+0000';
    expect(problemsOf(text)).toEqual([
      `${place} : here is a character that nobody sees (${what}), which nothing can keep; delete it`,
    ]);
  });

  test('members that would reach into a prototype', () => {
    expect(problemsOf('version: 1\n__proto__: { rules: [] }\n')).toEqual(['2:1 __proto__: unknown member "__proto__"']);
  });

  test('any text at all gives a document or problems on lines that exist', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), (text) => {
        const file = read(text);
        const lines = text.split(/\n/).length + 1;
        return file.kind === 'document' || file.problems.every((problem) => problem.line >= 1 && problem.line <= lines);
      }),
    );
  });
});
