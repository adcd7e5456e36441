// What this door needs from the rest of the program: the use cases, a log. Types only.

import type { ExecutionResult } from '../domain/credential/lease.ts';
import type { AgentPrincipal } from '../domain/people/principal.ts';
import type { RequestState } from '../domain/request/request.ts';
import type { Claimed } from '../service/agent/claim.ts';
import type { Page } from '../service/agent/read.ts';
import type { RequestView } from '../service/agent/request-view.ts';
import type { Submission } from '../service/agent/submit.ts';
import type { Report, Reporter, Used } from '../service/agent/use.ts';

type ListQuery = { readonly state?: RequestState; readonly limit: number; readonly cursor?: string };

/** The use cases behind this door. Each throws PlacetError, and `unavailable` when a dependency is down. */
export type ApiDeps = {
  readonly authenticate: (bearer: string | undefined) => Promise<AgentPrincipal>;
  readonly submit: (caller: AgentPrincipal, submission: Submission) => Promise<RequestView>;
  readonly readRequest: (caller: AgentPrincipal, id: string) => Promise<RequestView>;
  readonly listRequests: (caller: AgentPrincipal, query: ListQuery) => Promise<Page>;
  /** Returns when the state leaves pending, after `wait_seconds`, or soon after `signal` fires: then with the state as it is. */
  readonly awaitDecision: (
    caller: AgentPrincipal,
    id: string,
    wait_seconds: number,
    signal: AbortSignal,
  ) => Promise<RequestView>;
  readonly cancel: (caller: AgentPrincipal, id: string) => Promise<RequestView>;
  readonly claim: (caller: AgentPrincipal, id: string) => Promise<Claimed>;
  readonly use: (input: {
    readonly lease_id: string;
    readonly token: string;
    readonly digest: string;
  }) => Promise<Used>;
  readonly report: (who: Reporter, id: string, result: Report) => Promise<ExecutionResult>;
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
