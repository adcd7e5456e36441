// How a request stands, in words: who has approved, how it ended and why, and what became of the approval. Pure.

import { type ExecutionResult, isClaimable, revokerText } from '../../domain/credential/lease.ts';
import { denialReason } from '../../domain/policy/policy.ts';
import { POLICY_APPLY } from '../../domain/policy/proposal.ts';
import { counted } from '../../domain/request/display.ts';
import type { CardRecord, ClickRecord, NamedDecision } from '../../domain/request/record.ts';
import { approvalsThatCount, openStage, progressAt, tally } from '../../domain/request/stages.ts';
import { undeliveredGroups } from '../../domain/request/undeliverable.ts';
import { undeliveredText } from '../../service/undelivered-text.ts';
import { type Deciding, NAME_LENGTH_MAX, ruleText, userOf } from './request-words.ts';
import { groupsText, stageNow } from './stage-words.ts';
import { steadText } from './stead-words.ts';
import { type Part, type Phrase, short, withDays } from './text.ts';

/** A reason holds 500 characters; each may escape to five. */
const REASON_LENGTH_MAX = 1_000;
/** The detail that an agent reports holds 2,000 characters; the card is for approvers, who need the gist. */
const DETAIL_LENGTH_MAX = 300;
/** Names on a card; a quorum may be twenty, and each name takes a line's worth. */
const NAMES_MAX = 10;

/** "1 of 2 approvals. Approved by Ann (@ann) at 14:05." Empty while nobody has approved. */
export function progressPhrase(record: Deciding): Phrase {
  const approvals = approvalsOf(record);
  if (record.request.requirement === null || approvals.length === 0) return [];
  const phrase = [{ bold: tallyText(record) }, ' approvals. Approved by ', ...peoplePhrase(approvals), '.'];
  return withDays(phrase, record.request);
}

/** "1 of 2", of the stage that is waiting or the last one. */
export function tallyText(record: Deciding): string {
  const { request, decisions } = record;
  if (request.requirement === null) return '0 of 0';
  const { approvals, quorum } = tally(request, decisions);
  return `${approvals} of ${quorum}`;
}

/** "1 more of payments"; where each group has a say, those that still have to: "1 more of dba". */
export function missingText(record: Deciding): string {
  const stage = stageNow(record);
  if (stage === undefined) return 'nobody';
  const { request, decisions } = record;
  const { approvals, quorum, waiting_group_ids } = progressAt(request, decisions, openStage(request, decisions));
  const missing = Math.max(quorum - approvals, waiting_group_ids.length);
  const waiting = stage.approvers.filter(({ group_id }) => waiting_group_ids.includes(group_id));
  const isOnlyThese = waiting.length > 0 && waiting.length === missing;
  return `${missing} more of ${groupsText(isOnlyThese ? { ...stage, approvers: waiting } : stage)}`;
}

/** How the request ended, with who, when and why: "Denied by Bob (@bob) at 14:01. Reason: …". Empty while it is pending. */
export function resultPhrase(record: ClickRecord): Phrase {
  return withDays(resultParts(record), record.request);
}

const SUPERSEDED = ': another change of the policy took its place. Nothing is applied.';

/** A change of policy that was left behind: no agent asked for it, so none cancels it. */
export function isSuperseded({ action, state }: Pick<ClickRecord['request'], 'action' | 'state'>): boolean {
  return action === POLICY_APPLY && state === 'cancelled';
}

function resultParts(record: ClickRecord): Phrase {
  const { request } = record;
  switch (request.state) {
    case 'pending':
      return [];
    case 'approved':
      return approvedPhrase(record);
    case 'denied':
      return deniedPhrase(record);
    case 'expired':
      return [
        { bold: 'Expired' },
        ...momentPhrase(request.closed_at),
        ` with ${tallyText(record)} approvals.`,
        ...causePhrase(record),
        ' Nothing runs.',
      ];
    case 'cancelled':
      if (isSuperseded(request)) return [{ bold: 'Superseded' }, ...momentPhrase(request.closed_at), SUPERSEDED];
      return [{ bold: 'Cancelled' }, ' by the agent', ...momentPhrase(request.closed_at), '. Nothing runs.'];
  }
}

/** Why nobody decided in time, when that was not for want of an answer: " Slack showed no card to payments (C…: is_archived)." */
export function causePhrase(record: ClickRecord): Phrase {
  const text = undeliveredText(undeliveredGroups(record, record.cards));
  return text === '' ? [] : [` ${short(text, REASON_LENGTH_MAX)}.`];
}

function approvedPhrase(record: Deciding): Phrase {
  const approvals = approvalsOf(record);
  if (approvals.length === 0) return [{ bold: 'Approved' }, ` by ${ruleText(record.request)}.`];
  return [{ bold: 'Approved' }, ' by ', ...peoplePhrase(approvals), '.'];
}

