// Durations as the policy file and the commands write them: there and back, and what is none.

import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { formatDuration, parseDuration } from '../../src/policy/duration.ts';

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
