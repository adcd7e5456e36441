// Grants and leases as data, and the rules of claim and use. One answer each, so that no door has its own.

import type { CredentialSpec, RequestState } from '../request/request.ts';

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

export type ClaimRefusal =
  | 'not_approved'
  | 'no_credential'
  | 'already_claimed'
  | 'result_already_reported'
  | 'claim_expired'
  | 'quorum_lost';

/** Why a claim is refused, or null when it may go on. */
export function claimRefusal(
  facts: {
    readonly state: RequestState;
    readonly grant: Grant | null;
    readonly has_quorum: boolean;
    readonly has_result: boolean;
  },
  now: Date,
): ClaimRefusal | null {
  if (facts.state !== 'approved') return 'not_approved';
  if (facts.grant === null) return 'no_credential';
  if (facts.grant.redeemed_at !== null) return 'already_claimed';
  if (facts.has_result) return 'result_already_reported';
  if (facts.grant.claim_expires_at.getTime() <= now.getTime()) return 'claim_expired';
  if (!facts.has_quorum) return 'quorum_lost';
  return null;
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
