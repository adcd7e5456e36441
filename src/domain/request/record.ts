// One approval request with everything known about it, as both doors and the cards read it. Data only.

import type { Execution, ExecutionResult, Grant, Lease } from '../credential/lease.ts';
import type { Decision } from './decision.ts';
import type { ApprovalRequest } from './request.ts';

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
/** Past this many, nobody counts. */
export const SAME_PENDING_MAX = 100;

export type RequestRecord = {
  readonly request: ApprovalRequest;
  readonly agent: { readonly id: string; readonly name: string; readonly owner: Person };
  readonly groups: readonly StageGroup[];
  readonly decisions: readonly NamedDecision[];
  readonly grant: Grant | null;
  readonly lease: Lease | null;
  readonly execution: Execution | null;
  readonly result: ExecutionResult | null;
  readonly cards: readonly CardState[];
  /** When it was told that people cannot be asked; null when that was not so. */
  readonly undeliverable_at: Date | null;
  /** Other requests of the agent for the very same that are pending too, at most SAME_PENDING_MAX; 0 once this one is over. */
  readonly same_pending: number;
};

/** What waits for one person, what expires first standing first; `has_more` when there are more than were asked for. */
export type Waiting = { readonly items: readonly RequestRecord[]; readonly has_more: boolean };
