// Grants and leases as data, and the rules of claim and use. One answer each, so that no door has its own.

import type { CredentialSpec, RequestState } from '../request/request.ts';
import { CLAIM_WINDOW_SECONDS } from './scope.ts';

export const LEASE_STATES = ['active', 'used', 'expired', 'revoked'] as const;
export type LeaseState = (typeof LEASE_STATES)[number];

export type Grant = {
  readonly id: string;
  readonly request_id: string;
  readonly digest: string;
  readonly credential: CredentialSpec;
  readonly claim_expires_at: Date;
  readonly redeemed_at: Date | null;
};

export type Lease = {
  readonly id: string;
  readonly grant_id: string;
  readonly request_id: string;
  readonly digest: string;
  readonly state: LeaseState;
  readonly issued_at: Date;
  readonly expires_at: Date;
  readonly used_at: Date | null;
};

export type ExecutionResult = {
  readonly status: 'succeeded' | 'failed';
  readonly detail: string | null;
  readonly result_digest: string | null;
  readonly reported_at: Date;
};

/** The action's own running under an approval, where no credential is claimed: begun once, for what is about to run. */
export type Execution = { readonly idempotency_key: string; readonly digest: string; readonly started_at: Date };

export type ClaimRefusal =
  | 'not_approved'
  | 'no_credential'
  | 'already_claimed'
  | 'already_started'
  | 'result_already_reported'
  | 'claim_expired'
  | 'quorum_lost';

/** Why a claim is refused, or null when it may go on. */
export function claimRefusal(
  facts: {
    readonly state: RequestState;
    readonly grant: Grant | null;
    readonly execution: Execution | null;
    readonly has_quorum: boolean;
    readonly has_result: boolean;
  },
  now: Date,
): ClaimRefusal | null {
  if (facts.state !== 'approved') return 'not_approved';
  if (facts.grant === null) return 'no_credential';
  // Both redeem the grant: which of them it was is told by the execution.
  if (facts.execution !== null) return 'already_started';
  if (facts.grant.redeemed_at !== null) return 'already_claimed';
  if (facts.has_result) return 'result_already_reported';
  if (facts.grant.claim_expires_at.getTime() <= now.getTime()) return 'claim_expired';
  if (!facts.has_quorum) return 'quorum_lost';
  return null;
}

export type StartRefusal = Exclude<ClaimRefusal, 'no_credential'> | 'digest_mismatch';

/**
 * Why an execution without a credential may not begin, or null. An approval is for now, so it has the same time as a claim,
 * whether its rule grants a credential or not; and it is for one action: `digest` is of what is about to run.
 */
export function startRefusal(
  facts: Parameters<typeof claimRefusal>[0] & {
    readonly approved_at: Date | null;
    readonly approved_digest: string;
    readonly digest: string;
  },
  now: Date,
): StartRefusal | null {
  if (facts.state !== 'approved' || facts.approved_at === null) return 'not_approved';
  if (facts.digest !== facts.approved_digest) return 'digest_mismatch';
  if (facts.execution !== null) return 'already_started';
  if (facts.grant?.redeemed_at) return 'already_claimed';
  if (facts.has_result) return 'result_already_reported';
  if (facts.approved_at.getTime() + CLAIM_WINDOW_SECONDS * 1_000 <= now.getTime()) return 'claim_expired';
  return facts.has_quorum ? null : 'quorum_lost';
}

export type UseRefusal =
  | 'already_used'
  | 'lease_expired'
  | 'lease_revoked'
  | 'digest_mismatch'
  | 'result_already_reported';

/** Why a use is refused, or null when the lease may be spent. A wrong digest does not spend it; nothing runs after its result. */
export function useRefusal(
  lease: Lease & { readonly has_result: boolean },
  digest: string,
  now: Date,
): UseRefusal | null {
  if (digest !== lease.digest) return 'digest_mismatch';
  switch (lease.state) {
    case 'used':
      return 'already_used';
    case 'revoked':
      return 'lease_revoked';
    case 'expired':
      return 'lease_expired';
    case 'active':
      if (lease.has_result) return 'result_already_reported';
      return lease.expires_at.getTime() <= now.getTime() ? 'lease_expired' : null;
  }
}
