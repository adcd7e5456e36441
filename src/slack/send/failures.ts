// What a failed call to Slack means for us: try again at once, try again slowly, or draw something simpler. Says nothing to
// anybody. Which error means what stands in slack-errors.ts.

import { WebAPIHTTPError, WebAPIPlatformError, WebAPIRateLimitedError, WebAPIRequestError } from '@slack/web-api';
import { isAboutBlocks, meaningOf } from './slack-errors.ts';

export type SendFailure =
  /** Worth another try, not before `retry_after_ms` where Slack says so. `is_doubtful`: the first try may have had its effect. */
  | {
      readonly kind: 'retryable';
      readonly code: string;
      readonly retry_after_ms: number | null;
      readonly is_doubtful: boolean;
    }
  /** Slack does not take it as things are: worth another try only once somebody has changed something. */
  | { readonly kind: 'refused'; readonly code: string }
  /** The blocks are not what Slack takes: send something simpler. */
  | { readonly kind: 'blocks_refused'; readonly code: string };

/** The failure that this error stands for; what is not Slack's is thrown on. */
export function failureOf(error: unknown, method: string): SendFailure {
  if (error instanceof WebAPIRateLimitedError) {
    return { kind: 'retryable', code: 'ratelimited', retry_after_ms: error.retryAfter * 1_000, is_doubtful: false };
  }
  if (error instanceof WebAPIHTTPError) return doubtful(`http_${error.statusCode}`);
  if (error instanceof WebAPIRequestError) return doubtful('request_failed');
  if (error instanceof WebAPIPlatformError) return platformFailure(error.data.error, method);
  throw error;
}

function platformFailure(code: string, method: string): SendFailure {
  if (isAboutBlocks(code)) return { kind: 'blocks_refused', code };
  // Slack says of these that the call may have had an effect.
  if (code === 'fatal_error' || code === 'internal_error') return doubtful(code);
  if (meaningOf(method, code) !== 'moment') return { kind: 'refused', code };
  return { kind: 'retryable', code, retry_after_ms: null, is_doubtful: false };
}

function doubtful(code: string): SendFailure {
  return { kind: 'retryable', code, retry_after_ms: null, is_doubtful: true };
}

/** Slack asked to wait, or could not be reached: try again, not before the time that it named. */
export class SlackUnavailable extends Error {
  readonly retry_after_ms: number | null;
  readonly code: string;

  constructor(code: string, retry_after_ms: number | null) {
    super('Slack could not take a message');
    this.name = 'SlackUnavailable';
    this.code = code;
    this.retry_after_ms = retry_after_ms;
  }
}
