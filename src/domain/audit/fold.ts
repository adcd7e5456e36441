// The fold: what became of a request, from its audit events alone. Pure; says which event is the first that does not fit.

import type { Action, ApprovalRequest } from '../request/request.ts';
import { isMet, openStage } from '../request/stages.ts';
import { isSpent, standsFor } from '../request/steads.ts';
import type { EventType } from './event.ts';
import {
  type Change,
  committedValue,
  ERASED,
  type FoldedDecision,
  type FoldedRequest,
  isOver,
  type OpenedEvent,
  shown,
} from './fold-input.ts';
import { expired, granted, issued, leaseRevoked, repeated, reported, revoked, started, used } from './fold-use.ts';

export type Fold =
  | { readonly kind: 'folded'; readonly folded: FoldedRequest }
  | { readonly kind: 'fault'; readonly event_id: string | null; readonly why: string };

/** Folds the events of one request, in the order of the log. Those that change nothing of it are passed over. */
export function foldRequest(events: readonly OpenedEvent[]): Fold {
  let folded: FoldedRequest | null = null;
  for (const event of events) {
    if (CHANGES[event.type] === undefined) continue;
    const next = applyTo(folded, event);
    if (typeof next === 'string') return { kind: 'fault', event_id: event.id, why: next };
    folded = next;
  }
  if (folded === null) return { kind: 'fault', event_id: null, why: 'the request was never made' };
  return { kind: 'folded', folded };
}

function applyTo(folded: FoldedRequest | null, event: OpenedEvent): FoldedRequest | string {
  if (event.type === 'approval_request.created') {
    return folded === null ? created(event) : 'the request is made a second time';
  }
  if (folded === null) return 'the request is not made yet';
  if (event.request_id !== folded.request.id) return 'the event is of another request';
  const digests = [folded.request.digest, committedValue(event, 'digest')];
  if (!digests.includes(ERASED) && digests[0] !== digests[1]) return 'the event is about another digest';
  return CHANGES[event.type]?.(folded, event) ?? folded;
}

const CHANGES: { readonly [T in EventType]?: Change } = {
  'approval_request.created': (folded) => folded,
  'approval_request.approved': (folded, event) =>
    isApproved(folded) ? close(folded, event, 'approved') : 'it is approved without the approvals that it needs',
  'approval_request.denied': (folded, event) =>
    isDenied(folded) ? close(folded, event, 'denied') : 'it is denied though nobody denied it',
  'approval_request.expired': (folded, event) =>
    isOver(folded.request.expires_at, event) ? close(folded, event, 'expired') : 'it is expired before its time',
  'approval_request.cancelled': (folded, event) =>
    event.actor.id === folded.request.agent_id ? close(folded, event, 'cancelled') : 'somebody else cancelled it',
  'approval_request.escalated': escalated,
  'decision.recorded': decided,
  'grant.created': granted,
  'credential.issued': issued,
  'credential.repeated': repeated,
  'lease.used': used,
  'lease.expired': expired,
  'lease.revoked': leaseRevoked,
  'approval.revoked': revoked,
  'execution.started': started,
  'result.reported': reported,
};

function created(event: OpenedEvent): FoldedRequest | string {
  const facts = shown(event, 'approval_request.created');
  if (event.request_id === undefined || event.actor.id === undefined) return 'it says neither which request nor whose';
  const { action, environment, effect, rule, denial, policy_id, policy_number } = facts;
  const input = committedValue(event, 'content') as Action | typeof ERASED;
  const { on_behalf_of_person_id, excluded_people, requirement, credential, needs_review } = facts;
  if (input !== ERASED && input.action !== action) return 'it is about another action than was asked for';
  return {
    request: {
      id: event.request_id,
      agent_id: event.actor.id,
      environment,
      action,
      resource: input === ERASED ? ERASED : input.resource,
      parameters: input === ERASED ? ERASED : input.parameters,
      digest: committedValue(event, 'digest') as string,
      justification: committedValue(event, 'justification') as string | null,
      on_behalf_of: committedValue(event, 'on_behalf_of') as string | null,
      on_behalf_of_person_id,
      excluded_people,
      members_when_made: committedValue(event, 'members_when_made') as FoldedRequest['request']['members_when_made'],
      effect,
      state: 'pending',
      policy_id,
      policy_number,
      rule,
      denial,
      requirement,
      credential,
      presentation: committedValue(event, 'presentation') as ApprovalRequest['presentation'],
      needs_review,
      created_at: event.occurred_at,
      expires_at: facts.expires_at === null ? null : new Date(facts.expires_at),
      closed_at: null,
    },
    decisions: [],
    escalations: [],
    grant: null,
    leases: [],
    execution: null,
    revocation: null,
    results: [],
  };
}

