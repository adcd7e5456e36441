// The model's create: what an ask makes, and what refuses it.

import type { AgentCall, AgentName, Body, Person, Slot } from './calls.ts';
import { type Answered, count, createdView, refuse } from './doors.ts';
import { ownerOf, peopleIn, type Request, type Rule, rulesOf, type State } from './world.ts';

/** What the rule for a `less` asks: fewer seconds than the rule grants. */
const SECONDS_DEFAULT = 600;

function create(state: State, { agent, body }: Slot & { readonly body: Body }): Answered {
  if (state.request !== null) {
    const isSame = JSON.stringify(state.request.body) === JSON.stringify(body);
    return isSame ? { state, answer: createdView(state.request) } : refuse(state, 'idempotency_conflict');
  }
  const rule = rulesOf(state.policy).find(({ name }) => name === body.action) ?? null;
  const excluded = excludedBy(agent, body);
  if (rule?.effect === 'require' && !isReachable(state, rule, excluded)) return refuse(state, 'quorum_unreachable');
  const isGranted = rule !== null && rule.effect !== 'deny' && rule.has_credential;
  if (rule !== null && rule.effect !== 'deny' && isTooMuch(body, isGranted)) {
    return refuse(state, 'credential_exceeds_policy');
  }
  const request = newRequest(state, body, { rule, excluded, isGranted });
  const created = count({ ...state, request }, ...creationEvents(request));
  return { state: created, answer: createdView(request) };
}

function isTooMuch({ credential }: Body, isGranted: boolean): boolean {
  return credential === 'more' || (credential === 'less' && !isGranted);
}

type Judged = { readonly rule: Rule | null; readonly excluded: readonly Person[]; readonly isGranted: boolean };

function newRequest({ policy_number }: State, body: Body, { rule, excluded, isGranted }: Judged): Request {
  const effect = rule?.effect ?? 'deny';
  const isAsked = effect === 'require';
  return {
    body,
    state: effect === 'require' ? 'pending' : effect === 'allow' ? 'approved' : 'denied',
    effect,
    rule: rule?.name ?? null,
    policy_number,
    groups: isAsked ? (rule?.groups ?? []) : [],
    quorum: isAsked ? (rule?.quorum ?? 0) : 0,
    seconds: isAsked ? Math.min(body.seconds ?? SECONDS_DEFAULT, SECONDS_DEFAULT) : null,
    excluded,
    credential: isGranted ? (body.credential === 'less' ? 'less' : 'whole') : null,
    decisions: [],
    was_ann2_behind: false,
    seen: [],
    lease: null,
    is_revoked: false,
    is_claim_window_over: false,
    is_lease_over: false,
    result: null,
  };
}

function creationEvents({ effect, credential }: Request): string[] {
  const granted = effect === 'allow' && credential !== null ? ['grant.created'] : [];
  const ended =
    effect === 'require' ? [] : [effect === 'allow' ? 'approval_request.approved' : 'approval_request.denied'];
  return ['approval_request.created', ...ended, ...granted];
}

/** Nobody could ever reach the quorum; while nothing is known of a Slack user group, it is enough. */
function isReachable(state: State, rule: Rule, excluded: readonly Person[]): boolean {
  return (rule.groups.includes('dba') && state.dba.slack !== null) || isEnough(state, rule, excluded);
}

function isEnough(state: State, { groups, quorum }: Rule, excluded: readonly Person[]): boolean {
  return peopleIn(state, groups).filter((person) => !excluded.includes(person)).length >= quorum;
}

/** With what is refused where a Slack user group had too few a moment ago: it was asked within the last minute, or not. */
export function createAnyhow(state: State, call: AgentCall & { readonly kind: 'create' }): readonly Answered[] {
  const made = create(state, call);
  const { agent, body } = call;
  const rule = rulesOf(state.policy).find(({ name }) => name === body.action);
  const isToAsk = state.request === null && rule?.effect === 'require' && rule.groups.includes('dba');
  if (!isToAsk || state.dba.slack === null) return [made];
  const listed = { ...rule, groups: rule.groups.filter((group) => group !== 'dba') };
  return isEnough(state, listed, excludedBy(agent, body)) ? [made] : [made, refuse(state, 'quorum_unreachable')];
}

function excludedBy(agent: AgentName, { is_for_beh }: Body): readonly Person[] {
  return is_for_beh ? [ownerOf(agent), 'beh'] : [ownerOf(agent)];
}
