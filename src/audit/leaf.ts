// The leaf of an event: the canonical bytes that the log holds of it, and the values that it only commits to.

import { randomBytes } from 'node:crypto';
import { canonicalBytes, type JsonValue } from '@placet/sdk/canonical';
import { commitmentOf, SALT_BYTES } from '@placet/sdk/log';
import type { EventValue } from '../db/audit-tables.ts';
import type { Actor, EventType, RecordedEvent } from '../domain/audit/event.ts';
import { EVENT_KINDS, factsOf, isCommitted, isNamedElsewhere } from '../domain/audit/event-kinds.ts';
import { PlacetError } from '../domain/errors.ts';

/** The form of a leaf; what was written in an earlier one keeps it. */
const LEAF_VERSION = 1;
/** The bundles of C2SP tlog-tiles give the length of a leaf two bytes. */
const LEAF_BYTES_MAX = 65_535;

export type LeafInput = Pick<RecordedEvent, 'id' | 'type' | 'outcome' | 'request_id' | 'lease_id' | 'occurred_at'> & {
  readonly actor: Actor;
  readonly digest: string | null;
  readonly facts: Readonly<Record<string, unknown>>;
};

type Leaf = {
  readonly leaf: Uint8Array;
  /** The facts that stand in the leaf. */
  readonly shown: Readonly<Record<string, unknown>>;
  readonly values: readonly EventValue[];
};

/** Makes the leaf of one event, with a new salt for each value that it commits to. */
export function makeLeaf(event: LeafInput): Leaf {
  const { id, type, outcome, actor, request_id, lease_id, occurred_at } = event;
  const shown: Record<string, unknown> = {};
  const hidden: [string, unknown][] = [];
  const shapes = factsOf(type);
  for (const [name, fact] of Object.entries(event.facts)) {
    // As PostgreSQL keeps it: half a character, which only people's texts can have, becomes a replacement character.
    const value = typeof fact === 'string' ? Buffer.from(fact).toString() : fact;
    if (!isCommitted(shapes[name])) shown[name] = value;
    else if (value !== null) hidden.push([name, value]);
  }
  if (event.digest !== null) hidden.push(['digest', event.digest]);
  const isHidden = isNamedElsewhere(actor.kind);
  if (isHidden) hidden.push(['actor', actor.id]);
  const values = commit(event, hidden);
  const leaf = canonicalBytes({
    v: LEAF_VERSION,
    id,
    type,
    version: EVENT_KINDS[type].version,
    outcome,
    actor: isHidden ? { kind: actor.kind } : { kind: actor.kind, id: actor.id },
    ...(request_id === null ? {} : { request_id }),
    ...(lease_id === null ? {} : { lease_id }),
    occurred_at: occurred_at.toISOString(),
    facts: shown as { readonly [name: string]: JsonValue },
    committed: Object.fromEntries(values.map((value) => [value.name, commitmentOf(value)])),
  });
  if (leaf.length > LEAF_BYTES_MAX) throw new PlacetError('internal', {}, new Error(`a leaf of ${leaf.length} bytes`));
  return { leaf, shown, values };
}

function commit(event: LeafInput, hidden: readonly (readonly [string, unknown])[]): EventValue[] {
  const salts = randomBytes(SALT_BYTES * hidden.length);
  return hidden.map(([name, value], place) => ({
    event_id: event.id,
    name,
    person_id: personOf(event, name),
    salt: salts.subarray(place * SALT_BYTES, (place + 1) * SALT_BYTES),
    value: value instanceof Uint8Array ? value : canonicalBytes(value as JsonValue),
  }));
}

/** Whose value it is, so that erasing the person finds it: a digest and what is asked for are nobody's in particular. */
function personOf({ type, actor, facts }: LeafInput, name: string): string | null {
  if (name === 'digest' || name === 'content') return null;
  const of: Partial<Record<EventType, string>> = { 'approval_request.created': 'on_behalf_of_person_id' };
  const person_id = facts[of[type] ?? 'person_id'];
  if (typeof person_id === 'string' && (type !== 'approval_request.created' || name === 'on_behalf_of'))
    return person_id;
  return actor.kind === 'person' ? actor.id : null;
}