function close(folded: FoldedRequest, event: OpenedEvent, state: ApprovalRequest['state']): FoldedRequest | string {
  const { request } = folded;
  if (request.state !== 'pending') return `it is ${request.state} for good`;
  return { ...folded, request: { ...request, state, closed_at: event.occurred_at } };
}

function isApproved({ request, decisions, escalations }: FoldedRequest): boolean {
  if (request.effect !== 'require') return request.effect === 'allow';
  return isMet(withAdded(request, escalations), decisions.map(asCounted));
}

/** What counting goes by: the requirement with the groups that were added since. */
function withAdded(request: FoldedRequest['request'], escalations: FoldedRequest['escalations']): Counting {
  const { digest, excluded_people, requirement } = request;
  if (requirement === null) return { digest, excluded_people, requirement };
  const stages = requirement.stages.map((stage, index) => {
    const added = escalations.filter((each) => each.stage === index);
    return added.length === 0 ? stage : { ...stage, added };
  });
  return { digest, excluded_people, requirement: { ...requirement, stages } };
}

type Counting = Pick<ApprovalRequest, 'digest' | 'excluded_people' | 'requirement'>;
const asCounted = (made: FoldedDecision) => ({ ...made, account_moved_at: null });

function escalated(folded: FoldedRequest, event: OpenedEvent): FoldedRequest | string {
  const { request, decisions, escalations } = folded;
  const { stage } = shown(event, 'approval_request.escalated');
  const groups = request.requirement?.stages[stage]?.escalate?.to ?? [];
  if (request.state !== 'pending') return `it is escalated though it is ${request.state}`;
  if (groups.length === 0 || openStage(request, decisions.map(asCounted)) !== stage)
    return 'a stage is escalated that does not wait';
  const added = groups.map(({ group_id, name }) => ({ stage, group_id, name, escalated_at: event.occurred_at }));
  const all = [...escalations, ...added].sort((a, b) => a.stage - b.stage || (a.group_id < b.group_id ? -1 : 1));
  return { ...folded, escalations: all };
}

function isDenied({ request, decisions }: FoldedRequest): boolean {
  return request.effect === 'deny' || decisions.some(({ decision }) => decision === 'deny');
}

function decided(folded: FoldedRequest, event: OpenedEvent): FoldedRequest | string {
  const { request, decisions } = folded;
  const { id: person_id } = event.actor;
  if (request.state !== 'pending') return `it is decided on though it is ${request.state}`;
  if (event.actor.kind !== 'person' || person_id === undefined) return 'it is decided on by nobody';
  if (request.excluded_people.includes(person_id)) return 'it is decided on by one who stands behind it';
  const { decision_id: id, decision, stage, via, group_ids, stands_in_for = null } = shown(event, 'decision.recorded');
  const hasDecided = (id: string) => decisions.some((made) => made.person_id === id && isSpent(request, made, stage));
  if (hasDecided(person_id)) return 'it is decided on twice by one person';
  const stoodFor = standsFor(request, decisions.map(asCounted), stage);
  if (stoodFor.has(person_id)) return 'it is decided on by one in whose place somebody has decided';
  const isFree = (id: string) =>
    id !== person_id && !request.excluded_people.includes(id) && !hasDecided(id) && !stoodFor.has(id);
  if (stands_in_for !== null && (stands_in_for.length === 0 || !stands_in_for.every((each) => isFree(each.person_id))))
    return 'it is decided on in the place of one who had no voice left';
  const made = {
    ...{ id, decision, stage, person_id, request_id: request.id, digest: request.digest },
    ...{ via, group_ids, stands_in_for },
    evidence: committedValue(event, 'evidence') as FoldedDecision['evidence'],
    reason: committedValue(event, 'reason') as string | null,
    account: committedValue(event, 'account') as string,
    decided_at: event.occurred_at,
  };
  return { ...folded, decisions: [...decisions, made] };
}
