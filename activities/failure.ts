// Turns what went wrong into a failure that may stand in a history: a code and a fixed text, never a cause (INV-8).

import { ApplicationFailure } from '@temporalio/common';
import { PlacetError } from '../src/domain/errors.ts';

/** Slack asked to wait, or could not be reached: try again, not before the time that it named. */
export class SlackUnavailable extends Error {
  readonly retry_after_ms: number | null;
  readonly code: string;

  constructor(code: string, retry_after_ms: number | null) {
    super('Slack could not take a message');
    this.code = code;
    this.retry_after_ms = retry_after_ms;
  }
}

/** Always throws; retries are left to the workflow's policy, but for the wait that Slack names. */
export function toFailure(error: unknown): never {
  if (error instanceof SlackUnavailable) {
    throw ApplicationFailure.create({
      message: error.message,
      type: error.code,
      ...(error.retry_after_ms === null ? {} : { nextRetryDelay: error.retry_after_ms }),
    });
  }
  const type = error instanceof PlacetError ? error.code : 'internal';
  const isGone = error instanceof PlacetError && error.code === 'not_found';
  throw ApplicationFailure.create({ message: 'the activity failed', type, nonRetryable: isGone });
}
