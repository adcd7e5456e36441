// The rule of the decision: who may decide what, the tally of distinct people, the state that follows (INV-1 to INV-4).
// Pure: data and `now` in, data out. Both doors and the claim go through it.

import type { AccountRefusal } from '../people/account.ts';
import type { PersonPrincipal } from '../people/principal.ts';
import type { ApprovalRequest, Choice, RequestState, Requirement, Stage } from './request.ts';
import { isShownEnough, needsReason, type Shown } from './shown.ts';

export const REASON_CHARACTERS_MIN = 3;
export const REASON_CHARACTERS_MAX = 500;

export type Decision = {
  readonly id: string;
  readonly request_id: string;
  readonly stage: number;
  readonly person_id: string;
  readonly decision: Choice;
  readonly reason: string | null;
  readonly digest: string;
  /** By which way it came, and there by which account. */
  readonly via: PersonPrincipal['via'];
  readonly account: string;
  readonly decided_at: Date;
  /** Since when its account has been somebody else's; null while it is still that person's, or nobody's. */
  readonly account_moved_at: Date | null;
};

/** The person at the door, with facts read afresh for this very decision. */
export type Approver = {
  readonly person_id: string;
  /** By which way it acts, and there by which account. */
  readonly via: PersonPrincipal['via'];
  readonly account: string;
  readonly is_active: boolean;
  /** The account, or its address, was that of somebody behind the request at some time since it was made. */
  readonly was_behind: boolean;
  /** Approver groups the person is a member of now. */
  readonly group_ids: readonly string[];
};

export type Attempt = {
  readonly approver: Approver;
  readonly decision: Choice;
  readonly reason: string | null;
  /** Digest of the content that the approver's screen was drawn from. */
  readonly shown_digest: string;
  /** The whole content only where the record says that it was opened. */
  readonly shown: Shown;
};

export type DecisionRefusal =
  | 'already_counted'
  | 'closed'
  | 'expired'
  | 'content_changed'
  | 'inactive'
  | 'is_requester'
  | 'was_requester'
  | 'not_in_group'
  | 'reason_missing'
  | 'review_first';

/** Why an account decides nothing at all, whatever is asked. */
export type NoApprover = AccountRefusal | 'inactive';
/** Why a decision does not count. */
export type Refusal = DecisionRefusal | NoApprover;

export type Verdict =
  | { readonly kind: 'counted'; readonly stage: number; readonly state: RequestState; readonly tally: Tally }
  | { readonly kind: 'refused'; readonly refusal: DecisionRefusal };

export type Tally = { readonly approvals: number; readonly quorum: number };

type Subject = Pick<
  ApprovalRequest,
  'state' | 'digest' | 'excluded_people' | 'requirement' | 'needs_review' | 'expires_at'
>;

/** What the tally of a request goes by. */
type Counting = Pick<ApprovalRequest, 'requirement' | 'digest' | 'excluded_people'>;

/** Whether this attempt counts, and which state the request has then. Changes nothing. */
export function canDecide(request: Subject, earlier: readonly Decision[], attempt: Attempt, now: Date): Verdict {
  const refusal = refusalOf(request, earlier, attempt, now);
  if (refusal !== null) return { kind: 'refused', refusal: refusal };
  const stage = currentStage(request, earlier);
  const needed = request.requirement?.stages[stage]?.quorum ?? Number.POSITIVE_INFINITY;
  const approvals = countApprovals(request, earlier, stage) + (attempt.decision === 'approve' ? 1 : 0);
  return {
    kind: 'counted',
    stage,
    state: stateAfter(request.requirement, stage, attempt.decision, approvals),
    tally: { approvals, quorum: needed },
  };
}

function refusalOf(
  request: Subject,
  earlier: readonly Decision[],
  attempt: Attempt,
  now: Date,
): DecisionRefusal | null {
  if (earlier.some((decision) => isBySame(decision, attempt.approver))) return 'already_counted';
  if (request.state === 'expired') return 'expired';
  if (request.state !== 'pending') return 'closed';
  if (request.expires_at !== null && request.expires_at.getTime() <= now.getTime()) return 'expired';
  if (!attempt.approver.is_active) return 'inactive';
  if (request.excluded_people.includes(attempt.approver.person_id)) return 'is_requester';
  if (attempt.approver.was_behind) return 'was_requester';
  if (!isInStage(stageAt(request, earlier), attempt.approver)) return 'not_in_group';
  if (attempt.shown_digest !== request.digest) return 'content_changed';
  if (attempt.decision === 'approve' && !isShownEnough(request, attempt.shown)) return 'review_first';
  if (needsReason(request, attempt.decision) && !isReason(attempt.reason)) return 'reason_missing';
  return null;
}

