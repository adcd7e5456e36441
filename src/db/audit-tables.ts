// The column lists of what the audit writer writes. Data only.

import type { RecordedEvent } from '../domain/audit/event.ts';
import { tableOf } from './columns.ts';

/** An audit event as it is written, with the bytes that the log will hold of it. */
export type EventRow = RecordedEvent & { readonly leaf: Uint8Array };

/** What an event commits to: the canonical form of one fact, which can be sealed and erased without it. */
export type EventValue = {
  readonly event_id: string;
  readonly name: string;
  /** Whose value it is; null when it is nobody's in particular. */
  readonly person_id: string | null;
  readonly salt: Uint8Array;
  readonly value: Uint8Array;
};

declare const NUMBERED: unique symbol;

/** An event of the audit writer. Only it makes one: what writes events asks for one. */
export type NumberedEvent = {
  readonly row: EventRow;
  readonly values: readonly EventValue[];
  readonly [NUMBERED]: true;
};

export const EVENT_VALUES = tableOf<EventValue, EventValue>('event_values', {
  event_id: 'text',
  name: 'text',
  person_id: 'text',
  salt: 'bytea',
  value: 'bytea',
});

export const AUDIT_EVENTS = tableOf<EventRow, RecordedEvent>('audit_events', {
  id: 'text',
  type: 'text',
  outcome: 'text',
  actor_kind: 'text',
  actor_id: 'text',
  request_id: 'text',
  lease_id: 'text',
  digest: 'text',
  facts: 'jsonb',
  leaf: 'bytea written',
  occurred_at: 'timestamptz',
});
