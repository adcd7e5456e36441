// The agent's side: ask, wait, claim, report. Holds the agent key and no other state, so that a request made by one
// process can be awaited by another.
import { randomUUID } from 'node:crypto';
import { PlacetApiError, PlacetChangedError, PlacetTimeoutError } from './api-error.ts';
import { actionDigest } from './digest.ts';
import { type Gate, type GateOptions, gateWith } from './gate.ts';
import { type Guard, guardWith } from './guard.ts';
import { type Api, callApi, createApi, pause, pauseAfter, type RetryOptions } from './http.ts';
import { saltsOf } from './mask.ts';
import type { ApprovalAsk, Cancellable, Operations, ResultReport } from './operations.ts';
import { type ProofKey, signProof } from './proof.ts';
import { createMask, type Mask, type MaskRule, maskKey, SECRET_RULES } from './secret-mask.ts';
import type {
  ApprovalRequest,
  ClaimedCredential,
  ExecutionResult,
  RequestPage,
  Revoked,
  StartedExecution,
} from './types.ts';

/** A client of the approval API. */
export type Placet = Operations & {
  /** Wraps a function so that it runs only once it is approved. */
  readonly guard: Guard;
  /** What stands between an agent framework and its tools: asks for each call, and lets it run once it is approved. */
  readonly gate: (options?: GateOptions) => Gate;
  /** What guard and gate mask with, for whoever calls the operations itself; by SECRET_RULES unless others are given. */
  readonly mask: (rules?: readonly MaskRule[]) => Mask;
};

/** One long poll; half of what the server allows, so that proxies with a minute's patience do no harm. */
const POLL_SECONDS = 30;
/** The longest a request can be pending, and a little. */
const WAIT_SECONDS_MAX = 86_400 + 300;
/** While people decide there is time: an outage is borne ten times as long as in other calls, about five minutes. */
const WAIT_PATIENCE = 10;

/**
 * A client of the approval API at `url`, acting as the agent whose key it is given, sent as a bearer token (RFC 6750). Each call
 * throws PlacetApiError with the `code` of the problem (RFC 9457), PlacetUnreachableError after its retries, or its signal's
 * reason. Throws TypeError for a `url` that is none and for an empty key.
 */
export function createPlacet(options: {
  readonly url: string;
  readonly apiKey: string;
  /** The key that claims are bound to where a rule says `sender: dpop`; see createProofKey. */
  readonly proofKey?: ProofKey;
  readonly fetch?: typeof fetch;
  readonly retry?: RetryOptions;
}): Placet {
  const api = createApi({ ...options, bearer: options.apiKey });
  const client: Operations = {
    request: (ask, options = {}) => submit(api, ask, options),
    get: (id, { waitSeconds = 0, signal } = {}) => getRequest(api, { id, waitSeconds, signal }),
    list: (filter = {}) =>
      callApi<RequestPage>(api, { method: 'GET', path: `/v1/approval-requests${toQuery(filter)}` }),
    waitForDecision: (id, options = {}) => waitForDecision(api, id, options),
    cancel: (id) => callApi<ApprovalRequest>(api, { method: 'POST', path: pathOf(id, '/cancel') }),
    claim: (id, claiming = {}) => claim(api, id, { proofKey: options.proofKey, ...claiming }),
    start: (id, digest, options = {}) => start(api, id, { ...options, digest }),
    revoke: (id) => revoke(api, id),
    report: (id, result) => reportResult(api, id, result),
  };
  const key = maskKey(options.apiKey);
  return {
    ...client,
    guard: guardWith(client, key),
    gate: gateWith(client, key),
    mask: (rules = SECRET_RULES) => createMask(key, rules),
  };
}

async function revoke(api: Api, id: string): Promise<Revoked> {
  const path = pathOf(id, '/revoke');
  return (await callApi<{ readonly revocation: Revoked }>(api, { method: 'POST', path })).revocation;
}

async function submit(api: Api, ask: ApprovalAsk, options: { idempotencyKey?: string } & Cancellable) {
  const { action, resource, parameters = {} } = ask;
  // Digested first: what the API would refuse, or JSON.stringify would drop in silence, is an error of the caller.
  const envelope = { action, resource, parameters };
  actionDigest(envelope);
  const request = await callApi<ApprovalRequest>(api, {
    method: 'POST',
    path: '/v1/approval-requests',
    headers: { 'idempotency-key': options.idempotencyKey ?? randomUUID() },
    body: toBody({ ...ask, parameters }),
    signal: options.signal,
  });
  if (request.digest !== actionDigest(envelope, saltsOf(request))) throw new PlacetChangedError();
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

/** The key is kept over the retries: a claim whose answer was lost is answered with the same lease, while it is unused. */
async function claim(
  api: Api,
  id: string,
  { idempotencyKey, proofKey, signal }: ClaimOptions,
): Promise<ClaimedCredential> {
  const call = { method: 'POST', path: pathOf(id, '/credential'), signal } as const;
  const key = { 'idempotency-key': idempotencyKey ?? randomUUID() };
  if (proofKey === undefined) return callApi<ClaimedCredential>(api, { ...call, headers: key });
  const { method, path } = call;
  const url = `${api.url}${path}`;
  let nonce: string | undefined;
  // A proof is good once, and the server says which nonce it must bear: each try has one of its own.
  for (let attempt = 1; ; attempt += 1) {
    const dpop = await signProof(proofKey, { method, url, ...(nonce === undefined ? {} : { nonce }) });
    try {
      return await callApi<ClaimedCredential>(api, { ...call, headers: { ...key, dpop }, attemptsMax: 1 });
    } catch (error) {
      signal?.throwIfAborted();
      const fresh = error instanceof PlacetApiError && error.code === NONCE_NEEDED ? error.problem['nonce'] : undefined;
      if (typeof fresh === 'string' && nonce !== fresh) nonce = fresh;
      else {
        const pause_ms = pauseAfter(api, error, attempt);
        if (pause_ms === undefined || attempt >= api.retry.attemptsMax) throw error;
        await pause(pause_ms, signal);
      }
    }
  }
}

const NONCE_NEEDED = 'dpop_nonce_needed';

type ClaimOptions = Cancellable & { readonly idempotencyKey?: string; readonly proofKey?: ProofKey | undefined };
type StartOptions = Cancellable & { readonly digest: string; readonly idempotencyKey?: string };

/** The key is kept over the retries, so that a lost answer is given again. */
async function start(api: Api, id: string, options: StartOptions): Promise<StartedExecution> {
  const answer = await callApi<{ execution: StartedExecution }>(api, {
    method: 'POST',
    path: pathOf(id, '/execution'),
    headers: { 'idempotency-key': options.idempotencyKey ?? randomUUID() },
    body: { digest: options.digest },
    signal: options.signal,
  });
  // Anything but a plain yes is a no, such as the page of a proxy that answers 200 to all.
  if (typeof answer.execution?.started_at !== 'string') throw new PlacetApiError(200, {});
  return answer.execution;
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
