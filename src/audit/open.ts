// Opens what stands in the log for the fold: the leaf, and the values that it commits to as long as they are there.

import { openLeaf } from '@placet/sdk/log';
import type { StoredLeaf } from '../db/audit-events.ts';
import type { Actor, EventType } from '../domain/audit/event.ts';
import type { OpenedEvent } from '../domain/audit/fold.ts';

/** The event of a leaf; throws LogError when the bytes are no leaf, or a value is not the one that it commits to. */
export function openEvent({ leaf, values: stored }: StoredLeaf): OpenedEvent {
  const { event, values } = openLeaf(leaf, stored);
  const { id, type, outcome, actor, request_id, lease_id, facts } = event;
  return {
    id,
    type: type as EventType,
    outcome,
    actor: { kind: actor.kind as Actor['kind'], id: actor.id },
    request_id,
    lease_id,
    occurred_at: new Date(event.occurred_at),
    facts,
    committed: Object.keys(event.committed),
    values,
  };
}
