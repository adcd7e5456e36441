// Turns what went wrong into a failure that may stand in a history: a code and a fixed text, never a cause (INV-8).

import { ApplicationFailure } from '@temporalio/common';
import { ERRORS, PlacetError } from '../src/domain/errors.ts';
import { SlackUnavailable } from '../src/slack/send/failures.ts';

/** The failure that Temporal may keep. What a retry cannot help is not retried; Slack's own wait is kept. */
export function toFailure(error: unknown): ApplicationFailure {
  const failure = error instanceof SlackUnavailable ? fromSlack(error) : fromOther(error);
  // Frames name this machine's folders, and the log has them.
  failure.stack = `${failure.name}: ${failure.message}`;
  return failure;
}

function fromSlack({ message, code, retry_after_ms }: SlackUnavailable): ApplicationFailure {
  const wait = retry_after_ms === null ? {} : { nextRetryDelay: Math.max(retry_after_ms, 1) };
  return ApplicationFailure.create({ message, type: `slack_${code}`, ...wait });
}

function fromOther(error: unknown): ApplicationFailure {
  const type = error instanceof PlacetError ? error.code : 'internal';
  return ApplicationFailure.create({ message: ERRORS[type].title, type, nonRetryable: !ERRORS[type].retryable });
}
