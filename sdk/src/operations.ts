// What an agent asks for and can have done by the API. Types only, in lowerCamel; what the API answers is in types.ts.
import type { ActionEnvelope } from './canonical.ts';
import type {
  ApprovalRequest,
  ClaimedCredential,
  ExecutionResult,
  RequestPage,
  RequestState,
  Revoked,
  StartedExecution,
} from './types.ts';

export type CredentialAsk = {
  /** The exact name of the tool: an absolute URI without a fragment (claim `aud`, RFC 9068 section 3). */
  readonly audience: string;
  /** At least one, each a scope token (RFC 6749 section 3.3). */
  readonly scopes: readonly string[];
  /** Seconds, 30 to 900; more than the rule grants is refused (`credential_exceeds_policy`). */
  readonly lifetimeSeconds: number;
};

export type ApprovalAsk = {
  readonly action: ActionEnvelope['action'];
  readonly resource: ActionEnvelope['resource'];
  readonly parameters?: ActionEnvelope['parameters'];
  readonly justification?: string | undefined;
  /** The e-mail address of the person whom the agent works for; that person never counts as an approver. */
  readonly onBehalfOf?: string | undefined;
  /** How long people have to decide, in seconds, 1 to 86,400. */
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
  /** Ends a pending request, so that nobody is asked any more; PlacetApiError `not_pending` when it ended otherwise. */
  readonly cancel: (id: string) => Promise<ApprovalRequest>;
  /**
   * Takes the credential of an approved request, as often as its rule says, which is mostly once. It repeats itself safely under
   * one Idempotency-Key: a lost answer is given again within a minute, while nothing has become of it. `already_claimed` else.
   */
  readonly claim: (id: string, options?: Cancellable & { idempotencyKey?: string }) => Promise<ClaimedCredential>;
  /**
   * Begins an approved action without a credential, once, ever, with the digest of what is about to run (`digest_mismatch` when
   * that is not what was approved). The same key again is the same answer.
   */
  readonly start: (
    id: string,
    digest: string,
    options?: Cancellable & { idempotencyKey?: string },
  ) => Promise<StartedExecution>;
  /**
   * Gives back what an approval gave and is not needed any more: its live credential ends, and nothing more is claimed or begun
   * under it. Once more is harmless; PlacetApiError `nothing_to_revoke` when all of it was used or is over.
   */
  readonly revoke: (id: string) => Promise<Revoked>;
  /** Tells how the action went; the first result stands. */
  readonly report: (id: string, result: ResultReport) => Promise<ExecutionResult>;
};
