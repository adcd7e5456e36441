// What is folded, and into what: events as their leaves tell them, how their facts are read, and the request that they tell of.
// Pure.

import type { Execution, ExecutionResult, Grant, Lease, Revocation } from '../credential/lease.ts';
import type { Evidence } from '../people/membership.ts';
import type { Decision } from '../request/decision.ts';
import type { ApprovalRequest, AskedGroup, JsonObject } from '../request/request.ts';
import type { Stead } from '../request/stages.ts';
import type { Actor, EventType } from './event.ts';
import type { LeafFacts } from './leaf-facts.ts';

/** An event as its leaf tells it, with the values that it commits to; one that is erased is left out. */
export type OpenedEvent = {
  readonly id: string;
  readonly type: EventType;
  readonly outcome: 'success' | 'failure';
  readonly actor: { readonly kind: Actor['kind']; readonly id?: string | undefined };
  readonly request_id?: string | undefined;
  readonly lease_id?: string | undefined;
  readonly occurred_at: Date;
  readonly facts: Readonly<Record<string, unknown>>;
  /** Names of what it commits to, erased or not. */
  readonly committed: readonly string[];
  readonly values: Readonly<Record<string, unknown>>;
};

/** What stands in place of a value that was erased. */
export const ERASED = '(erased)';

/** Facts that a leaf only commits to, of whichever type. */
type Hidden =
  | 'content'
  | 'justification'
  | 'on_behalf_of'
  | 'presentation'
  | 'members_when_made'
  | 'evidence'
  | 'reason'
  | 'account'
  | 'idempotency_key'
  | 'detail'
  | 'result_digest';
type Shown<T extends EventType> = Omit<LeafFacts<T>, Hidden>;

/** The facts that the leaf of such an event shows. */
export function shown<T extends EventType>(event: OpenedEvent, _type: T): Shown<T> {
  return event.facts as Shown<T>;
}

/** The value behind a commitment; null where the event commits to none. */
export function committedValue(event: OpenedEvent, name: string): unknown {
  return event.committed.includes(name) ? (event.values[name] ?? ERASED) : null;
}

export type FoldedDecision = Omit<Decision, 'account_moved_at' | 'stands_in_for'> & {
  readonly stands_in_for: readonly Omit<Stead, 'name'>[] | null;
  readonly evidence: readonly Evidence[] | null | typeof ERASED;
};

export type FoldedRequest = {
  readonly request: Omit<ApprovalRequest, 'tenant_id' | 'revision' | 'parameters' | 'masked' | 'salts_sealed'> & {
    readonly parameters: JsonObject | typeof ERASED;
    readonly members_when_made: LeafFacts<'approval_request.created'>['members_when_made'] | typeof ERASED;
  };
  readonly decisions: readonly FoldedDecision[];
  /** Groups that were added to a stage, in the order of stages and of their ids. */
  readonly escalations: readonly (AskedGroup & { readonly stage: number; readonly escalated_at: Date })[];
  readonly grant: Grant | null;
  /** One for each use that was claimed, in their order. */
  readonly leases: readonly Lease[];
  readonly execution: Execution | null;
  readonly revocation: Revocation | null;
  readonly results: readonly (ExecutionResult & { readonly use: number })[];
};

/** What an event makes of a request, or why it cannot be. */
export type Change = (folded: FoldedRequest, event: OpenedEvent) => FoldedRequest | string;

/** True when this end had come at the event. */
export function isOver(end: Date | null, { occurred_at }: OpenedEvent): boolean {
  return end !== null && end.getTime() <= occurred_at.getTime();
}
