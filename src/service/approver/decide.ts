// Decide: one click, one transaction. Lock the request, run the pure rule, write what follows. Nothing is said before the commit.

import { recordEvent } from '../../audit/record.ts';
import * as contentViews from '../../db/content-views.ts';
import type { LockedTx, Tx } from '../../db/database.ts';
import * as decisions from '../../db/decisions.ts';
import { inOrder } from '../../db/in-order.ts';
import * as outbox from '../../db/outbox.ts';
import { CLICK } from '../../db/record-parts.ts';
import * as requestRecords from '../../db/request-records.ts';
import * as requests from '../../db/requests.ts';
import { PlacetError } from '../../domain/errors.ts';
import type { Profile } from '../../domain/people/account.ts';
import type { Evidence, SourceAnswer } from '../../domain/people/membership.ts';
import { type AccountPrincipal, type PersonPrincipal, RULE } from '../../domain/people/principal.ts';
import { type Attempt, canDecide, type Refusal, type Verdict } from '../../domain/request/decision.ts';
import { type ClickRecord, changedTo, type JudgedRecord } from '../../domain/request/record.ts';
import type { Choice } from '../../domain/request/request.ts';
import type { Shown } from '../../domain/request/shown.ts';
import { makeGrant } from '../agent/submit.ts';
import { lockUnderPolicy } from '../locked.ts';
import { evidenceOf, faultIn, type KnownMembership } from '../memberships.ts';
import { approverOf, type IdentifyDeps, identify, isMemberOf } from './identify.ts';

export type DecideInput = {
  readonly tenant_id: string;
  readonly request_id: string;
  readonly profile: Profile;
  /** What the sources of its groups answered to this very click. */
  readonly answers: readonly SourceAnswer[];
  readonly decision: Choice;
  readonly reason: string | null;
  /** Digest of the content that the approver's screen was drawn from. */
  readonly shown_digest: string;
  /** And the stage that it asked for, from 0. */
  readonly shown_stage: number;
  /** What it was made from; the whole content counts as shown only where the record says that it was opened. */
  readonly shown: Shown;
  /** Where it was clicked, as channel/ts, for the audit event; null for the App Home. */
  readonly message: string | null;
};

export type DecideAnswer =
  | { readonly kind: 'counted'; readonly record: ClickRecord }
  | {
      readonly kind: 'refused';
      readonly refusal: Refusal;
      readonly record: ClickRecord;
      /** Whom the account stands for; null when it stands for nobody. */
      readonly person_id: string | null;
    };

/** Records the decision, or refuses and says why; either way audited and committed before it answers. Throws not_found. */
export function decide(deps: IdentifyDeps, input: DecideInput): Promise<DecideAnswer> {
  return deps.transact(input.tenant_id, async (begun) => {
    const locked = await lockUnderPolicy(begun, input.request_id, CLICK);
    if (locked === null) throw new PlacetError('not_found');
    const { tx, record: known } = locked;
    const is_member = isMemberOf(known, input.answers, input.profile);
    const identified = await identify(deps, tx, { profile: input.profile, is_member });
    if (identified.kind === 'refused') return refuse(deps, tx, input, { ...identified, record: known });
    const { principal } = identified;
    // Read once; only where the click has just made two people one, who decided and who is excluded has changed since.
    const before = identified.has_merged ? await mustRead(tx, input.request_id) : known;
    const approver = await approverOf(tx, { ...input, record: before }, principal);
    const { person_id } = approver;
    const { decision, reason, shown_digest, shown_stage } = input;
    const isWhole = input.shown === 'whole' || input.shown === 'confirmed';
    const has_opened =
      isWhole && (await contentViews.hasContentView(tx, input.request_id, person_id, before.request.digest));
    const shown = isWhole && !has_opened ? 'card' : input.shown;
    const attempt: Attempt = { approver, decision, reason, shown_digest, shown_stage, shown };
    const verdict = canDecide(before.request, before.decisions, attempt, tx.now);
    if (verdict.kind === 'refused') {
      const isUnread = verdict.refusal === 'not_in_group' && faultIn(input.answers) !== null;
      const refusal = isUnread ? 'source_unreadable' : verdict.refusal;
      return refuse(deps, tx, input, { refusal, record: before, principal });
    }
    const grounds = approver.memberships.filter((each) => isGround(verdict, person_id, each));
    const evidence = evidenceOf(grounds, approver.policy, tx.now);
    const record = await writeDecision(deps, tx, input, { principal, verdict, before, evidence });
    if (record === null) return refuse(deps, tx, input, { refusal: 'already_counted', record: before, principal });
    return { kind: 'counted', record };
  });
}

