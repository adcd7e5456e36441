// The rule of the decision: who may decide what, the tally of distinct people, the state that follows (INV-1 to INV-4).
// Pure: data and `now` in, data out. Both doors and the claim go through it.

import type { AccountRefusal } from '../people/account.ts';
import type { ApprovalRequest, Choice, RequestState, Requirement, Stage } from './request.ts';

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
  readonly decided_at: Date;
};

/** The person at the door, with facts read afresh for this very decision. */
export type Approver = {
  readonly person_id: string;
  readonly is_active: boolean;
  /** Approver groups the person is a member of now. */
  readonly group_ids: readonly string[];
};

export type Attempt = {
  readonly approver: Approver;
  readonly decision: Choice;
  readonly reason: string | null;
  /** Digest of the content that the approver's screen was drawn from. */
  readonly shown_digest: string;
  /** True when the decision comes from the modal that shows all of the content, and the record says it was opened. */
  readonly has_seen_all: boolean;
};

export type DecisionRefusal =
  | 'already_counted'
  | 'closed'
  | 'expired'
  | 'content_changed'
  | 'inactive'
  | 'is_requester'
  | 'not_in_group'
  | 'reason_missing'
  | 'review_first';

/** Why an account decides nothing at all, whatever is asked. */
export type NoApprover = AccountRefusal | 'not_linked' | 'inactive';
/** Why a decision in Slack does not count. */
export type Refusal = DecisionRefusal | NoApprover;

export type Verdict =
  | { readonly kind: 'counted'; readonly stage: number; readonly state: RequestState; readonly tally: Tally }
  | { readonly kind: 'refused'; readonly refusal: DecisionRefusal };

export type Tally = { readonly approvals: number; readonly quorum: number };

type Subject = Pick<
  ApprovalRequest,
  'state' | 'digest' | 'excluded_people' | 'requirement' | 'needs_review' | 'expires_at'
>;

/** Whether this attempt counts, and which state the request has then. Changes nothing. */
export function canDecide(request: Subject, earlier: readonly Decision[], attempt: Attempt, now: Date): Verdict {
  const refusal = refusalOf(request, earlier, attempt, now);
  if (refusal !== null) return { kind: 'refused', refusal: refusal };
  const stage = currentStage(request.requirement, earlier);
  const needed = request.requirement?.stages[stage]?.quorum ?? Number.POSITIVE_INFINITY;
  const approvals = countApprovals(earlier, stage) + (attempt.decision === 'approve' ? 1 : 0);
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
  if (earlier.some((decision) => decision.person_id === attempt.approver.person_id)) return 'already_counted';
  if (request.state === 'expired') return 'expired';
  if (request.state !== 'pending') return 'closed';
  if (request.expires_at !== null && request.expires_at.getTime() <= now.getTime()) return 'expired';
  if (!attempt.approver.is_active) return 'inactive';
  if (request.excluded_people.includes(attempt.approver.person_id)) return 'is_requester';
  if (!isInStage(stageAt(request.requirement, earlier), attempt.approver)) return 'not_in_group';
  if (attempt.shown_digest !== request.digest) return 'content_changed';
  if (attempt.decision === 'approve' && request.needs_review && !attempt.has_seen_all) return 'review_first';
  if (attempt.decision === 'deny' && !isReason(attempt.reason)) return 'reason_missing';
  return null;
}

/**
 * Why this person may not be shown the whole content, or null. Approvers of any stage may, also when it is over, and so
 * may the people behind the request; who they are is asked afresh, as for a decision.
 */
export function lookRefusal(
  request: Pick<Subject, 'excluded_people' | 'requirement'>,
  person: Approver,
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
  { requirement, digest, excluded_people }: Pick<Subject, 'requirement' | 'digest' | 'excluded_people'>,
  decisions: readonly Decision[],
  approvers: readonly Approver[],
): boolean {
  // No stage at all would be met by nobody: fail closed.
  if (requirement === null || requirement.stages.length === 0) return false;
  if (decisions.some(({ decision }) => decision === 'deny')) return false;
  return requirement.stages.every((stage, index) => {
    const approved = decisions.filter((decision) => decision.stage === index && decision.digest === digest);
    const counted = approvers.filter(
      (approver) =>
        approver.is_active &&
        !excluded_people.includes(approver.person_id) &&
        isInStage(stage, approver) &&
        approved.some(({ person_id }) => person_id === approver.person_id),
    );
    return new Set(counted.map((approver) => approver.person_id)).size >= stage.quorum;
  });
}

/** Approvals by distinct people and the quorum of the stage that is waiting (or the last one). */
export function tally(requirement: Requirement, decisions: readonly Decision[]): Tally {
  const stage = Math.min(currentStage(requirement, decisions), requirement.stages.length - 1);
  return { approvals: countApprovals(decisions, stage), quorum: requirement.stages[stage]?.quorum ?? 0 };
}

/** Index of the first stage whose quorum is not reached yet. */
export function currentStage(requirement: Requirement | null, decisions: readonly Decision[]): number {
  const stages = requirement?.stages ?? [];
  const open = stages.findIndex((stage, index) => countApprovals(decisions, index) < stage.quorum);
  return open === -1 ? stages.length : open;
}

/** True for a reason of 3 to 500 characters once trimmed. */
export function isReason(reason: string | null): boolean {
  const length = [...(reason ?? '').trim()].length;
  return length >= REASON_CHARACTERS_MIN && length <= REASON_CHARACTERS_MAX;
}

function stageAt(requirement: Requirement | null, decisions: readonly Decision[]): Stage | undefined {
  return requirement?.stages[currentStage(requirement, decisions)];
}

function isInStage(stage: Stage | undefined, approver: Approver): boolean {
  return stage?.approvers.some((group) => approver.group_ids.includes(group.group_id)) ?? false;
}

function countApprovals(decisions: readonly Decision[], stage: number): number {
  const approving = decisions.filter((decision) => decision.stage === stage && decision.decision === 'approve');
  return new Set(approving.map((decision) => decision.person_id)).size;
}

function stateAfter(requirement: Requirement | null, stage: number, decision: Choice, approvals: number): RequestState {
  if (decision === 'deny') return 'denied';
  const stages = requirement?.stages ?? [];
  const isLast = stage === stages.length - 1;
  return isLast && approvals >= (stages[stage]?.quorum ?? Number.POSITIVE_INFINITY) ? 'approved' : 'pending';
}
