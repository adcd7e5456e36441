// Opens what stands in the log, for the fold and the walk: the leaf, the values that it commits to as long as they are there, and
// whether the rows still say both.

import { isDeepStrictEqual } from 'node:util';
import { LogError, type LogEvent, openLeaf } from '@placet/sdk/log';
import type { LoggedEvent, PlacedEvent } from '../db/logged-events.ts';
import type { Actor, EventType } from '../domain/audit/event.ts';
import { isNamedElsewhere } from '../domain/audit/event-kinds.ts';
import type { OpenedEvent } from '../domain/audit/fold-input.ts';
import { makeLeaf, partsOfLeaf } from './leaf.ts';

/** The event of a row by its leaf, or by the one that it will have; or what is wrong with it. */
export function openEvent(row: PlacedEvent): OpenedEvent | { readonly why: string } {
  const leaf = row.leaf ?? makeLeaf(row);
  try {
    const { shown, values: standing } = partsOfLeaf(row, openLeaf(leaf, []).event.facts);
    const { event, values } = openLeaf(leaf, standing);
    if (event.id !== row.id) return { why: 'the event stands in another one’s place' };
    if (!isDeepStrictEqual(event.facts, shown) || !isAsRow(event, row))
      return { why: 'the event’s row does not say what its leaf says' };
    return toOpened(event, values);
  } catch (error) {
    if (error instanceof LogError) return { why: error.message };
    throw error;
  }
}

function isAsRow(event: LogEvent, row: LoggedEvent): boolean {
  const { type, outcome, actor, request_id = null, lease_id = null, occurred_at } = event;
  const isSameActor = isNamedElsewhere(row.actor_kind) || actor.id === row.actor_id;
  const inLeaf = { type, outcome, kind: actor.kind, request_id, lease_id, occurred_at };
  const { type: row_type, outcome: row_outcome, actor_kind: kind, request_id: row_request, lease_id: row_lease } = row;
  const inRow = { type: row_type, outcome: row_outcome, kind, request_id: row_request, lease_id: row_lease };
  return isSameActor && isDeepStrictEqual(inLeaf, { ...inRow, occurred_at: row.occurred_at.toISOString() });
}

function toOpened(event: LogEvent, values: OpenedEvent['values']): OpenedEvent {
  const { id, type, outcome, actor, request_id, lease_id, occurred_at, facts, committed } = event;
  return {
    id,
    type: type as EventType,
    outcome,
    actor: { kind: actor.kind as Actor['kind'], id: actor.id },
    request_id,
    lease_id,
    occurred_at: new Date(occurred_at),
    facts,
    committed: Object.keys(committed),
    values,
  };
}
