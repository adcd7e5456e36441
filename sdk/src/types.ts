// The documents of the approval API, exactly as they come over the wire (snake_case, times as RFC 3339 text).
// What callers hand to this SDK is lowerCamel; what the API answers is passed on untouched.
import type { MaskedValue } from './canonical.ts';
import type { JsonValue } from './json.ts';

export type RequestState = 'pending' | 'approved' | 'denied' | 'expired' | 'cancelled';

export type Decision = {
  readonly person: { readonly id: string; readonly name: string; readonly email: string };
  readonly decision: 'approve' | 'deny';
  readonly reason: string | null;
  /** Which stage it is about, from 0. */
  readonly stage: number;
  readonly at: string;
};

export type Stage = {
  readonly approvers: readonly string[];
  readonly quorum: number;
  /** Each of its groups needs a person of its own as well. */
  readonly each: boolean;
  /** Groups that an escalation added. */
  readonly added: readonly string[];
  /** Distinct people who have approved it so far. */
  readonly approvals: number;
  /** Full; the one that waits, or in which the request ended; not reached. */
  readonly state: 'done' | 'now' | 'then';
};

export type ExecutionResult = {
  readonly status: 'succeeded' | 'failed';
  readonly detail: string | null;
  readonly result_digest: string | null;
  readonly reported_at: string;
};

export type LeaseView = {
  readonly id: string;
  readonly state: 'active' | 'used' | 'expired' | 'revoked';
  readonly expires_at: string;
  readonly used_at: string | null;
};

export type StartedExecution = { readonly started_at: string };

/** What was given back, and when; `unchanged` when it was before. */
export type Revoked = {
  readonly kind: 'revoked' | 'unchanged';
  readonly request_id: string;
  readonly lease_id: string | null;
  readonly revoked_at: string;
};

export type Outcome = {
  readonly state: Exclude<RequestState, 'pending'>;
  readonly at: string;
  readonly by: readonly string[];
  readonly reason: string | null;
  readonly claim_expires_at: string | null;
  /** How often its credential may be had and was, and when all of it ends; null where none is granted. */
  readonly grant: {
    readonly uses_max: number;
    readonly redemptions: number;
    readonly uses: number;
    readonly ends_at: string | null;
  } | null;
  /** Of the use that was claimed last, as the result is. */
  readonly lease: LeaseView | null;
  /** Begun without a credential; null when it was not, or its credential was claimed. */
  readonly execution: StartedExecution | null;
  /** That what it gave was taken back, when and by whom: the action is not to run any more. */
  readonly revocation: { readonly at: string; readonly by: string } | null;
  readonly result: ExecutionResult | null;
};

export type ApprovalRequest = {
  readonly id: string;
  readonly state: RequestState;
  readonly action: string;
  readonly resource: string;
  readonly parameters: { readonly [name: string]: JsonValue };
  /**
   * What stands for parameters that the policy masks, by name; null where it masks none. Their values are kept nowhere. Only the
   * answer to the ask, and to its repeats, has the salts.
   */
  readonly masked: { readonly [name: string]: MaskedValue & { readonly salt: string | null } } | null;
  readonly justification: string | null;
  readonly on_behalf_of: string | null;
  readonly digest: string;
  readonly created_at: string;
  readonly expires_at: string | null;
  readonly requirement: {
    readonly stages: readonly Stage[];
    /** Nobody counts in two stages. */
    readonly distinct_stages: boolean;
    /** Whether whoever approves must say why. */
    readonly reason: 'required' | 'optional';
    /** Whether approving takes a second look. */
    readonly confirm: boolean;
  } | null;
  readonly policy: {
    readonly version: string | null;
    readonly number: number | null;
    readonly rule: string | null;
    readonly effect: 'allow' | 'require' | 'deny';
  };
  readonly credential: {
    readonly type: 'jwt';
    readonly audience: string;
    readonly scopes: readonly string[];
    readonly lifetime_seconds: number;
    /** Bound to a key of the agent; left out where whoever bears it may use it. */
    readonly sender?: 'dpop';
    /** How often it may be had under one approval, each time for one use; left out where it is once. */
    readonly uses?: number;
    readonly window_seconds?: number;
    readonly claim_within_seconds?: number;
  } | null;
  /** How the policy has cards present the action; null where it says nothing of it. */
  readonly presentation: {
    readonly title: string | null;
    readonly risk: 'low' | 'medium' | 'high' | null;
    readonly show: readonly string[];
  } | null;
  readonly decisions: readonly Decision[];
  readonly outcome: Outcome | null;
  /** That people cannot be asked, or could not before it expired: Slack shows them no card. Null otherwise. */
  readonly undeliverable: {
    readonly since: string;
    readonly groups: readonly { readonly name: string; readonly channel: string; readonly error: string | null }[];
  } | null;
};

export type ClaimedCredential = {
  readonly credential: { readonly type: 'jwt'; readonly token: string };
  readonly lease: { readonly id: string; readonly expires_at: string };
};

export type SpentLease = { readonly id: string; readonly state: 'used'; readonly used_at: string };

export type RequestPage = { readonly items: readonly ApprovalRequest[]; readonly next_cursor: string | null };
