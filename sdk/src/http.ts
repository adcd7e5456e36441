// One HTTP call to the approval API, repeated where docs/errors.md says "again: yes", with growing waits and an end. What is
// repeated here is safe to repeat: reads, and writes that the server does at most once; a claim is not, see client.ts.
import { setTimeout as sleepFor } from 'node:timers/promises';
import { PlacetApiError, PlacetUnreachableError } from './api-error.ts';

export type RetryOptions = {
  /** Attempts in all; 6 by default, about 12 s. */
  readonly attemptsMax?: number;
  /** The first pause in milliseconds, doubled each time up to 5 s, half of it by chance; 500 by default. */
  readonly delayMs?: number;
};

export type Api = {
  readonly url: string;
  readonly bearer: string;
  readonly scheme: 'Bearer' | 'DPoP';
  readonly fetch: typeof fetch;
  readonly retry: Required<RetryOptions>;
};

export type Call = {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
  /** How long the server may take on purpose (long poll), beyond the usual. */
  readonly waitSeconds?: number;
  readonly attemptsMax?: number;
};

const ATTEMPTS_MAX = 6;
const DELAY_MS = 500;
const DELAY_MS_MAX = 5_000;
/** A server that asks for more patience than this is reported to the caller instead of waited for. */
const RETRY_AFTER_SECONDS_MAX = 60;
/** Above the server's own limit for one operation. */
const ANSWER_TIMEOUT_MS = 15_000;
/** Of an answer that does not say `retryable`: what docs/errors.md calls again. */
const RETRY_CODES: ReadonlySet<string> = new Set([
  ...[
    'internal',
    'polled_too_soon',
    'rate_limited',
    'receipt_not_ready',
    'request_pending',
    'request_timeout',
    'unavailable',
  ],
]);
/** Answers that say "later" by their status: from a proxy in front of the API, too. */
const RETRY_STATUS: ReadonlySet<number> = new Set([408, 425, 429, 502, 503, 504]);

type ApiParts = {
  readonly url: string;
  readonly bearer: string;
  readonly scheme?: 'Bearer' | 'DPoP' | undefined;
  readonly fetch?: typeof fetch | undefined;
  readonly retry?: RetryOptions | undefined;
};

/** The API at `url` for the holder of `bearer`. */
export function createApi({ url, bearer, scheme = 'Bearer', fetch = globalThis.fetch, retry = {} }: ApiParts): Api {
  if (typeof bearer !== 'string' || bearer === '') throw new TypeError('a key or credential is required');
  const { href } = new URL(url);
  const all = { attemptsMax: retry.attemptsMax ?? ATTEMPTS_MAX, delayMs: retry.delayMs ?? DELAY_MS };
  return { url: href.endsWith('/') ? href.slice(0, -1) : href, bearer, scheme, fetch, retry: all };
}

/** The answer's JSON; throws PlacetApiError, PlacetUnreachableError, or the signal's reason. */
export async function callApi<T>(api: Api, call: Call): Promise<T> {
  const attempts_max = call.attemptsMax ?? api.retry.attemptsMax;
  for (let attempt = 1; ; attempt += 1) {
    call.signal?.throwIfAborted();
    try {
      return (await callOnce(api, call)) as T;
    } catch (error) {
      call.signal?.throwIfAborted();
      const pause_ms = pauseAfter(api, error, attempt);
      if (pause_ms === undefined || attempt >= attempts_max) throw error;
      await pause(pause_ms, call.signal);
    }
  }
}

/** Sleeps; throws the signal's reason when it is aborted. */
export async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  await sleepFor(ms, undefined, { signal }).catch(() => signal?.throwIfAborted());
}

/** Milliseconds to wait after the failure of this attempt, or undefined when a retry cannot help. */
export function pauseAfter(api: Pick<Api, 'retry'>, error: unknown, attempt: number): number | undefined {
  if (!isAgain(error)) return undefined;
  const backoff_ms = Math.min(api.retry.delayMs * 2 ** (attempt - 1), DELAY_MS_MAX);
  // By chance, so that a thousand agents do not come back in the same moment, whatever they were all told.
  const spread_ms = (Math.random() * backoff_ms) / 2;
  const asked_seconds = error instanceof PlacetApiError ? (error.retryAfterSeconds ?? 0) : 0;
  if (asked_seconds > RETRY_AFTER_SECONDS_MAX) return undefined;
  return Math.max(asked_seconds * 1_000, backoff_ms / 2) + spread_ms;
}

/** True when the same call may succeed later: no answer, or one that is called "again: yes". */
function isAgain(error: unknown): boolean {
  if (error instanceof PlacetUnreachableError) return true;
  if (!(error instanceof PlacetApiError)) return false;
  const { retryable } = error.problem;
  if (typeof retryable === 'boolean') return retryable;
  // A 500 may be for good, so its code decides.
  return RETRY_CODES.has(error.code) || RETRY_STATUS.has(error.status);
}

async function callOnce(api: Api, call: Call): Promise<unknown> {
  const deadline = AbortSignal.timeout(ANSWER_TIMEOUT_MS + (call.waitSeconds ?? 0) * 1_000);
  const body = call.body === undefined ? undefined : JSON.stringify(call.body);
  let response: Response;
  let text: string;
  try {
    response = await api.fetch(`${api.url}${call.path}`, {
      method: call.method,
      headers: {
        accept: 'application/json, application/problem+json',
        authorization: `${api.scheme} ${api.bearer}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...call.headers,
      },
      ...(body === undefined ? {} : { body }),
      signal: call.signal === undefined ? deadline : AbortSignal.any([call.signal, deadline]),
      // The bearer goes to the API that was named and to nobody else.
      redirect: 'error',
    });
    text = await response.text();
  } catch (cause) {
    throw new PlacetUnreachableError(cause);
  }
  return readAnswer(response, text);
}

function readAnswer(response: Response, text: string): unknown {
  const document = parse(text);
  if (response.ok && document !== undefined) return document;
  throw new PlacetApiError(response.status, document ?? {}, retryAfter(response));
}

function parse(text: string): { readonly [name: string]: unknown } | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

/** Seconds from a Retry-After header, in either of its forms (RFC 9110 section 10.2.3). */
function retryAfter(response: Response): number | undefined {
  const value = response.headers.get('retry-after');
  if (value === null) return undefined;
  const seconds = /^\d{1,9}$/.test(value) ? Number(value) : (Date.parse(value) - Date.now()) / 1_000;
  return Number.isNaN(seconds) ? undefined : Math.max(0, seconds);
}
