// A small log with a key of the test's own, and receipts of it: right ones, and whatever a forger with that key could write.

import { generateKeyPairSync, sign } from 'node:crypto';
import { canonicalBytes, type JsonValue } from '@placet/sdk/canonical';
import {
  commitmentOf,
  formatCheckpoint,
  formatLogKey,
  formatNote,
  formatReceipt,
  hashLeaf,
  logKey,
  type Receipt,
} from '@placet/sdk/log';
import { proveInclusion, type ReadHashes, rootOf } from '../../src/audit/tree.ts';

export const ORIGIN = 'placet.example/default';
export const REQUEST_ID = 'apr_000000cqg7p2m00000000000000000000000';

export function makeKeys() {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const key = logKey(ORIGIN, Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url'));
  return { privateKey, key };
}

export type ForgedEvent = {
  /** One of its own where left out. */
  readonly id?: string;
  readonly type: string;
  readonly actor?: { readonly kind: string; readonly id?: string };
  /** Null for an event that is about none. */
  readonly request_id?: string | null;
  readonly lease_id?: string;
  readonly facts?: { readonly [name: string]: JsonValue };
  readonly values?: { readonly [name: string]: JsonValue };
};

const OWN = makeKeys();

/** A log of these events, in their order, under one checkpoint. */
export async function forgeLog(events: readonly ForgedEvent[]) {
  const made = events.map(leafOf);
  const hashes = made.map(({ leaf }) => hashLeaf(leaf));
  const read: ReadHashes = async (spans) => spans.map(({ start, count }) => hashes.slice(start, start + count));
  const { key, privateKey } = OWN;
  const signed = (text: string, by = key) => formatNote(text, by, sign(null, Buffer.from(text, 'utf8'), privateKey));
  const root = await rootOf(read, hashes.length);
  const note = signed(formatCheckpoint({ origin: ORIGIN, size: hashes.length, root }));
  const parts = async (index: number): Promise<Receipt> => {
    const { leaf = Buffer.of(0), values = [] } = made[index] ?? {};
    return { index, proof: await proveInclusion(read, index, hashes.length), note, leaf, values };
  };
  const receipts = await Promise.all(made.map(async (_, index) => formatReceipt(await parts(index))));
  return { key: formatLogKey(key), root, note, signed, parts, receipts };
}

function leafOf(event: ForgedEvent, at: number) {
  const { type, request_id = REQUEST_ID, lease_id, facts = {} } = event;
  const { actor = { kind: 'agent', id: 'agt_1' } } = event;
  const values = Object.entries(event.values ?? {}).map(([name, value]) => ({
    name,
    salt: Buffer.alloc(16, at),
    // What was digested is kept as the bytes that were.
    value: canonicalBytes(value),
  }));
  const leaf = canonicalBytes({
    ...{ v: 1, id: event.id ?? `evt_${at}`, type, version: 1, outcome: 'success', actor, facts },
    ...(request_id === null ? {} : { request_id }),
    ...(lease_id === undefined ? {} : { lease_id }),
    occurred_at: '2026-01-15T14:06:30.000Z',
    committed: Object.fromEntries(values.map((value) => [value.name, commitmentOf(value)])),
  });
  return { leaf, values };
}
