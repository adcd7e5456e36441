// Headings in the words of the policy: what fills a place stays a value, whatever an agent writes into it.

import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { fillTitle, parametersIn, readTitle, type TitleInput } from '../../src/domain/policy/title.ts';

const INPUT: TitleInput = {
  action: 'orders.refund',
  resource: 'order/A-1',
  agent: 'support',
  environment: 'production',
  parameters: { amount: 20, currency: 'EUR', buyer: { name: 'Ann' }, tags: ['a'], constructor: 'data', none: null },
};

function filled(text: string, parameters = INPUT.parameters): string {
  const reading = readTitle(text);
  return reading.kind === 'title'
    ? fillTitle(reading.title, { ...INPUT, parameters })
    : `${reading.offset}: ${reading.message}`;
}

describe('a title', () => {
  test.each<[text: string, shown: string]>([
    ['Refund {parameters.amount} {parameters.currency} for {resource}', 'Refund 20 EUR for order/A-1'],
    ['{action} by {agent} in {environment}', 'orders.refund by support in production'],
    ['For {parameters.buyer.name}', 'For Ann'],
    ['Tags {parameters.tags}', 'Tags ["a"]'],
    ['A {parameters.missing} and {parameters.buyer.missing.deep}', 'A (none) and (none)'],
    ['No {parameters.none}', 'No null'],
    ['Own {parameters.constructor}', 'Own data'],
    ['Inherited {parameters.toString}', 'Inherited (none)'],
    ['No place at all', 'No place at all'],
  ])('%s: %s', (text, shown) => {
    expect(filled(text)).toBe(shown);
  });

  test.each<[text: string, problem: string]>([
    ['{parameter.amount}', '0: {parameter.amount} is no place'],
    ['Refund {amount}', '7: {amount} is no place'],
    ['Refund {parameters.}', '7: {parameters.} is no place'],
    ['Refund {}', '7: {} is no place'],
    ['Refund {parameters.amount', '7: a brace opens'],
    ['Refund }', '7: a brace opens'],
    ['{{resource}}', '0: a brace opens'],
    ['{parameters.a b}', '0: {parameters.a b} is no place'],
    ['x'.repeat(121), '0: longer than 120 characters'],
  ])('%s is refused', (text, problem) => {
    expect(filled(text)).toContain(problem);
  });

  test('names the parameters that it shows', () => {
    const reading = readTitle('{parameters.a.b} {resource} {parameters.c}');
    expect(reading.kind === 'title' && parametersIn(reading.title)).toEqual([['a', 'b'], ['c']]);
  });

  test.each<[title: string, value: string, shown: string]>([
    ['a place in it', '{resource}', 'Refund "{resource}"'],
    ['a line of its own', 'one\ntwo', 'Refund "one\\ntwo"'],
    ['a turn of direction', '\u202eevil', 'Refund "\\u{202e}evil"'],
    ['a mention', '<!channel>', 'Refund "<!channel>"'],
    ['words that go on with the title', 'nothing, as agreed', 'Refund "nothing, as agreed"'],
    ['the end of its quotes', '1" of "x', 'Refund "1\\" of \\"x"'],
    ['nothing', '', 'Refund ""'],
    ['more than a card holds', 'x'.repeat(500), `Refund ${'x'.repeat(59)}…`],
    ['more words than a card holds', 'x y'.repeat(500), `Refund "${'x y'.repeat(19)}x …"`],
  ])('a value with %s stays a value', (_title, value, shown) => {
    expect(filled('Refund {parameters.value}', { value })).toBe(shown);
  });

  test('has no hidden character and no second line, whatever fills it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (value) => {
        const shown = filled('Refund {parameters.value} now', { value });
        expect(shown).toMatch(/^Refund .* now$/u);
        expect(shown).not.toMatch(/[\p{C}\u2028\u2029]/u);
        // One word, or quotes that nothing within them ends.
        expect(shown).toMatch(/^Refund (?:[\p{L}\p{N}+-][^\s"]*|"(?:[^"\\]|\\.|…)*") now$/u);
      }),
    );
  });
});
