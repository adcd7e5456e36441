// Guards the pauses between two attempts: they grow, differ by chance, keep to Retry-After, and have an end.
import { describe, expect, test } from '@jest/globals';
import { PlacetApiError, PlacetUnreachableError } from '../src/api-error.ts';
import { pauseAfter } from '../src/http.ts';

const api = { retry: { attemptsMax: 6, delayMs: 500 } };
const busy = (seconds?: number) => new PlacetApiError(503, { code: 'unavailable', retryable: true }, seconds);
const pauses = (error: unknown, attempt: number): number[] =>
  Array.from({ length: 200 }, () => pauseAfter(api, error, attempt) ?? Number.NaN);

describe.each([
  [1, 250, 500],
  [2, 500, 1_000],
  [3, 1_000, 2_000],
  [4, 2_000, 4_000],
  [5, 2_500, 5_000],
  [60, 2_500, 5_000],
])('after attempt %i', (attempt, least, most) => {
  test.each([
    ['no answer came', new PlacetUnreachableError(null)],
    ['it is down', busy()],
  ])('%s: from half of the wait to all of it', (_name, error) => {
    const all = pauses(error, attempt);
    expect(Math.min(...all)).toBeGreaterThanOrEqual(least);
    expect(Math.max(...all)).toBeLessThanOrEqual(most);
    expect(new Set(all).size).toBeGreaterThan(100);
  });
});

test.each([1, 2, 30, 60])('a Retry-After of %i s is kept, and nobody comes back at that very moment', (seconds) => {
  const all = pauses(busy(seconds), 1);
  expect(Math.min(...all)).toBeGreaterThanOrEqual(seconds * 1_000);
  expect(Math.max(...all)).toBeLessThanOrEqual(seconds * 1_000 + 250);
  expect(new Set(all).size).toBeGreaterThan(100);
});

test.each<[string, unknown]>([
  ['a Retry-After beyond a minute', busy(61)],
  ['what is final', new PlacetApiError(503, { code: 'later', retryable: false })],
  ['a refusal', new PlacetApiError(409, { code: 'conflict' })],
  ['an error of our own', new TypeError('no')],
])('%s is not waited for', (_name, error) => {
  expect(pauseAfter(api, error, 1)).toBeUndefined();
});
