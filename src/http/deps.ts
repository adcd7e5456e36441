// What this door needs from the rest of the program: the use cases, a log. Types only.

import type { ExecutionResult } from '../domain/lease.ts';
import type { CredentialSpec, JsonObject, RequestState } from '../domain/request.ts';

/** The authenticated agent behind an agent key. */
export type Caller = {
  readonly tenant_id: string;
  readonly agent_id: string;
  readonly name: string;
  readonly environment: string;
  readonly owner_person_id: string;
  readonly key_id: string;
};

/** What an agent asks for, parsed; whatever it left out is null. */
type Ask = {
  readonly action: string;
  readonly resource: string;
  readonly parameters: JsonObject;
  readonly justification: string | null;
  readonly on_behalf_of: string | null;
  readonly timeout_seconds: number | null;
  readonly credential: CredentialSpec | null;
};

export type Submission = {
  readonly idempotency_key: string;
  /** SHA-256 over the canonical bytes of the whole body: the same body again gives the same 32 bytes. */
  readonly body_digest: Uint8Array;
  readonly ask: Ask;
};

type ListQuery = { readonly state?: RequestState; readonly limit: number; readonly cursor?: string };

type At = { readonly at: Date; readonly reason: string | null };

/** An approval request as its requester reads it: the resource of the wire, times as Dates. */
export type RequestView = Omit<Ask, 'timeout_seconds'> & {
  readonly id: string;
  readonly state: RequestState;
  readonly digest: string;
  readonly created_at: Date;
  readonly expires_at: Date | null;
  readonly requirement: {
    readonly stages: readonly { readonly approvers: readonly string[]; readonly quorum: number }[];
  } | null;
  readonly policy: {
    readonly version: string | null;
    readonly number: number | null;
    readonly rule: string | null;
    readonly effect: 'allow' | 'require' | 'deny';
  };
  readonly decisions: readonly (At & {
    readonly person: { readonly id: string; readonly name: string; readonly email: string };
    readonly decision: 'approve' | 'deny';
  })[];
  readonly outcome:
    | (At & {
        readonly state: 'approved' | 'denied' | 'expired' | 'cancelled';
        readonly by: readonly string[];
        readonly claim_expires_at: Date | null;
        readonly lease: {
          readonly id: string;
          readonly state: 'active' | 'used' | 'expired' | 'revoked';
          readonly expires_at: Date;
          readonly used_at: Date | null;
        } | null;
        readonly result: ExecutionResult | null;
      })
    | null;
};

/** Either proof that the reporter may speak for this request. */
export type Reporter = { readonly caller: Caller } | { readonly token: string };

type ReportedResult = {
  readonly status: 'succeeded' | 'failed';
  readonly detail: string | null;
  readonly result_digest: string | null;
};

/** The use cases behind this door. Each throws PlacetError, and `unavailable` when a dependency is down. */
export type ApiDeps = {
  readonly authenticate: (bearer: string | undefined) => Promise<Caller>;
  readonly submit: (caller: Caller, submission: Submission) => Promise<RequestView>;
  readonly readRequest: (caller: Caller, id: string) => Promise<RequestView>;
  readonly listRequests: (
    caller: Caller,
    query: ListQuery,
  ) => Promise<{ readonly items: readonly RequestView[]; readonly next_cursor: string | null }>;
  /** Returns when the state leaves pending, after `wait_seconds`, or soon after `signal` fires: then with the state as it is. */
  readonly awaitDecision: (
    caller: Caller,
    id: string,
    wait_seconds: number,
    signal: AbortSignal,
  ) => Promise<RequestView>;
  readonly cancel: (caller: Caller, id: string) => Promise<RequestView>;
  readonly claim: (
    caller: Caller,
    id: string,
  ) => Promise<{ readonly token: string; readonly lease: { readonly id: string; readonly expires_at: Date } }>;
  readonly use: (spent: {
    readonly lease_id: string;
    readonly token: string;
    readonly digest: string;
  }) => Promise<{ readonly id: string; readonly state: 'used'; readonly used_at: Date }>;
  readonly report: (who: Reporter, id: string, result: ReportedResult) => Promise<ExecutionResult>;
  readonly listJwks: () => Promise<{ readonly keys: readonly object[] }>;
  /** True when the database answers. */
  readonly isReady: () => Promise<boolean>;
};

/** One line per event; the fields are ids and facts, never headers or bodies. */
export type ApiLog = {
  readonly [level in 'debug' | 'info' | 'warn' | 'error']: (
    message: string,
    fields?: Readonly<Record<string, unknown>>,
  ) => void;
};
