// Grants and leases as data, and the rules of claim and use. One answer each, so that no door has its own.

import type { CredentialSpec, RequestState } from '../request/request.ts';
import { CLAIM_WINDOW_SECONDS, isBound } from './terms.ts';

export const LEASE_STATES = ['active', 'used', 'expired', 'revoked'] as const;
export type LeaseState = (typeof LEASE_STATES)[number];

export type Grant = {
  readonly id: string;
  readonly request_id: string;
  readonly digest: string;
  readonly credential: CredentialSpec;
  readonly claim_expires_at: Date;
  /** When all that is opened under it ends; null where each lease ends by itself. */
  readonly ends_at: Date | null;
  readonly uses_max: number;
  /** When it was redeemed first, how often it was, and how many of those were used. */
  readonly redeemed_at: Date | null;
  readonly redemptions: number;
  readonly uses: number;
};

export type Lease = {
  readonly id: string;
  readonly grant_id: string;
  readonly request_id: string;
  readonly digest: string;
  /** Which use of its grant it is, from 1. */
  readonly use: number;
  /** Of the claim that it was issued for; null where that had none. */
  readonly idempotency_key: string | null;
  /** The thumbprint of the key that it is bound to; null where whoever bears it may use it. */
  readonly jkt: string | null;
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

type RevokerKind = 'agent' | 'person' | 'admin_token' | 'operator' | 'system';

/** That what an approval gave was taken back, for good: by whom, and when. */
export type Revocation = {
  readonly by_kind: RevokerKind;
  readonly by_id: string;
  /** The account that a person did it with. */
  readonly account: string | null;
  readonly revoked_at: Date;
};

/** Who took it back, in words. */
export function revokerText({ by_kind, name }: Pick<Revocation, 'by_kind'> & { readonly name: string | null }): string {
  switch (by_kind) {
    case 'agent':
    case 'person':
    case 'admin_token':
      return name ?? 'somebody unknown';
    case 'operator':
      return 'an operator';
    case 'system':
      return 'a kill switch';
  }
}

/** What stands against it by now, whoever approved. */
export type BarredCode = 'agent_revoked' | 'denied_by_policy';

export type ClaimRefusal =
  | BarredCode
  | 'dpop_proof_missing'
  | 'not_approved'
  | 'approval_revoked'
  | 'no_credential'
  | 'already_claimed'
  | 'already_started'
  | 'result_already_reported'
  | 'claim_expired'
  | 'quorum_lost';

type ClaimFacts = {
  readonly state: RequestState;
  readonly grant: Grant | null;
  /** The last one of the grant. */
  readonly lease: Lease | null;
  readonly execution: Execution | null;
  readonly revocation: Revocation | null;
  readonly has_quorum: boolean;
  /** A result stands for the use that was claimed last; or, before any, for the approval. */
  readonly has_result: boolean;
};

/** What a claim says of itself. */
export type ClaimKeys = {
  readonly idempotency_key: string | null;
  /** The thumbprint of the key whose proof came with it, or null. */
  readonly jkt: string | null;
};

/** After this long an answer is no longer awaited by anybody: the claim counts as taken. */
export const REPEAT_SECONDS_MAX = 60;

/**
 * True for a claim that comes again because its answer was lost: under the same key, by the same key of proofs where it is bound,
 * soon, while nothing has become of the lease. It is no second redemption.
 */
export function isRepeat(lease: Lease | null, { idempotency_key, jkt }: ClaimKeys, now: Date): boolean {
  if (lease === null || idempotency_key === null || lease.idempotency_key !== idempotency_key) return false;
  if (lease.jkt !== null && lease.jkt !== jkt) return false;
  const since_ms = now.getTime() - lease.issued_at.getTime();
  return isLive(lease, now) && since_ms < REPEAT_SECONDS_MAX * 1_000;
}

/** Why a claim is refused, or null when it may go on. */
export function claimRefusal(facts: ClaimFacts & ClaimKeys, now: Date): ClaimRefusal | null {
  const { grant, lease, idempotency_key } = facts;
  if (facts.state !== 'approved') return 'not_approved';
  if (facts.revocation !== null) return 'approval_revoked';
  if (grant === null) return 'no_credential';
  // Both redeem the grant: which of them it was is told by the execution.
  if (facts.execution !== null) return 'already_started';
  if (isBound(grant.credential) && facts.jkt === null) return 'dpop_proof_missing';
  if (!isRepeat(lease, facts, now)) {
    // Two live credentials of one grant never exist, and a key that was answered once is never answered with another lease.
    const isSameKey = idempotency_key !== null && lease?.idempotency_key === idempotency_key;
    if (grant.redemptions >= grant.uses_max || isLive(lease, now) || isSameKey) return 'already_claimed';
    if (facts.has_result && grant.redemptions === 0) return 'result_already_reported';
    if (grant.claim_expires_at.getTime() <= now.getTime()) return 'claim_expired';
  } else if (facts.has_result) return 'result_already_reported';
  return facts.has_quorum ? null : 'quorum_lost';
}

/** Neither used nor revoked, and its time is not over, whatever its row says of that. */
function isLive(lease: Lease | null, now: Date): boolean {
  return lease?.state === 'active' && lease.expires_at.getTime() > now.getTime();
}

/** True while another use of the grant may still be claimed. */
export function isClaimable(grant: Pick<Grant, 'redemptions' | 'uses_max' | 'claim_expires_at'>, now: Date): boolean {
  return grant.redemptions < grant.uses_max && grant.claim_expires_at.getTime() > now.getTime();
}

export type StartRefusal = Exclude<ClaimRefusal, 'no_credential' | 'dpop_proof_missing'> | 'digest_mismatch';

/**
 * Why an execution without a credential may not begin, or null. An approval is for now, so it has the same time as a claim,
 * whether its rule grants a credential or not; and it is for one action: `digest` is of what is about to run. It is one run,
 * however many uses its rule grants with a credential.
 */
export function startRefusal(
  facts: Omit<ClaimFacts, 'lease'> & {
    readonly approved_at: Date | null;
    readonly approved_digest: string;
    readonly digest: string;
  },
  now: Date,
): StartRefusal | null {
  if (facts.state !== 'approved' || facts.approved_at === null) return 'not_approved';
  if (facts.revocation !== null) return 'approval_revoked';
  if (facts.digest !== facts.approved_digest) return 'digest_mismatch';
  if (facts.execution !== null) return 'already_started';
  if (facts.grant?.redeemed_at) return 'already_claimed';
  if (facts.has_result) return 'result_already_reported';
  if (startsUntil(facts.grant, facts.approved_at).getTime() <= now.getTime()) return 'claim_expired';
  return facts.has_quorum ? null : 'quorum_lost';
}

/** Until when an execution without a credential may begin. */
function startsUntil(grant: Pick<Grant, 'claim_expires_at'> | null, approved_at: Date): Date {
  return grant?.claim_expires_at ?? new Date(approved_at.getTime() + CLAIM_WINDOW_SECONDS * 1_000);
}

/** True while a credential of it is live or may still be claimed, for whoever is shown that it can be taken back. */
export function isRevocable(
  facts: Omit<ClaimFacts, 'has_quorum'> & { readonly approved_at: Date | null },
  now: Date,
): boolean {
  return facts.grant !== null && facts.revocation === null && revokeRefusal(facts, now) === null;
}

export type RevokeRefusal = 'not_approved' | 'nothing_to_revoke';

/**
 * Why nothing is taken back, or null where something of the approval is left: a live lease, a use that may still be claimed, or a
 * start. What runs already is not stopped by it.
 */
export function revokeRefusal(
  facts: Omit<ClaimFacts, 'has_quorum' | 'revocation'> & { readonly approved_at: Date | null },
  now: Date,
): RevokeRefusal | null {
  const { grant, lease, execution, approved_at } = facts;
  if (facts.state !== 'approved' || approved_at === null) return 'not_approved';
  if (isLive(lease, now)) return null;
  const isBegun = execution !== null || (facts.has_result && (grant?.redemptions ?? 0) === 0);
  const isLeft = grant === null ? startsUntil(null, approved_at).getTime() > now.getTime() : isClaimable(grant, now);
  return isLeft && !isBegun ? null : 'nothing_to_revoke';
}

export type UseRefusal =
  | BarredCode
  | 'quorum_lost'
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
