// The agent's side: ask, wait, claim, report. Holds the agent key and no other state, so that a request made by one
// process can be awaited by another.
import { randomUUID } from 'node:crypto';
import { PlacetChangedError, PlacetTimeoutError } from './api-error.ts';
import type { ActionEnvelope } from './canonical.ts';
import { actionDigest } from './digest.ts';
import { type Guard, guardWith } from './guard.ts';
import { type Api, callApi, createApi, pause, type RetryOptions } from './http.ts';
import type { ApprovalRequest, ClaimedCredential, ExecutionResult, RequestPage, RequestState } from './types.ts';

export type CredentialAsk = {
  readonly audience: string;
  readonly scopes: readonly string[];
  /** 30 to 900; the rule may grant less than it is asked for. */
  readonly lifetimeSeconds: number;
};

export type ApprovalAsk = {
  readonly action: string;
  readonly resource: string;
  readonly parameters?: ActionEnvelope['parameters'];
  readonly justification?: string | undefined;
  /** The e-mail address of the person whom the agent works for; that person never counts as an approver. */
  readonly onBehalfOf?: string | undefined;
  /** How long people have to decide, 1 to 86,400. */
  readonly timeoutSeconds?: number | undefined;
  readonly credential?: CredentialAsk | undefined;
};

export type ResultReport = {
  readonly status: 'succeeded' | 'failed';
  readonly detail?: string | undefined;
  readonly resultDigest?: string | undefined;
};

type Cancellable = { readonly signal?: AbortSignal | undefined };

export type Placet = {
  /** Asks; repeats itself safely, since it keeps one Idempotency-Key (the caller's, else its own) over its retries. */
  readonly request: (ask: ApprovalAsk, options?: Cancellable & { idempotencyKey?: string }) => Promise<ApprovalRequest>;
  /** Reads a request; with `waitSeconds` (0 to 60) the answer comes once it is no longer pending, or after that time. */
  readonly get: (id: string, options?: Cancellable & { waitSeconds?: number }) => Promise<ApprovalRequest>;
  /** The caller's own requests, newest first, a page at a time. */
  readonly list: (filter?: { state?: RequestState; limit?: number; cursor?: string }) => Promise<RequestPage>;
  /** Waits until the request is no longer pending; throws PlacetTimeoutError after `timeoutSeconds` (default: a day). */
  readonly waitForDecision: (
    id: string,
    options?: Cancellable & { timeoutSeconds?: number },
  ) => Promise<ApprovalRequest>;
  readonly cancel: (id: string) => Promise<ApprovalRequest>;
  /** Takes the credential of an approved request: once, ever. */
  readonly claim: (id: string, options?: Cancellable) => Promise<ClaimedCredential>;
  /** Tells how the action went. */
  readonly report: (id: string, result: ResultReport) => Promise<ExecutionResult>;
  /** Wraps a function so that it runs only once it is approved. */
  readonly guard: Guard;
};

/** One long poll; half of what the server allows, so that proxies with a minute's patience do no harm. */
const POLL_SECONDS = 30;
/** The longest a request can be pending, and a little. */
const WAIT_SECONDS_MAX = 86_400 + 300;
/** While people decide there is time: an outage is borne ten times as long as in other calls, about five minutes. */
const WAIT_PATIENCE = 10;

/** A client of the approval API at `url`, acting as the agent whose key it is given. */
export function createPlacet(options: {
  readonly url: string;
  readonly apiKey: string;
  readonly fetch?: typeof fetch;
  readonly retry?: RetryOptions;
}): Placet {
  const api = createApi({ ...options, bearer: options.apiKey });
  const client: Omit<Placet, 'guard'> = {
    request: (ask, given = {}) => submit(api, ask, given),
    get: (id, { waitSeconds = 0, signal } = {}) => getRequest(api, { id, waitSeconds, signal }),
    list: (filter = {}) =>
      callApi<RequestPage>(api, { method: 'GET', path: `/v1/approval-requests${toQuery(filter)}` }),
    waitForDecision: (id, given = {}) => waitForDecision(api, id, given),
    cancel: (id) => callApi<ApprovalRequest>(api, { method: 'POST', path: pathOf(id, '/cancel') }),
    claim: (id, { signal } = {}) =>
      callApi<ClaimedCredential>(api, { method: 'POST', path: pathOf(id, '/credential'), signal }),
    report: (id, result) => reportResult(api, id, result),
  };
  return { ...client, guard: guardWith(client) };
}

