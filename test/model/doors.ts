// The model's API: what each call of an agent or a tool answers, and what it changes. Rules as the documents tell them.

import type { AgentCall, AgentName, Result, TimeCall, ToolCall } from './calls.ts';
import { type Looked, syncMember } from './members.ts';
import { approvals } from './sentences.ts';
import { barred, peopleIn, type Request, type State } from './world.ts';

export type Answered = { readonly state: State; readonly answer: string };

/** A call of an agent whose key was good; a claim has learned before who is in the user group. */
export function agentCall(state: State, call: Exclude<AgentCall, { kind: 'create' }>, looked: Looked = {}): Answered {
  const { request } = state;
  if (request === null || call.by !== call.agent) return refuse(state, call.kind === 'list' ? 'absent' : 'not_found');
  switch (call.kind) {
    case 'get':
    case 'list':
      return { state, answer: viewOf(request) };
    case 'cancel':
      return cancel(state, request);
    case 'claim':
      return claim(state, request, { agent: call.agent, looked });
    case 'report':
      return report(state, request, call.result);
  }
}

/** A call with a credential as the only proof; the request has a lease, or it could not be made. A use asks as a claim does. */
export function toolCall(before: State, call: ToolCall, looked: Looked = {}): Answered {
  const { request } = before;
  if (request === null) return refuse(before, 'credential_invalid');
  if (!call.is_own) return refuse(count(before, 'credential.refused'), 'credential_invalid');
  if (call.kind === 'tool_report') return report(before, request, call.result);
  const certain = useRefusal(request, call.is_right_digest) ?? barred(before, request, call.agent);
  const state = certain === null ? listed(before, request, looked) : before;
  const code = certain ?? quorumRefusal(state, request);
  if (code !== null) return refuse(count(state, 'lease.use_refused'), code);
  return { state: count(change(state, { lease: 'used' }), 'lease.used'), answer: 'used' };
}

/** The end of a claim window or of a lease: only one that stands open, and once. */
export function endTime(state: State, { kind }: TimeCall): Answered {
  const { request } = state;
  if (kind === 'end_lease') {
    const isOpen = request?.lease === 'active' && !request.is_lease_over;
    return isOpen ? { state: change(state, { is_lease_over: true }), answer: 'ended' } : refuse(state, 'not open');
  }
  const isGranted = request?.state === 'approved' && request.credential !== null;
  const isOpen = isGranted && request.lease === null && !request.is_claim_window_over;
  return isOpen ? { state: change(state, { is_claim_window_over: true }), answer: 'ended' } : refuse(state, 'not open');
}

/** The row of a lease says by itself that its time is over; nothing else can have become of it by then. */
export function endLease(state: State): State {
  return count(change(state, { lease: 'expired' }), 'lease.expired');
}

/** The row expires by itself; null while it cannot. */
export function expire(state: State): State | null {
  if (!state.is_time_over || state.request?.state !== 'pending') return null;
  return count(change(state, { state: 'expired' }), 'approval_request.expired');
}

/** The request as every agent's door shows it, in one text. */
export function viewOf(request: Request): string {
  return JSON.stringify({ ...atCreation(request), ...shown(request) });
}

/** What the rows have in the end: all that is shown, each lease there is, each audit event. */
export function rowsOf({ request, events }: State): string {
  if (request === null) return 'absent';
  const { state, decisions, lease, result } = request;
  const made = decisions.map(({ person, choice, reason }) => [person, choice, reason]);
  const counts = Object.entries(events).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify({ state, decisions: made, leases: lease === null ? [] : [lease], result, events: counts });
}

/** The state with one more audit event of the request. */
export function count(state: State, ...types: readonly string[]): State {
  const events = { ...state.events };
  for (const type of types) events[type] = (events[type] ?? 0) + 1;
  return { ...state, events };
}

/** The state with its request changed. */
export function change(state: State, changes: Partial<Request>): State {
  return state.request === null ? state : { ...state, request: { ...state.request, ...changes } };
}

export function refuse(state: State, answer: string): Answered {
  return { state, answer };
}

function cancel(state: State, request: Request): Answered {
  if (request.state === 'cancelled') return { state, answer: viewOf(request) };
  if (request.state !== 'pending') return refuse(state, 'not_pending');
  const cancelled = count(change(state, { state: 'cancelled' }), 'approval_request.cancelled');
  return { state: cancelled, answer: viewOf({ ...request, state: 'cancelled' }) };
}

