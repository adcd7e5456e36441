// The errors of the client and the tool side. After any of them the guarded action has not been run by this call.
import type { ApprovalRequest, ExecutionResult, LeaseView, Outcome } from './types.ts';

/** The API answered with a problem (RFC 9457): `code` is the stable name of it, `problem` the whole document. */
export class PlacetApiError extends Error {
  readonly code: string;
  readonly status: number;
  readonly retryAfterSeconds: number | undefined;
  readonly problem: { readonly [name: string]: unknown };

  constructor(status: number, problem: { readonly [name: string]: unknown }, retryAfterSeconds?: number) {
    const code = typeof problem['code'] === 'string' ? problem['code'] : 'unexpected_answer';
    const title =
      typeof problem['title'] === 'string' ? problem['title'] : 'The answer is not one of the approval API.';
    super(`${[title, ...remedyOf(problem)].join(' ')} (${code}, ${status})`);
    this.name = 'PlacetApiError';
    this.code = code;
    this.status = status;
    this.problem = problem;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** The first field that is wrong, or the answer's own detail. */
function remedyOf({ errors, detail }: { readonly [name: string]: unknown }): string[] {
  const [first] = Array.isArray(errors) ? errors : [];
  if (typeof first?.path === 'string' && typeof first.message === 'string') return [`${first.path} ${first.message}.`];
  return typeof detail === 'string' ? [`${detail.charAt(0).toUpperCase()}${detail.slice(1)}.`] : [];
}

/** No answer came, in spite of retries; `cause` is the last network error. */
export class PlacetUnreachableError extends Error {
  readonly code = 'unreachable';
  constructor(cause: unknown) {
    super('The approval API cannot be reached.', { cause });
    this.name = 'PlacetUnreachableError';
  }
}

/** The wait is over on the caller's side and the request is still pending. */
export class PlacetTimeoutError extends Error {
  readonly code = 'wait_timeout';
  readonly requestId: string;
  constructor(requestId: string) {
    super(`No decision on ${requestId} in the time given.`);
    this.name = 'PlacetTimeoutError';
    this.requestId = requestId;
  }
}

/** What would run is not what was asked for: an argument changed during the wait, or the server digested otherwise. */
export class PlacetChangedError extends Error {
  readonly code = 'action_changed';
  constructor() {
    super('The action is not the one that was asked for.');
    this.name = 'PlacetChangedError';
  }
}

/** The request ended without approval: `code` says how, `reason` and `by` why and through whom, where people said so. */
export class PlacetDeniedError extends Error {
  readonly code: 'denied' | 'expired' | 'cancelled';
  readonly reason: string | null;
  readonly by: readonly string[];
  readonly request: ApprovalRequest;

  constructor(code: 'denied' | 'expired' | 'cancelled', request: ApprovalRequest) {
    const reason = request.outcome?.reason ?? null;
    super(`${request.action} on ${request.resource} was not approved: ${code}${reason === null ? '' : ` (${reason})`}`);
    this.name = 'PlacetDeniedError';
    this.code = code;
    this.reason = reason;
    this.by = request.outcome?.by ?? [];
    this.request = request;
  }
}

const GUARD_KEY =
  'guard needs an idempotencyKey of 1 to 255 printable ASCII characters: the id of the job, workflow run or tool call.';

/** `guard` was given no key, or none that the API takes; or a gate no run or call id: nothing was asked. */
export class PlacetKeyError extends Error {
  readonly code = 'idempotency_key_missing';
  constructor(message = GUARD_KEY) {
    super(message);
    this.name = 'PlacetKeyError';
  }
}

/**
 * The approval was acted on before, by an earlier call with its key, and is not acted on again. `already_executed`: `result`
 * is what was reported then. `claimed_elsewhere`: somebody took it, and how that went was never reported; a person has to
 * look whether the action ran. `lease` and `startedAt` say what is known.
 */
export class PlacetSpentError extends Error {
  readonly code: 'already_executed' | 'claimed_elsewhere';
  readonly request: ApprovalRequest;
  readonly result: ExecutionResult | null;
  readonly lease: LeaseView | null;
  readonly startedAt: string | null;

  constructor(request: ApprovalRequest) {
    const { result = null, lease = null, execution = null } = request.outcome ?? {};
    super(`${request.action} on ${request.resource} (${request.id}) ${describe({ result, lease, execution })}`);
    this.name = 'PlacetSpentError';
    this.code = result === null ? 'claimed_elsewhere' : 'already_executed';
    this.request = request;
    this.result = result;
    this.lease = lease;
    this.startedAt = execution?.started_at ?? null;
  }
}

function describe({ result, lease, execution }: Pick<Outcome, 'result' | 'lease' | 'execution'>): string {
  if (result !== null) return `was already executed: it ${result.status} at ${result.reported_at}.`;
  const look = 'and no result was reported: look whether it ran before asking again under another key.';
  if (execution !== null) return `was started at ${execution.started_at}, ${look}`;
  if (lease?.used_at) return `had its credential used at ${lease.used_at}, ${look}`;
  if (lease?.state === 'active') return `has its credential claimed, which may be used until ${lease.expires_at}.`;
  return 'had its credential claimed and never spent; ask again under another key.';
}
