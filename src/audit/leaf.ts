// The leaf of an event: the canonical bytes that the log holds of it, and the values that it only commits to. Made by the
// sequencer of what the rows say; made again of them, it is the same.

import { createHmac } from 'node:crypto';
import { canonicalBytes, type JsonValue } from '@placet/sdk/canonical';
import { type CommitmentInput, commitmentOf, SALT_BYTES } from '@placet/sdk/log';
import type { LoggedEvent } from '../db/logged-events.ts';
import { EVENT_KINDS, factsOf, isCommitted, isNamedElsewhere } from '../domain/audit/event-kinds.ts';

/** The form of a leaf; what was written in an earlier one keeps it. */
const LEAF_VERSION = 1;
/** The bundles of C2SP tlog-tiles give the length of a leaf two bytes. */
const LEAF_BYTES_MAX = 65_535;
/** Keeps the salts of an event's values apart from anything else that is ever made of its own. */
const SALT_DOMAIN = 'placet/salt/v1';

/** What a leaf shows and what it commits to. */
type Parts = {
  readonly shown: Readonly<Record<string, unknown>>;
  readonly values: readonly CommitmentInput[];
};

/** Makes the leaf of one event. One that would be too long, as of a group with thousands of new members, shows no facts. */
export function makeLeaf(event: LoggedEvent): Uint8Array {
  const leaf = toBytes(event, partsOf(event, false));
  if (leaf.length <= LEAF_BYTES_MAX) return leaf;
  return toBytes(event, partsOf(event, true));
}

/** What the leaf of an event shows and commits to by what its rows say now, for a leaf that shows these facts. */
export function partsOfLeaf(event: LoggedEvent, facts: object): Parts {
  const parts = partsOf(event, false);
  const isHidden = Object.keys(facts).length === 0 && Object.keys(parts.shown).length > 0;
  return isHidden ? partsOf(event, true) : parts;
}

function toBytes(event: LoggedEvent, { shown, values }: Parts): Uint8Array {
  const { id, type, outcome, actor_kind: kind, actor_id, request_id, lease_id, occurred_at } = event;
  return canonicalBytes({
    v: LEAF_VERSION,
    id,
    type,
    version: EVENT_KINDS[type].version,
    outcome,
    actor: isNamedElsewhere(kind) ? { kind } : { kind, id: actor_id },
    ...(request_id === null ? {} : { request_id }),
    ...(lease_id === null ? {} : { lease_id }),
    occurred_at: occurred_at.toISOString(),
    facts: shown as { readonly [name: string]: JsonValue },
    committed: Object.fromEntries(values.map((value) => [value.name, commitmentOf(value)])),
  });
}

function partsOf(event: LoggedEvent, is_hidden: boolean): Parts {
  const { type, actor_kind, actor_id, digest, content } = event;
  const shapes = factsOf(type);
  const facts = Object.entries({ ...event.facts, ...event.row_facts });
  const isCommittedHere = (name: string) => is_hidden || isCommitted(shapes[name]);
  const about: readonly (readonly [name: string, value: unknown])[] = [
    ['content', content],
    ['digest', digest],
    ['actor', isNamedElsewhere(actor_kind) ? actor_id : null],
  ];
  const hidden = [...facts.filter(([name]) => isCommittedHere(name)), ...about].filter(([, value]) => value !== null);
  const shown = Object.fromEntries(facts.filter(([name]) => !isCommittedHere(name)));
  return { shown, values: hidden.flatMap(([name, value]) => toValue(event, name, value)) };
}

/** A value with its salt; none once the event's own salt is erased. */
function toValue({ salt }: LoggedEvent, name: string, value: unknown): CommitmentInput[] {
  if (salt === null) return [];
  const own = createHmac('sha256', salt).update(`${SALT_DOMAIN}\n${name}`).digest().subarray(0, SALT_BYTES);
  return [{ name, salt: own, value: value instanceof Uint8Array ? value : canonicalBytes(value as JsonValue) }];
}
