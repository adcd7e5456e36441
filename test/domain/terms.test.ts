// The terms of a credential: how often and until when, what follows where nothing is said, and what two rules say together.

import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  CLAIM_WINDOW_SECONDS,
  claimSecondsOf,
  commonTerms,
  endsOf,
  isOnce,
  type Terms,
  usesOf,
} from '../../src/domain/credential/terms.ts';

const NOW = new Date('2030-01-01T00:00:00Z');
const LIFE = { lifetime_seconds: 300 };
const later = (seconds: number) => new Date(NOW.getTime() + seconds * 1_000);

describe('what follows where nothing is said', () => {
  test.each<[string, Omit<Terms, 'lifetime_seconds'>, number, number | null]>([
    ['five minutes, once, and no end of its own', {}, CLAIM_WINDOW_SECONDS, null],
    ['a shorter time to claim', { claim_within_seconds: 60 }, 60, null],
    ['a longer one', { claim_within_seconds: 3_600 }, 3_600, null],
    ['the whole window', { uses: 3, window_seconds: 14_400 }, 14_400, 14_400],
    ['less of the window', { uses: 3, window_seconds: 14_400, claim_within_seconds: 60 }, 60, 14_400],
    ['never beyond the window', { uses: 3, window_seconds: 60, claim_within_seconds: 3_600 }, 60, 60],
  ])('%s', (_title, some, claim_seconds, ends_seconds) => {
    expect(endsOf({ ...LIFE, ...some }, NOW)).toEqual({
      claim_expires_at: later(claim_seconds),
      ends_at: ends_seconds === null ? null : later(ends_seconds),
    });
  });

  test('only what is once and has no window is an approval of one run', () => {
    expect([isOnce(LIFE), isOnce({ ...LIFE, uses: 2 }), isOnce({ ...LIFE, window_seconds: 60 })]).toEqual([
      true,
      false,
      false,
    ]);
  });
});

const seconds = (min: number, max: number) => fc.option(fc.integer({ min, max }), { nil: undefined });
const terms: fc.Arbitrary<Terms> = fc
  .record({ uses: seconds(1, 100), window_seconds: seconds(60, 43_200), claim_within_seconds: seconds(30, 3_600) })
  .map((some) => ({ ...LIFE, ...(JSON.parse(JSON.stringify(some)) as object) }));

test('two rules together give no more of anything than either gives alone, in whatever order', () => {
  fc.assert(
    fc.property(terms, terms, (a, b) => {
      const both = { ...LIFE, ...commonTerms(a, b) };
      expect(commonTerms(b, a)).toEqual(commonTerms(a, b));
      for (const each of [a, b]) {
        expect(usesOf(both)).toBeLessThanOrEqual(usesOf(each));
        expect(claimSecondsOf(both)).toBeLessThanOrEqual(claimSecondsOf(each));
        const window = each.window_seconds ?? Number.POSITIVE_INFINITY;
        expect(both.window_seconds ?? Number.POSITIVE_INFINITY).toBeLessThanOrEqual(window);
      }
      expect(claimSecondsOf(both)).toBe(Math.min(claimSecondsOf(a), claimSecondsOf(b), both.window_seconds ?? 1e9));
    }),
  );
});
