// Durations as the policy file and the commands write them: there and back, and what is none.

import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { formatDuration, meantDuration, parseDuration } from '../../src/policy/duration.ts';

test('every duration is written in its shortest form and read back the same', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 10_000_000 }),
      (seconds) => parseDuration(formatDuration(seconds)) === seconds,
    ),
  );
});

test.each(['', ' 5m', '5', '5 m', '-5m', '5m1h', '1.5h', '5M', 'm', '5mm', '１m'])('"%s" is no duration', (text) => {
  expect(parseDuration(text)).toBeNull();
});

test.each([
  ['10 min', '10m'],
  ['10 minutes', '10m'],
  ['1hour', '1h'],
  ['1 hour 30 minutes', '1h30m'],
  ['1h 30m', '1h30m'],
  ['90 seconds', '1m30s'],
  ['1.5h', '1h30m'],
  ['PT10M', '10m'],
  ['P1DT2H', '1d2h'],
  ['00:10:00', '10m'],
  ['600', '10m'],
  ['600s ', '10m'],
  ['5M', '5m'],
  ['2 days', '2d'],
  ['1 week', '7d'],
  ['1 day and 2 hours', '1d2h'],
  ['“10m”', '10m'],
  ['１０m', '10m'],
  ['5m1h', '1h5m'],
])('"%s" probably means %s', (text, meant) => {
  expect(meantDuration(text)).toBe(meant);
  expect(parseDuration(meant)).not.toBeNull();
});

test.each(['', 'soon', '-5m', '0', '10 months', '1 year', 'm', '10', 'ten minutes', '1.5s', '10x', '5 m or so'])(
  '"%s" is anybody’s guess, or plain',
  (text) => {
    expect(meantDuration(text)).toBe(text === '10' ? '10s' : null);
  },
);
