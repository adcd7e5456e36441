// The model's revocation: what is left of an approval is taken back by its agent, once and for good.

import type { GiveBack } from './calls.ts';
import { type Answered, change, count } from './doors.ts';
import type { State } from './world.ts';

/** A call of an agent whose key was good: a live lease is taken back, or what may still be claimed or begun. */
export function giveBack(state: State, { by, agent }: GiveBack): Answered {
  const { request } = state;
  if (request === null || by !== agent) return { state, answer: 'not_found' };
  if (request.is_revoked) return { state, answer: 'unchanged' };
  if (request.state !== 'approved') return { state, answer: 'not_approved' };
  const isLive = request.lease === 'active' && !request.is_lease_over;
  const isUnclaimed = request.lease === null && request.result === null && !request.is_claim_window_over;
  if (!isLive && !isUnclaimed) return { state, answer: 'nothing_to_revoke' };
  const revoked = change(state, { is_revoked: true, lease: isLive ? 'revoked' : null });
  return { state: count(revoked, 'approval.revoked', ...(isLive ? ['lease.revoked'] : [])), answer: 'revoked' };
}