type Claiming = { readonly agent: AgentName; readonly looked: Looked };

function claim(before: State, request: Request, { agent, looked }: Claiming): Answered {
  const certain = claimRefusal(request) ?? barred(before, request, agent);
  const state = certain === null ? listed(before, request, looked) : before;
  const code = certain ?? quorumRefusal(state, request);
  if (code !== null) return refuse(count(state, 'grant.claim_refused'), code);
  return { state: count(change(state, { lease: 'active' }), 'credential.issued'), answer: 'claimed' };
}

/** What Slack said of those who decided is kept; where it was asked of another user group, it is asked again. */
function listed(state: State, request: Request, looked: Looked): State {
  const { slack: group } = state.dba;
  if (group === null || request.effect === 'allow' || !request.groups.includes('dba')) return state;
  const last = looked.group === group ? looked : { group, members: state.user_groups[group] };
  return request.decisions.reduce((known, { person }) => syncMember(known, person, last), state);
}

function quorumRefusal(state: State, request: Request): string | null {
  return request.effect === 'allow' || hasQuorumNow(state, request) ? null : 'quorum_lost';
}

function claimRefusal(request: Request): string | null {
  if (request.state !== 'approved') return 'not_approved';
  if (request.is_revoked) return 'approval_revoked';
  if (request.credential === null) return 'no_credential';
  if (request.lease !== null) return 'already_claimed';
  if (request.result !== null) return 'result_already_reported';
  return request.is_claim_window_over ? 'claim_expired' : null;
}

/** Those who approved are looked at again: who left the group since no longer counts. */
function hasQuorumNow(state: State, request: Request): boolean {
  const members = peopleIn(state, request.groups);
  const still = request.decisions.filter(({ person }) => members.includes(person));
  return approvals({ ...request, decisions: still }) >= request.quorum;
}

function useRefusal({ lease, result, is_lease_over }: Request, isRightDigest: boolean): string | null {
  if (!isRightDigest) return 'digest_mismatch';
  if (lease === 'used') return 'already_used';
  if (lease === 'revoked') return 'lease_revoked';
  if (lease === 'expired') return 'lease_expired';
  if (result !== null) return 'result_already_reported';
  return is_lease_over ? 'lease_expired' : null;
}

function report(state: State, request: Request, result: Result): Answered {
  const answer = JSON.stringify(result);
  if (request.result !== null) {
    return JSON.stringify(request.result) === answer ? { state, answer } : refuse(state, 'result_already_reported');
  }
  if (request.state !== 'approved') return refuse(state, 'not_approved');
  if (request.is_revoked && request.lease === null) return refuse(state, 'approval_revoked');
  if (result.status === 'succeeded' && request.lease === 'revoked') return refuse(state, 'lease_revoked');
  if (result.status === 'succeeded' && request.lease !== null && request.lease !== 'used')
    return refuse(state, 'lease_not_used');
  return { state: count(change(state, { result }), 'result.reported'), answer };
}

/** What a creation answers, whatever came of the request since. */
export function createdView(request: Request): string {
  const { effect } = request;
  const state = effect === 'require' ? 'pending' : effect === 'allow' ? 'approved' : 'denied';
  return viewOf({ ...request, state, decisions: [], lease: null, is_revoked: false, result: null });
}

function atCreation({ effect, rule, policy_number, groups, quorum, seconds, credential }: Request) {
  return { effect, rule, policy_number, groups, quorum, seconds, credential };
}

function shown({ state, effect, rule, decisions, lease, is_revoked, result }: Request) {
  const made = decisions.map(({ person, choice, reason }) => [person, choice, reason]);
  const deciding = decisions.filter(({ choice }) => (state === 'denied') === (choice === 'deny'));
  const isDecided = effect === 'require' && (state === 'approved' || state === 'denied');
  const by = isDecided ? deciding.map(({ person }) => person) : [];
  const denied = effect === 'deny' ? policyReason(rule) : (deciding[0]?.reason ?? null);
  const reason = state === 'denied' ? denied : null;
  return { state, decisions: made, outcome: state === 'pending' ? null : { by, reason, lease, is_revoked, result } };
}

/** Why nobody had to be asked: a rule denies, or none matches. */
function policyReason(rule: string | null): string {
  if (rule !== null) return `The rule “${rule}” denies this.`;
  return 'No rule of the policy matches, and nothing is allowed unless a rule says so.';
}
