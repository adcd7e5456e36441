// How far a request is on its way through its stages: which approvals count, which stage is open, whether all are full (INV-1).
// Pure; `src/db` says the same in SQL, and a test holds it to this.

import type { ApprovalRequest, AskedGroup, Choice, Stage } from './request.ts';
import { type StageProgress, stageProgress } from './stage-progress.ts';

/** What counting goes by. */
export type Counting = Pick<ApprovalRequest, 'requirement' | 'digest' | 'excluded_people'>;
/** Somebody who is away, in whose place somebody decided, and the groups of the stage which that gives. */
export type Stead = { readonly person_id: string; readonly name: string; readonly group_ids: readonly string[] };

/** The part of a decision that counting looks at. */
export type Counted = {
  readonly stage: number;
  readonly person_id: string;
  readonly decision: Choice;
  readonly digest: string;
  readonly group_ids: readonly string[] | null;
  /** In whose place it was made; left out, or null, where its person decided by a right of its own. */
  readonly stands_in_for?: readonly Omit<Stead, 'name'>[] | null;
  readonly decided_at: Date;
  readonly account_moved_at: Date | null;
};

export type Tally = { readonly approvals: number; readonly quorum: number };

/** Approvals by distinct people and the quorum of the stage that is waiting (or the last one). */
export function tally(request: Counting, decisions: readonly Counted[]): Tally {
  const { approvals, quorum } = progressAt(request, decisions, openStage(request, decisions));
  return { approvals, quorum: Number.isFinite(quorum) ? quorum : 0 };
}

/** Index of the first stage that is not full yet. */
export function currentStage(request: Counting, decisions: readonly Counted[]): number {
  const stages = request.requirement?.stages ?? [];
  const open = stages.findIndex((_stage, index) => !progressAt(request, decisions, index).is_full);
  return open === -1 ? stages.length : open;
}

/** True when every stage is full; without a stage it never is. */
export function isMet(request: Counting, decisions: readonly Counted[]): boolean {
  const count = request.requirement?.stages.length ?? 0;
  return count > 0 && currentStage(request, decisions) === count;
}

/** Since when a stage has been open: the request was made, or the last approval of the stages before it. */
export function openSince(
  request: Counting & Pick<ApprovalRequest, 'created_at'>,
  decisions: readonly Counted[],
  stage: number,
): Date {
  const before = Array.from({ length: stage }, (_, index) => approvalsThatCount(request, decisions, index)).flat();
  const moments = before.map(({ decided_at }) => decided_at.getTime());
  return new Date(Math.max(request.created_at.getTime(), ...moments));
}

/** How far one stage is. */
export function progressAt(request: Counting, decisions: readonly Counted[], index: number): StageProgress {
  const stage = request.requirement?.stages[index];
  const group_ids = stage?.approvers.map(({ group_id }) => group_id) ?? [];
  const is_each = stage?.each === true;
  const stand_ins = stage?.stand_ins?.approvers ?? [];
  const added_group_ids = [...(stage?.added ?? []), ...stand_ins].map(({ group_id }) => group_id);
  const demand = { group_ids, added_group_ids, quorum: stage?.quorum ?? Number.POSITIVE_INFINITY, is_each };
  // Before groups were kept with a decision there was no stage that looked at them.
  const unknown = is_each ? [] : group_ids;
  const approvals = approvalsThatCount(request, decisions, index);
  return stageProgress(
    demand,
    approvals.map((approval) => {
      const known = groupsThatCount(request, decisions, approval) ?? unknown;
      return { person_id: approval.person_id, group_ids: withStoodFor(stage, known) };
    }),
  );
}

/** Whoever is in a group that stands in is as good as one of those it stands in for. */
function withStoodFor(stage: Stage | undefined, group_ids: readonly string[]): readonly string[] {
  const { approvers = [], for: stood_for = [] } = stage?.stand_ins ?? {};
  if (!approvers.some(({ group_id }) => group_ids.includes(group_id))) return group_ids;
  return [...group_ids, ...stood_for.map(({ group_id }) => group_id)];
}

/**
 * The groups by which a decision counts; null where that was not kept. Of one in others' places, those of whoever is not behind
 * the request, did not decide as well where one voice is all they have, and had nobody stand in for them before.
 */
function groupsThatCount(
  { excluded_people, requirement }: Counting,
  decisions: readonly Counted[],
  decision: Counted,
): readonly string[] | null {
  const { group_ids, stands_in_for } = decision;
  if (stands_in_for === undefined || stands_in_for === null) return group_ids;
  const beside = decisions.filter(({ stage }) => requirement?.distinct_stages !== false || stage === decision.stage);
  const before = beside.slice(0, beside.indexOf(decision)).flatMap((made) => made.stands_in_for ?? []);
  const steads = stands_in_for.filter(
    ({ person_id }) =>
      !excluded_people.includes(person_id) &&
      !beside.some((other) => other.person_id === person_id) &&
      !before.some((other) => other.person_id === person_id),
  );
  return [...new Set(steads.flatMap((stead) => stead.group_ids))];
}

/**
 * The approvals of a stage that count now. People may have turned out to be one, or to be behind the request, and an account
 * to have been somebody else's: the decision stands, and counts no more. Whoever turns out to stand in two distinct stages
 * counts in the earlier one.
 */
export function approvalsThatCount<D extends Counted>(
  request: Counting,
  decisions: readonly D[],
  stage: number,
): readonly D[] {
  const all = decisions.filter((decision) => isCounted(request, decision));
  const here = all.filter((decision) => decision.stage === stage);
  if (request.requirement?.distinct_stages === false) return here;
  return here.filter(({ person_id }) => !all.some((other) => other.person_id === person_id && other.stage < stage));
}

function isCounted({ digest, excluded_people }: Counting, decision: Counted): boolean {
  return (
    decision.decision === 'approve' &&
    decision.digest === digest &&
    decision.account_moved_at === null &&
    !excluded_people.includes(decision.person_id)
  );
}

/** The stage that waits for people, or where the request ended: the last one once all are full. */
export function openStage(request: Counting, decisions: readonly Counted[]): number {
  const last = (request.requirement?.stages.length ?? 0) - 1;
  return Math.max(0, Math.min(currentStage(request, decisions), last));
}

/** Of these groups, those that the open stage asks. */
export function askedNow<G extends { readonly id: string }>(
  request: Counting,
  decisions: readonly Counted[],
  groups: readonly G[],
): readonly G[] {
  const deciding = groupsOf(request.requirement?.stages[openStage(request, decisions)]);
  return groups.filter(({ id }) => deciding.some(({ group_id }) => group_id === id));
}

/** Where a stage is: full, the one that waits or in which the request ended, or not reached. */
export const STAGE_STATES = ['done', 'now', 'then'] as const;
export type StageState = (typeof STAGE_STATES)[number];

/** Where a stage is on the way through all of them. */
export function stageState(request: Counting, decisions: readonly Counted[], index: number): StageState {
  const open = currentStage(request, decisions);
  if (index === open) return 'now';
  return index < open ? 'done' : 'then';
}

/** Every group that is asked in a stage, those that were added last. */
export function groupsOf(stage: Stage | undefined): readonly AskedGroup[] {
  return [...(stage?.approvers ?? []), ...(stage?.added ?? []), ...(stage?.stand_ins?.approvers ?? [])];
}

/** Whether somebody who is in these groups is asked in the stage. */
export function isInStage(stage: Stage | undefined, { group_ids }: { readonly group_ids: readonly string[] }): boolean {
  return groupsOf(stage).some((group) => group_ids.includes(group.group_id));
}