type Counted = Extract<Verdict, { kind: 'counted' }>;

/** True for a membership that the decision rests on: its person's own, or that of somebody in whose place it is made. */
function isGround(
  { group_ids, stands_in_for }: Counted,
  own: string,
  { group_id, person_id }: KnownMembership,
): boolean {
  const people = stands_in_for === null ? [own] : stands_in_for.map((stead) => stead.person_id);
  return people.includes(person_id) && group_ids.includes(group_id);
}

type Counting = {
  readonly principal: PersonPrincipal;
  readonly verdict: Counted;
  readonly before: ClickRecord;
  readonly evidence: readonly Evidence[];
};

/** Writes the decision and what follows from it; null when the account has decided before, then for another person. */
async function writeDecision(
  deps: IdentifyDeps,
  tx: LockedTx,
  input: DecideInput,
  { principal, verdict, before, evidence }: Counting,
): Promise<ClickRecord | null> {
  const { request_id, decision } = input;
  const { id: person_id, via, account } = principal;
  const made = await decisions.insertDecision(tx, {
    id: deps.newId('decision'),
    request_id,
    stage: verdict.stage,
    person_id,
    decision,
    reason: input.reason?.trim() || null,
    digest: input.shown_digest,
    group_ids: verdict.group_ids,
    stands_in_for: verdict.stands_in_for,
    evidence,
    decided_at: tx.now,
    via,
    account,
  });
  if (made === null) return null;
  // Sent together, run in this order: the agent waits for the commit.
  await inOrder(tx, [
    (tx) =>
      recordEvent(deps, tx, {
        type: 'decision.recorded',
        outcome: 'success',
        actor: principal,
        request_id,
        digest: input.shown_digest,
        facts: { decision, stage: verdict.stage, ...verdict.tally, message: input.message },
      }),
    (tx) => moveState(deps, tx, before, verdict),
    (tx) => outbox.enqueue(tx, request_id, 'nudge'),
  ]);
  const request = changedTo(before.request, verdict.state, tx.now);
  return { ...before, request, decisions: [...before.decisions, made] };
}

async function moveState(
  deps: IdentifyDeps,
  tx: LockedTx,
  { request }: ClickRecord,
  { state }: Counted,
): Promise<void> {
  if (state !== 'approved' && state !== 'denied') return requests.touchRequest(tx, request.id);
  const [isMoved] = await inOrder(tx, [
    (tx) => requests.closeRequest(tx, request.id, state),
    (tx) =>
      recordEvent(deps, tx, {
        type: state === 'approved' ? 'approval_request.approved' : 'approval_request.denied',
        outcome: 'success',
        actor: RULE,
        request_id: request.id,
        digest: request.digest,
        facts: { rule: request.rule },
      }),
    state === 'approved' ? (tx) => makeGrant(deps, tx, request) : null,
  ]);
  if (!isMoved) throw new PlacetError('not_pending');
}

type Refused = {
  readonly refusal: Refusal;
  readonly record: ClickRecord;
  readonly principal: PersonPrincipal | AccountPrincipal;
};

async function refuse(
  deps: IdentifyDeps,
  tx: Tx,
  input: DecideInput,
  { refusal, record, principal: actor }: Refused,
): Promise<DecideAnswer> {
  const { request_id, decision, shown_digest: digest } = input;
  await recordEvent(deps, tx, {
    type: 'decision.refused',
    outcome: 'failure',
    actor,
    request_id,
    digest,
    facts: { refusal, decision },
  });
  return { kind: 'refused', refusal, record, person_id: actor.kind === 'person' ? actor.id : null };
}

async function mustRead(tx: Tx, request_id: string): Promise<JudgedRecord> {
  const record = await requestRecords.readRequestRecord(tx, request_id, CLICK);
  if (record === null) throw new PlacetError('not_found');
  return record;
}
