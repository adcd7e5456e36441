// What an agent asks for and can have done by the API. Types only, in lowerCamel; what the API answers is in types.ts.
import type { ActionEnvelope } from './canonical.ts';
import type { ApprovalRequest, ClaimedCredential, ExecutionResult, RequestPage, RequestState } from './types.ts';

export type CredentialAsk = {
  readonly audience: string;
  readonly scopes: readonly string[];
  /** 30 to 900; the rule may grant less than it is asked for. */
  readonly lifetimeSeconds: number;
};

export type ApprovalAsk = {
  readonly action: ActionEnvelope['action'];
  readonly resource: ActionEnvelope['resource'];
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

/** A call that its caller may give up. */
export type Cancellable = { readonly signal?: AbortSignal | undefined };

/** What an agent can have done by the API. */
export type Operations = {
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
};
