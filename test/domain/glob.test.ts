// Whether one text can match two patterns, beside every text of a small alphabet.

import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { canBothMatch, matchesGlob } from '../../src/domain/policy/glob.ts';

const patterns = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 5 });
const texts = (length: number): string[] =>
  length === 0 ? [''] : texts(length - 1).flatMap((text) => [text, `${text}a`, `${text}b`]);
const ALL = [...new Set(texts(8))];

test('two patterns can both match exactly when some text matches both', () => {
  fc.assert(
    fc.property(patterns, patterns, (a, b) => {
      expect(canBothMatch(a, b)).toBe(ALL.some((text) => matchesGlob(a, text) && matchesGlob(b, text)));
    }),
    { numRuns: 500 },
  );
});
