// What Temporal keeps of an error: a code, never its text, cause or frames.

import { describe, expect, test } from '@jest/globals';
import { toFailure } from '../../activities/failure.ts';
import { PlacetError } from '../../src/domain/errors.ts';
import { SlackUnavailable } from '../../src/slack/send/failures.ts';

describe('failures as Temporal keeps them', () => {
  const canary = 'canary-51ce';
  test.each([
    ['an unknown error', new Error(canary, { cause: new Error(canary) }), { type: 'internal', nonRetryable: false }],
    [
      'one of ours',
      new PlacetError('unavailable', { canary }, new Error(canary)),
      { type: 'unavailable', nonRetryable: false },
    ],
    ['what no retry can help', new PlacetError('not_found', { canary }), { type: 'not_found', nonRetryable: true }],
    [
      'a wait that Slack asks for',
      new SlackUnavailable('ratelimited', 7_000),
      { type: 'slack_ratelimited', nextRetryDelay: 7_000 },
    ],
    ['no error at all', canary, { type: 'internal', nonRetryable: false }],
  ])('%s leaves as a code, without its text, cause or frames (INV-8)', (_title, error, expected) => {
    const failure = toFailure(error);
    expect(failure).toMatchObject(expected);
    expect(failure.cause).toBeUndefined();
    expect(`${failure.stack} ${failure.message} ${JSON.stringify(failure)}`).not.toContain(canary);
    expect(failure.stack).not.toContain('/');
  });
});
