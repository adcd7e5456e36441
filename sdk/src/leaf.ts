// Leaves: an event as the log holds it, opened with the values that it commits to.

import { canonicalBytes, type JsonValue } from './canonical.ts';
import { type CommitmentInput, commitmentOf } from './commitment.ts';
import { LogError } from './log-error.ts';

/** An event of Placet's log. What it holds of people, free text and parameters stands in `committed` alone. */
export type LogEvent = {
  readonly v: 1;
  readonly id: string;
  readonly type: string;
  readonly version: number;
  readonly outcome: 'success' | 'failure';
  readonly actor: { readonly kind: string; readonly id?: string };
  readonly request_id?: string;
  readonly lease_id?: string;
  readonly occurred_at: string;
  readonly facts: { readonly [name: string]: JsonValue };
  readonly committed: { readonly [name: string]: string };
};

export type OpenedLeaf = {
  readonly event: LogEvent;
  /** The values that were shown and are those of its commitments. */
  readonly values: { readonly [name: string]: JsonValue };
};

/** Reads a leaf and checks what is shown beside it. Throws LogError: `leaf_invalid`, `commitment_mismatch`. */
export function openLeaf(leaf: Uint8Array, shown: readonly CommitmentInput[]): OpenedLeaf {
  const event = readLeaf(leaf);
  const values: { [name: string]: JsonValue } = {};
  for (const one of shown) {
    if (event.committed[one.name] !== commitmentOf(one)) throw new LogError('commitment_mismatch', one.name);
    values[one.name] = readCanonical(one.value);
  }
  return { event, values };
}

function readLeaf(leaf: Uint8Array): LogEvent {
  const event = readCanonical(leaf) as unknown as LogEvent;
  if (!isObject(event) || !isObject(event.actor)) throw new LogError('leaf_invalid');
  const texts = [event.id, event.type, event.outcome, event.occurred_at, event.actor.kind];
  const isWhole = event.v === 1 && isObject(event.facts) && isObject(event.committed);
  if (!isWhole || texts.some((text) => typeof text !== 'string')) throw new LogError('leaf_invalid');
  return event;
}

/** Reads bytes that are the canonical form of what they say: what another reader would read otherwise is not ours. */
function readCanonical(bytes: Uint8Array): JsonValue {
  try {
    const value: JsonValue = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
    if (Buffer.compare(canonicalBytes(value), bytes) === 0) return value;
  } catch (error) {
    throw new LogError('leaf_invalid', undefined, error);
  }
  throw new LogError('leaf_invalid');
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