/**
 * Why this person may not be shown the whole content, or null. Approvers of any stage may, also when it is over, and so
 * may the people behind the request; who they are is asked afresh, as for a decision.
 */
export function lookRefusal(
  request: Pick<Subject, 'excluded_people' | 'requirement'>,
  person: Pick<Approver, 'person_id' | 'is_active' | 'group_ids'>,
): 'inactive' | 'not_in_group' | null {
  if (!person.is_active) return 'inactive';
  if (request.excluded_people.includes(person.person_id)) return null;
  return request.requirement?.stages.some((stage) => isInStage(stage, person)) ? null : 'not_in_group';
}

/**
 * True when the distinct, still eligible approvers of this very digest reach the quorum of every stage and nobody denied:
 * checked again at the claim (INV-1, INV-2).
 */
export function hasQuorum(
  request: Counting,
  decisions: readonly Decision[],
  eligible: readonly Pick<Approver, 'person_id' | 'is_active' | 'group_ids'>[],
): boolean {
  const { requirement } = request;
  // No stage at all would be met by nobody: fail closed.
  if (requirement === null || requirement.stages.length === 0) return false;
  if (decisions.some(({ decision }) => decision === 'deny')) return false;
  return requirement.stages.every((stage, index) => {
    const approved = approvalsThatCount(request, decisions, index);
    const counted = eligible.filter(
      (person) =>
        person.is_active &&
        isInStage(stage, person) &&
        approved.some(({ person_id }) => person_id === person.person_id),
    );
    return new Set(counted.map(({ person_id }) => person_id)).size >= stage.quorum;
  });
}

/** Approvals by distinct people and the quorum of the stage that is waiting (or the last one). */
export function tally(request: Counting, decisions: readonly Decision[]): Tally {
  const stages = request.requirement?.stages ?? [];
  const stage = Math.min(currentStage(request, decisions), stages.length - 1);
  return { approvals: countApprovals(request, decisions, stage), quorum: stages[stage]?.quorum ?? 0 };
}

/** Index of the first stage whose quorum is not reached yet. */
export function currentStage(request: Counting, decisions: readonly Decision[]): number {
  const stages = request.requirement?.stages ?? [];
  const open = stages.findIndex((stage, index) => countApprovals(request, decisions, index) < stage.quorum);
  return open === -1 ? stages.length : open;
}

/**
 * The approvals of a stage that count now. People may have turned out to be one, or to be behind the request, and an account
 * to have been somebody else's: the decision stands, and counts no more.
 */
export function approvalsThatCount<D extends Decision>(
  { digest, excluded_people }: Counting,
  decisions: readonly D[],
  stage: number,
): readonly D[] {
  return decisions.filter(
    (decision) =>
      decision.stage === stage &&
      decision.decision === 'approve' &&
      decision.digest === digest &&
      decision.account_moved_at === null &&
      !excluded_people.includes(decision.person_id),
  );
}

/** True for a reason of 3 to 500 characters once trimmed. */
export function isReason(reason: string | null): boolean {
  const length = [...(reason ?? '').trim()].length;
  return length >= REASON_CHARACTERS_MIN && length <= REASON_CHARACTERS_MAX;
}

function stageAt(request: Counting, decisions: readonly Decision[]): Stage | undefined {
  return request.requirement?.stages[currentStage(request, decisions)];
}

function isInStage(stage: Stage | undefined, person: Pick<Approver, 'group_ids'>): boolean {
  return stage?.approvers.some((group) => person.group_ids.includes(group.group_id)) ?? false;
}

function countApprovals(request: Counting, decisions: readonly Decision[], stage: number): number {
  return new Set(approvalsThatCount(request, decisions, stage).map(({ person_id }) => person_id)).size;
}

/** A person decides once, and so does an account, whichever person it belongs to by then (INV-1). */
function isBySame(decision: Decision, approver: Approver): boolean {
  const isSameAccount = decision.via === approver.via && decision.account === approver.account;
  return isSameAccount || decision.person_id === approver.person_id;
}

function stateAfter(requirement: Requirement | null, stage: number, decision: Choice, approvals: number): RequestState {
  if (decision === 'deny') return 'denied';
  const stages = requirement?.stages ?? [];
  const isLast = stage === stages.length - 1;
  return isLast && approvals >= (stages[stage]?.quorum ?? Number.POSITIVE_INFINITY) ? 'approved' : 'pending';
}
