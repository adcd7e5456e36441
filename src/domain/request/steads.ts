// By which right somebody decides: one of its own, or in the place of people who are away. Of the away person and the delegate
// the first decision stands. Pure.

import type { ApprovalRequest } from './request.ts';
import { type Counted, type Counting, currentStage, isInStage, type Stead } from './stages.ts';

type Subject = Pick<ApprovalRequest, 'excluded_people' | 'requirement'>;
/** Somebody who may decide: by the groups that it is in, or in the place of people who are away. */
type Rights = {
  readonly person_id: string;
  readonly group_ids: readonly string[];
  readonly steads?: readonly Stead[];
};

type Attempted = { readonly attempt: { readonly approver: Rights }; readonly stage: number };

/** Why the approver has no right in the stage, neither of its own nor in the place of somebody who is away; null if it has. */
export function rightRefusal(
  request: Subject,
  earlier: readonly Counted[],
  attempted: Attempted,
): 'not_in_group' | 'stead_spent' | null {
  const here = request.requirement?.stages[attempted.stage];
  const { approver } = attempted.attempt;
  if (isInStage(here, approver)) return null;
  if (freeSteads(request, earlier, attempted).length > 0) return null;
  return steadsIn(request, attempted).length > 0 ? 'stead_spent' : 'not_in_group';
}

/** The away people of the stage in whose place the approver may be at all: nobody behind the request, nor itself. */
function steadsIn({ requirement, excluded_people }: Subject, { attempt, stage }: Attempted): readonly Stead[] {
  const { steads = [], person_id: own } = attempt.approver;
  return steads.filter(
    (stead) =>
      stead.person_id !== own &&
      !excluded_people.includes(stead.person_id) &&
      isInStage(requirement?.stages[stage], stead),
  );
}

/** Those who have not decided themselves, and for whom nobody else stands. */
export function freeSteads(request: Subject, earlier: readonly Counted[], attempted: Attempted): readonly Stead[] {
  const stood = standsFor(request, earlier, attempted.stage);
  return steadsIn(request, attempted).filter(
    ({ person_id }) =>
      !stood.has(person_id) &&
      !earlier.some((made) => made.person_id === person_id && isSpent(request, made, attempted.stage)),
  );
}

/** True where a request waits for somebody, by a right of its own or in the place of one who is away. */
export function isWaitingFor(request: Subject & Counting, decisions: readonly Counted[], approver: Rights): boolean {
  const stage = currentStage(request, decisions);
  if (standsFor(request, decisions, stage).has(approver.person_id)) return false;
  return rightRefusal(request, decisions, { attempt: { approver }, stage }) === null;
}

/** In whose place somebody has decided, so that they decide no more in the stage. */
export function standsFor(request: Subject, earlier: readonly Counted[], stage: number): ReadonlySet<string> {
  const spent = earlier.filter((made) => isSpent(request, made, stage));
  return new Set(stoodForIn(spent));
}

/** Everybody in whose place these were made. */
export function stoodForIn(made: readonly Pick<Counted, 'stands_in_for'>[]): readonly string[] {
  return made.flatMap(({ stands_in_for }) => (stands_in_for ?? []).map(({ person_id }) => person_id));
}

/**
 * True for a decision after which its person decides no more in a stage: one of this stage or a later one, a denial and, where
 * nobody counts in two stages, any.
 */
export function isSpent(
  { requirement }: Pick<Subject, 'requirement'>,
  decision: Pick<Counted, 'stage' | 'decision'>,
  stage: number,
): boolean {
  return requirement?.distinct_stages !== false || decision.stage >= stage || decision.decision === 'deny';
}