function deniedPhrase(record: Deciding): Phrase {
  const denial = record.decisions.find((decision) => decision.decision === 'deny');
  if (denial === undefined)
    return [
      { bold: 'Denied' },
      ` by the policy. ${short(denialReason(record.request), REASON_LENGTH_MAX)} Nothing runs.`,
    ];
  const reason = denial.reason === null ? [] : reasonPhrase(denial.reason);
  return [{ bold: 'Denied' }, ' by ', ...peoplePhrase([denial]), '.', ...reason];
}

function reasonPhrase(reason: string): Part[] {
  return [' Reason: ', `“${short(reason, REASON_LENGTH_MAX)}”`];
}

/** "Ann (@ann) at 14:05, Bob (@bob) at 14:06". */
function peoplePhrase(decisions: readonly NamedDecision[]): Part[] {
  const shown = decisions.slice(0, NAMES_MAX).flatMap((decision, index): Part[] => {
    const name = `${index === 0 ? '' : ', '}${short(decision.person.name, NAME_LENGTH_MAX)}${steadText(decision)}`;
    return [name, { user: userOf(decision) }, ' at ', { at: decision.decided_at }];
  });
  const rest = decisions.length - NAMES_MAX;
  return rest > 0 ? [...shown, ` and ${rest} more`] : shown;
}

function momentPhrase(at: Date | null): Part[] {
  return at === null ? [] : [' at ', { at }];
}

/** Approvals of the stage that is waiting or, once decided, of all stages. */
function approvalsOf(record: Deciding): NamedDecision[] {
  const { request, decisions } = record;
  if (request.state === 'pending') return [...approvalsThatCount(request, decisions, openStage(request, decisions))];
  return decisions.filter(({ decision }) => decision === 'approve');
}

/** What became of the approval, for those who gave it: "Ran at 14:06, succeeded". Empty when there is nothing to say yet. */
export function closingPhrase(record: CardRecord, now: Date): Phrase {
  return withDays(
    [...revokedParts(record), ...countedParts(record, now), ...closingParts(record, now)],
    record.request,
  );
}

/** "Revoked by Ann (@ann) at 14:07. " Empty while it stands. */
function revokedParts({ revocation }: CardRecord): Phrase {
  if (revocation === null) return [];
  const account = revocation.account === null ? [] : [' ', { user: userOf({ account: revocation.account }) }];
  const name = short(revokerText(revocation), NAME_LENGTH_MAX);
  return [{ bold: 'Revoked' }, ` by ${name}`, ...account, ' at ', { at: revocation.revoked_at }, '. '];
}

/** How often a grant of several uses was used by now, before what became of the last one. */
function countedParts({ request, grant, lease, execution, revocation }: CardRecord, now: Date): Phrase {
  if (request.state !== 'approved' || grant === null || grant.uses_max === 1) return [];
  if (lease === null || execution !== null) return [];
  const isOpen = revocation === null && isClaimable(grant, now);
  const more: Part[] = isOpen ? ['; it may be claimed again until ', { due: grant.claim_expires_at }] : [];
  return [`Used ${grant.uses} of ${grant.uses_max} times`, ...more, '. The last one: '];
}

function closingParts(record: CardRecord, now: Date): Phrase {
  const { request, grant, lease, execution, revocation, result } = record;
  if (request.state !== 'approved') return [];
  if (result !== null) return resultReport(result, lease?.used_at ?? execution?.started_at ?? null);
  if (execution !== null) return ['Started at ', { at: execution.started_at }, ', no result reported yet'];
  if (grant === null) return revocation === null ? [] : ['Never started'];
  if (lease === null) {
    const isOver = revocation !== null || grant.claim_expires_at.getTime() <= now.getTime();
    return isOver
      ? ['Approved, never claimed']
      : ['Not claimed yet; the agent may claim until ', { due: grant.claim_expires_at }];
  }
  const isOver = lease.expires_at.getTime() <= now.getTime();
  if (lease.used_at !== null) return ['Used at ', { at: lease.used_at }, `, no result reported${isOver ? '' : ' yet'}`];
  if (lease.state === 'revoked') return ['Claimed at ', { at: lease.issued_at }, ', revoked before it was used'];
  if (lease.state === 'active' && !isOver) return ['Claimed at ', { at: lease.issued_at }, ', not used yet'];
  return ['Claimed at ', { at: lease.issued_at }, ', never used'];
}

function resultReport(result: ExecutionResult, ran_at: Date | null): Phrase {
  const at = ran_at ?? result.reported_at;
  const detail = result.detail === null ? '' : `: ${short(result.detail, DETAIL_LENGTH_MAX)}`;
  if (result.status === 'succeeded') return ['Ran at ', { at }, ', succeeded'];
  return [ran_at === null ? 'Not run, reported at ' : 'Ran at ', { at }, `, failed${detail}`];
}

/** "3 minutes after the request"; empty when nothing was decided. */
export function elapsedText(record: Pick<CardRecord, 'request'>): string {
  const { created_at, closed_at } = record.request;
  if (closed_at === null) return '';
  const seconds = Math.max(0, Math.round((closed_at.getTime() - created_at.getTime()) / 1_000));
  const minutes = Math.floor(seconds / 60);
  return `${minutes === 0 ? counted(seconds, 'second') : counted(minutes, 'minute')} after the request`;
}
