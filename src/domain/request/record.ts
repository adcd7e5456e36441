// One approval request with what was recorded of it, and which parts of that each reader reads. Data only.

import type { Execution, ExecutionResult, Grant, Lease, Revocation } from '../credential/lease.ts';
import type { Labels } from '../people/labels.ts';
import type { GroupPart } from '../people/membership.ts';
import type { Approver, Decision } from './decision.ts';
import type { ApprovalRequest, RequestState } from './request.ts';

export type Person = { readonly id: string; readonly email: string; readonly name: string };

export type StageGroup = {
  readonly id: string;
  readonly name: string;
  readonly channel: string;
  readonly slack_user_group: string | null;
};

export type NamedDecision = Decision & { readonly person: Person };

/** A card as the record knows it: whether it stands in its channel, and why not. */
export type CardState = {
  readonly channel: string;
  readonly state: 'posting' | 'posted' | 'failed';
  readonly error: string | null;
  /** When the post that stands was made; null for none, and for one of before this was kept. */
  readonly posted_at: Date | null;
  /** Since when it does not stand although it did; null while it does, or never did. */
  readonly undelivered_at: Date | null;
};
/** The agent that asked, as rules see it now, and whether it was revoked since. */
export type Requester = {
  readonly name: string;
  readonly environment: string;
  readonly labels: Labels;
  /** The owner's address; empty where the owner has none by now. */
  readonly owner: string;
  readonly is_revoked: boolean;
};

/** Somebody who decided, as people and groups are now. */
export type StandingApprover = Pick<Approver, 'person_id' | 'is_active' | 'group_ids'>;

/** Past this many, nobody counts. */
export const SAME_PENDING_MAX = 100;

/** Every part that anybody is shown. Nobody reads all: each reader has a type below, and a statement that reads no more. */
export type RequestRecord = {
  readonly request: ApprovalRequest;
  readonly agent: { readonly id: string; readonly name: string; readonly owner: Person };
  readonly groups: readonly StageGroup[];
  /** Where the members of these groups come from. */
  readonly parts: readonly GroupPart[];
  readonly decisions: readonly NamedDecision[];
  readonly grant: Grant | null;
  /** Of the use that was claimed last, as the result is. */
  readonly lease: Lease | null;
  readonly execution: Execution | null;
  /** With the name of whoever did it as it is now; null where there is none. */
  readonly revocation: (Revocation & { readonly name: string | null }) | null;
  readonly result: ExecutionResult | null;
  readonly cards: readonly CardState[];
  /** When it was told that people cannot be asked; null when that was not so. */
  readonly undeliverable_at: Date | null;
  /** Other requests of the agent for the very same that are pending too, at most SAME_PENDING_MAX; 0 once this one is over. */
  readonly same_pending: number;
};

/** All parts: also who asked and who approved, as they are at the moment in which the approval is acted upon. */
export type RecordParts = RequestRecord & {
  readonly requester: Requester;
  readonly standing: readonly StandingApprover[];
};

/** What messages and modals are drawn from, and what time still demands of the request. */
export type CardRecord = Omit<RequestRecord, 'undeliverable_at' | 'parts'>;

/** What a decision is judged by, and its private answer drawn from. */
export type ClickRecord = Pick<RequestRecord, 'request' | 'groups' | 'decisions' | 'cards'>;

/** The same with where the members of its groups come from, by which a decision is judged. */
export type JudgedRecord = ClickRecord & Pick<RequestRecord, 'parts'>;

/** What a modal is drawn from that is shown only to whoever may see it. */
export type ViewedRecord = CardRecord & Pick<RequestRecord, 'parts'>;

/** What one line of what waits for a person is drawn from. */
export type WaitingRecord = Pick<RequestRecord, 'request' | 'agent' | 'decisions'>;

/** What claim, start and use go by. */
export type ApprovedRecord = Omit<ClickRecord, 'cards'> &
  Pick<RecordParts, 'parts' | 'grant' | 'lease' | 'execution' | 'revocation' | 'result' | 'requester' | 'standing'>;

/** What a revocation goes by. */
export type RevocableRecord = Pick<
  RequestRecord,
  'request' | 'agent' | 'decisions' | 'grant' | 'lease' | 'execution' | 'revocation' | 'result'
>;

/** What the API's answer is made from. */
export type ViewRecord = Omit<RequestRecord, 'agent' | 'same_pending' | 'parts'>;

/** What the API's answer to the creation is made from, whenever it is asked for again. */
export type CreationRecord = Pick<RequestRecord, 'request' | 'grant'>;

/** What an operator is shown. */
export type OperatorRecord = Omit<RequestRecord, 'same_pending' | 'parts'>;

/** What waits for one person, what expires first standing first; `has_more` when there are more than were asked for. */
export type Waiting = { readonly items: readonly WaitingRecord[]; readonly has_more: boolean };

/** The request once it has left pending, or once something of it that is seen has changed: as the record has it then. */
export function changedTo(request: ApprovalRequest, state: RequestState, now: Date): ApprovalRequest {
  const closed_at = state === 'pending' ? null : now;
  return { ...request, state, closed_at, revision: request.revision + 1 };
}
