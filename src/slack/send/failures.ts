// What a failed call to Slack means for us: try again at once, try again slowly, or draw something simpler. Says nothing to
// anybody. Which error means what stands in slack-errors.ts.

import { WebAPIHTTPError, WebAPIPlatformError, WebAPIRateLimitedError, WebAPIRequestError } from '@slack/web-api';
import { WAIT_SECONDS_DEFAULT, waitSeconds } from './http.ts';
import { isAboutBlocks, isLimit, meaningOf } from './slack-errors.ts';

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
  if (error instanceof WebAPIRateLimitedError) return limited(error.retryAfter);
  if (error instanceof WebAPIHTTPError) {
    const { 'retry-after': named } = error.headers as { readonly 'retry-after'?: string };
    return doubtful(`http_${error.statusCode}`, waitSeconds(named, Date.now()));
  }
  if (error instanceof WebAPIRequestError) return doubtful('request_failed');
  if (error instanceof WebAPIPlatformError) return platformFailure(error.data, method);
  throw error;
}

function platformFailure({ error: code, response_metadata }: WebAPIPlatformError['data'], method: string): SendFailure {
  // Slack names no error without a word for it; whether the call had an effect is not known then.
  if (typeof code !== 'string' || code === '') return doubtful('no_error_code');
  if (isLimit(code)) return limited(response_metadata?.['retryAfter']);
  if (isAboutBlocks(code)) return { kind: 'blocks_refused', code };
  // Slack says of these that the call may have had an effect.
  if (code === 'fatal_error' || code === 'internal_error') return doubtful(code);
  if (meaningOf(method, code) !== 'moment') return { kind: 'refused', code };
  return { kind: 'retryable', code, retry_after_ms: null, is_doubtful: false };
}

function doubtful(code: string, wait_seconds: number | null = null): SendFailure {
  const retry_after_ms = wait_seconds === null ? null : wait_seconds * 1_000;
  return { kind: 'retryable', code, retry_after_ms, is_doubtful: true };
}

/** A limit waits in any case, so that those who wait behind it do not each call in vain. */
function limited(named: unknown): SendFailure {
  const seconds = typeof named === 'number' ? named : WAIT_SECONDS_DEFAULT;
  return { kind: 'retryable', code: 'ratelimited', retry_after_ms: seconds * 1_000, is_doubtful: false };
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
