// The part of the fold that comes after the approval: the grant, each of its uses, and how they went. Pure.

import type { Lease, Revocation } from '../credential/lease.ts';
import { type Change, committedValue, type FoldedRequest, isOver, type OpenedEvent, shown } from './fold-input.ts';

export const granted: Change = (folded, event) => {
  const { id: request_id, state, digest, credential } = folded.request;
  if (state !== 'approved' || credential === null || folded.grant !== null) return 'nothing is to be granted';
  const { grant_id: id, uses_max, claim_expires_at, ends_at } = shown(event, 'grant.created');
  const times = { claim_expires_at: new Date(claim_expires_at), ends_at: ends_at === null ? null : new Date(ends_at) };
  const counts = { uses_max, redeemed_at: null, redemptions: 0, uses: 0 };
  return { ...folded, grant: { id, request_id, digest, credential, ...times, ...counts } };
};

export const issued: Change = (folded, event) => {
  const { grant, request, leases, execution, results } = folded;
  const { lease_id: id, occurred_at } = event;
  const { grant_id, use, jkt, issued_at, expires_at } = shown(event, 'credential.issued');
  if (grant === null || grant.id !== grant_id || id === undefined) return 'it is issued without a grant';
  if (folded.revocation !== null) return 'it is issued after it was revoked';
  if (execution !== null || (grant.redemptions === 0 && results.length > 0)) return 'it is issued after it ran';
  if (grant.redemptions >= grant.uses_max || use !== grant.redemptions + 1)
    return 'it is issued more often than was approved';
  if (leases.at(-1)?.state === 'active') return 'it is issued beside another one';
  if (isOver(grant.claim_expires_at, event)) return 'it is issued after its time';
  const times = { issued_at: new Date(issued_at), expires_at: new Date(expires_at), used_at: null };
  if (grant.ends_at !== null && times.expires_at > grant.ends_at) return 'it lasts longer than was approved';
  const lease: Lease = {
    ...{ id, grant_id, request_id: request.id, digest: request.digest, use, jkt, state: 'active', ...times },
    idempotency_key: committedValue(event, 'idempotency_key') as string | null,
  };
  const counted = { redemptions: use, redeemed_at: grant.redeemed_at ?? occurred_at };
  return { ...folded, grant: { ...grant, ...counted }, leases: [...leases, lease] };
};

/** The same lease given again changes nothing; only the last one can be, while it is good. */
export const repeated: Change = (folded, event) => {
  const lease = folded.leases.at(-1);
  const isGood = lease?.id === event.lease_id && lease?.state === 'active' && !isOver(lease.expires_at, event);
  return isGood ? folded : 'a lease is given again that is not good any more';
};

export const used: Change = (folded, event) => {
  const { grant } = folded;
  const ended = endLease(folded, event, 'used');
  if (typeof ended === 'string' || grant === null) return ended;
  return { ...ended, grant: { ...grant, uses: grant.uses + 1 } };
};

export const expired: Change = (folded, event) => endLease(folded, event, 'expired');
export const leaseRevoked: Change = (folded, event) => endLease(folded, event, 'revoked');

export const revoked: Change = (folded, event) => {
  const { request, leases, revocation } = folded;
  const { kind, id } = event.actor;
  if (request.state !== 'approved') return 'it is revoked though it gave nothing';
  if (revocation !== null) return 'it is revoked a second time';
  if (leases.at(-1)?.state === 'active') return 'it is revoked beside a live lease';
  // A name from elsewhere stands behind a commitment.
  const by_id = id ?? (committedValue(event, 'actor') as string);
  const account = committedValue(event, 'account') as string | null;
  return {
    ...folded,
    revocation: { by_kind: kind as Revocation['by_kind'], by_id, account, revoked_at: event.occurred_at },
  };
};

type Ended = Exclude<Lease['state'], 'active'>;

function endLease(folded: FoldedRequest, event: OpenedEvent, state: Ended): FoldedRequest | string {
  // The ones before it have ended, or it could not have been issued.
  const lease = folded.leases.at(-1);
  if (lease === undefined || !folded.leases.some(({ id }) => id === event.lease_id))
    return 'the lease was never issued';
  if (lease.id !== event.lease_id || lease.state !== 'active') return 'the lease has ended for good';
  if (isOver(lease.expires_at, event) !== (state === 'expired')) return `the lease is ${state} at the wrong time`;
  const ended = { ...lease, state, used_at: state === 'used' ? event.occurred_at : null };
  return { ...folded, leases: [...folded.leases.slice(0, -1), ended] };
}

export const started: Change = (folded, event) => {
  const { request, grant, leases, results } = folded;
  if (request.state !== 'approved') return 'it is begun without an approval';
  if (folded.revocation !== null) return 'it is begun after it was revoked';
  if (folded.execution !== null || leases.length > 0 || results.length > 0) return 'it is begun a second time';
  const execution = {
    idempotency_key: committedValue(event, 'idempotency_key') as string,
    digest: request.digest,
    started_at: event.occurred_at,
  };
  const counted = { redeemed_at: event.occurred_at, redemptions: 1, uses: 1 };
  return { ...folded, execution, grant: grant === null ? null : { ...grant, ...counted } };
};

export const reported: Change = (folded, event) => {
  const { request, leases, results } = folded;
  if (request.state !== 'approved') return 'a result is reported without an approval';
  const { status, use } = shown(event, 'result.reported');
  if (results.some((result) => result.use === use)) return 'a result is reported a second time';
  if (use < 1 || use > Math.max(leases.length, 1)) return 'a result is reported of a use that was never claimed';
  const lease = leases.find((each) => each.use === use);
  if (status === 'succeeded' && lease !== undefined && lease.state !== 'used') return 'it ran without its credential';
  const result = {
    ...{ use, status, reported_at: event.occurred_at },
    detail: committedValue(event, 'detail') as string | null,
    result_digest: committedValue(event, 'result_digest') as string | null,
  };
  return { ...folded, results: [...results, result].sort((a, b) => a.use - b.use) };
};