async function submit(api: Api, ask: ApprovalAsk, given: { idempotencyKey?: string } & Cancellable) {
  const { action, resource, parameters = {} } = ask;
  // Digested first: what the API would refuse, or JSON.stringify would drop in silence, is an error of the caller.
  const digest = actionDigest({ action, resource, parameters });
  const request = await callApi<ApprovalRequest>(api, {
    method: 'POST',
    path: '/v1/approval-requests',
    headers: { 'idempotency-key': given.idempotencyKey ?? randomUUID() },
    body: toBody({ ...ask, parameters }),
    signal: given.signal,
  });
  if (request.digest !== digest) throw new PlacetChangedError();
  return request;
}

/** JSON.stringify leaves out what is undefined. */
function toBody(ask: ApprovalAsk) {
  const { action, resource, parameters, justification, credential } = ask;
  return {
    action,
    resource,
    parameters,
    justification,
    on_behalf_of: ask.onBehalfOf,
    timeout_seconds: ask.timeoutSeconds,
    credential: credential && {
      type: 'jwt',
      audience: credential.audience,
      scopes: credential.scopes,
      lifetime_seconds: credential.lifetimeSeconds,
    },
  };
}

type GetInput = Cancellable & { id: string; waitSeconds: number; attemptsMax?: number };

function getRequest(api: Api, { id, waitSeconds, ...rest }: GetInput): Promise<ApprovalRequest> {
  const query = waitSeconds > 0 ? toQuery({ wait_seconds: waitSeconds }) : '';
  return callApi<ApprovalRequest>(api, { method: 'GET', path: pathOf(id, query), waitSeconds, ...rest });
}

type WaitInput = Cancellable & { timeoutSeconds?: number };

async function waitForDecision(api: Api, id: string, { timeoutSeconds, signal }: WaitInput): Promise<ApprovalRequest> {
  const deadline = AbortSignal.timeout(Math.min(timeoutSeconds ?? WAIT_SECONDS_MAX, WAIT_SECONDS_MAX) * 1_000);
  const either = signal === undefined ? deadline : AbortSignal.any([signal, deadline]);
  const attemptsMax = api.retry.attemptsMax * WAIT_PATIENCE;
  try {
    for (;;) {
      const request = await getRequest(api, { id, waitSeconds: POLL_SECONDS, signal: either, attemptsMax });
      if (request.state !== 'pending') return request;
      // For a server or proxy that answers at once instead of holding the poll.
      await pause(api.retry.delayMs, either);
    }
  } catch (error) {
    if (deadline.aborted && !signal?.aborted) throw new PlacetTimeoutError(id);
    throw error;
  }
}

async function reportResult(api: Api, id: string, result: ResultReport): Promise<ExecutionResult> {
  const answer = await callApi<{ result: ExecutionResult }>(api, {
    method: 'POST',
    path: pathOf(id, '/result'),
    body: { status: result.status, detail: result.detail, result_digest: result.resultDigest },
  });
  return answer.result;
}

function pathOf(id: string, rest: string): string {
  return `/v1/approval-requests/${encodeURIComponent(id)}${rest}`;
}

function toQuery(values: Readonly<Record<string, string | number | undefined>>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) if (value !== undefined) query.set(name, String(value));
  return query.size === 0 ? '' : `?${query}`;
}
