// The rule of the decision: who may decide what, the tally of distinct people, the state that follows (INV-1 to INV-4).
// Pure: data and `now` in, data out. Both doors and the claim go through it.

import type { AccountRefusal } from '../people/account.ts';
import type { PersonPrincipal } from '../people/principal.ts';
import type { ApprovalRequest, Choice, RequestState } from './request.ts';
import { isShownEnough, needsReason, type Shown } from './shown.ts';
import {
  type Counting,
  currentStage,
  groupsOf,
  isInStage,
  isMet,
  progressAt,
  type Stead,
  type Tally,
} from './stages.ts';
import { freeSteads, isSpent, rightRefusal, standsFor } from './steads.ts';

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
  /** Which groups of its stage the person was in then; null where that was not kept yet. */
  readonly group_ids: readonly string[] | null;
  /** In whose place it was made; left out, or null, where its person decided by a right of its own. */
  readonly stands_in_for?: readonly Stead[] | null;
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
  /** People who are away now and could count, whose delegate this is. */
  readonly steads?: readonly Stead[];
};

export type Attempt = {
  readonly approver: Approver;
  readonly decision: Choice;
  readonly reason: string | null;
  /** Digest of the content that the approver's screen was drawn from, and the stage that it asked for. */
  readonly shown_digest: string;
  readonly shown_stage: number;
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
  | 'stood_in_for'
  | 'stead_spent'
  | 'source_unreadable'
  | 'reason_missing'
  | 'review_first';

/** Why an account decides nothing at all, whatever is asked. */
export type NoApprover = AccountRefusal | 'inactive';
/** Why a decision does not count. */
export type Refusal = DecisionRefusal | NoApprover;

export type Verdict =
  | {
      readonly kind: 'counted';
      readonly stage: number;
      /** Which groups of the stage the person is in. */
      readonly group_ids: readonly string[];
      /** In whose place; null for a right of its own. */
      readonly stands_in_for: readonly Stead[] | null;
      readonly state: RequestState;
      readonly tally: Tally;
    }
  | { readonly kind: 'refused'; readonly refusal: DecisionRefusal };

type Subject = Pick<
  ApprovalRequest,
  'state' | 'digest' | 'excluded_people' | 'requirement' | 'needs_review' | 'expires_at'
>;

/** Whether this attempt counts, and which state the request has then. Changes nothing. */
export function canDecide(request: Subject, earlier: readonly Decision[], attempt: Attempt, now: Date): Verdict {
  const stage = currentStage(request, earlier);
  const refusal = refusalOf(request, earlier, { attempt, stage }, now);
  if (refusal !== null) return { kind: 'refused', refusal: refusal };
  const { approver, decision, shown_digest: digest } = attempt;
  const groups = groupsOf(request.requirement?.stages[stage]).map(({ group_id }) => group_id);
  const inStage = (ids: readonly string[]) => groups.filter((group_id) => ids.includes(group_id));
  const isOwn = isInStage(request.requirement?.stages[stage], approver);
  const steads = isOwn ? [] : freeSteads(request, earlier, { attempt, stage });
  const stands_in_for = isOwn ? null : steads.map((stead) => ({ ...stead, group_ids: inStage(stead.group_ids) }));
  const group_ids = inStage(isOwn ? approver.group_ids : steads.flatMap((stead) => stead.group_ids));
  const { person_id } = approver;
  const made = {
    stage,
    person_id,
    decision,
    digest,
    group_ids,
    stands_in_for,
    decided_at: now,
    account_moved_at: null,
  };
  const after = [...earlier, made];
  const state = decision === 'deny' ? 'denied' : isMet(request, after) ? 'approved' : 'pending';
  const { approvals, quorum } = progressAt(request, after, stage);
  return { kind: 'counted', stage, group_ids, stands_in_for, state, tally: { approvals, quorum } };
}

type Attempted = { readonly attempt: Attempt; readonly stage: number };

function refusalOf(
  request: Subject,
  earlier: readonly Decision[],
  { attempt, stage }: Attempted,
  now: Date,
): DecisionRefusal | null {
  const own = earlier.filter((decision) => isBySame(decision, attempt.approver));
  if (own.some((decision) => isSpent(request, decision, stage))) return 'already_counted';
  // Who has decided before must have been asked for this stage: a second click on one card is none for the next stage.
  if (own.length > 0 && attempt.shown_stage !== stage) return 'already_counted';
  if (request.state === 'expired') return 'expired';
  if (request.state !== 'pending') return 'closed';
  if (request.expires_at !== null && request.expires_at.getTime() <= now.getTime()) return 'expired';
  if (!attempt.approver.is_active) return 'inactive';
  if (request.excluded_people.includes(attempt.approver.person_id)) return 'is_requester';
  if (attempt.approver.was_behind) return 'was_requester';
  if (standsFor(request, earlier, stage).has(attempt.approver.person_id)) return 'stood_in_for';
  const noRight = rightRefusal(request, earlier, { attempt, stage });
  if (noRight !== null) return noRight;
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
  person: Pick<Approver, 'person_id' | 'is_active' | 'group_ids' | 'steads'>,
): 'inactive' | 'not_in_group' | null {
  if (!person.is_active) return 'inactive';
  if (request.excluded_people.includes(person.person_id)) return null;
  const rights = [
    person,
    ...(person.steads ?? []).filter(({ person_id }) => !request.excluded_people.includes(person_id)),
  ];
  const mayLook = request.requirement?.stages.some((stage) => rights.some((right) => isInStage(stage, right)));
  return mayLook ? null : 'not_in_group';
}

/** That the policy names somebody as the delegate of one who is away, or was. */
export type Delegate = { readonly person_id: string; readonly delegate_person_id: string };

/**
 * True when the distinct, still eligible approvers of this very digest reach the quorum of every stage and nobody denied:
 * checked again at the claim (INV-1, INV-2).
 */
export function hasQuorum(
  request: Counting,
  decisions: readonly Decision[],
  eligible: readonly Pick<Approver, 'person_id' | 'is_active' | 'group_ids'>[],
  delegations: readonly Delegate[] = [],
): boolean {
  if (decisions.some(({ decision }) => decision === 'deny')) return false;
  const active = new Map(eligible.filter(({ is_active }) => is_active).map((person) => [person.person_id, person]));
  // By the groups that they are in now, not by those of the click.
  const now = decisions.flatMap((decision): Decision[] => {
    const person = active.get(decision.person_id);
    if (person === undefined) return [];
    if (decision.stands_in_for === undefined || decision.stands_in_for === null)
      return [{ ...decision, group_ids: person.group_ids }];
    // Both are looked at: who decided, and in whose place.
    const stands_in_for = decision.stands_in_for.flatMap((stead) => {
      const away = active.get(stead.person_id);
      const isDelegate = delegations.some(
        (each) => each.person_id === stead.person_id && each.delegate_person_id === decision.person_id,
      );
      return away !== undefined && isDelegate ? [{ ...stead, group_ids: away.group_ids }] : [];
    });
    return [{ ...decision, stands_in_for }];
  });
  return isMet(request, now);
}

/** True for a reason of 3 to 500 characters once trimmed. */
export function isReason(reason: string | null): boolean {
  const length = [...(reason ?? '').trim()].length;
  return length >= REASON_CHARACTERS_MIN && length <= REASON_CHARACTERS_MAX;
}

/** A person decides once, and so does an account, whichever person it belongs to by then (INV-1). */
function isBySame(decision: Decision, approver: Approver): boolean {
  const isSameAccount = decision.via === approver.via && decision.account === approver.account;
  return isSameAccount || decision.person_id === approver.person_id;
}
