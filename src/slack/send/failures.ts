// What a failed call to Slack means for us: try again, give up, or draw something simpler. Says nothing to anybody.
// Codes: https://docs.slack.dev/reference/methods/chat.postMessage#errors and the pages of the other methods.

import { WebAPIHTTPError, WebAPIPlatformError, WebAPIRateLimitedError, WebAPIRequestError } from '@slack/web-api';

export type SendFailure =
  /** Worth another try, not before `retry_after_ms` where Slack says so. `is_doubtful`: the first try may have had its effect. */
  | {
      readonly kind: 'retryable';
      readonly code: string;
      readonly retry_after_ms: number | null;
      readonly is_doubtful: boolean;
    }
  | { readonly kind: 'permanent'; readonly code: string }
  /** The blocks are not what Slack takes: send something simpler. */
  | { readonly kind: 'blocks_refused'; readonly code: string };

const BLOCK_CODES: readonly string[] = [
  'invalid_blocks',
  'invalid_blocks_format',
  'msg_blocks_too_long',
  'block_mismatch',
];

/** Slack's own faults. A token may be refused for a moment too, so that is tried again until the request is over. */
const PASSING_CODES: readonly string[] = [
  'accesslimited',
  'account_inactive',
  'internal_error',
  'invalid_auth',
  'not_authed',
  'ratelimited',
  'rate_limited',
  'request_timeout',
  'service_unavailable',
  'team_added_to_org',
  'token_expired',
  'token_revoked',
];

/** The failure that this error stands for; what is not Slack's is thrown on. */
export function failureOf(error: unknown): SendFailure {
  if (error instanceof WebAPIRateLimitedError) {
    return { kind: 'retryable', code: 'ratelimited', retry_after_ms: error.retryAfter * 1_000, is_doubtful: false };
  }
  if (error instanceof WebAPIHTTPError) return doubtful(`http_${error.statusCode}`);
  if (error instanceof WebAPIRequestError) return doubtful('request_failed');
  if (error instanceof WebAPIPlatformError) return platformFailure(error.data.error);
  throw error;
}

function platformFailure(code: string): SendFailure {
  if (BLOCK_CODES.includes(code)) return { kind: 'blocks_refused', code };
  // Slack says of this one that the call may have had an effect.
  if (code === 'fatal_error') return doubtful(code);
  if (PASSING_CODES.includes(code)) return { kind: 'retryable', code, retry_after_ms: null, is_doubtful: false };
  return { kind: 'permanent', code };
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
