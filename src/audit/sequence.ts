// The sequencer: gives events their places in the log, batch by batch, each batch one transaction with the hashes above it.
// It may die anywhere, and several may run: an event is in the queue or in the log, and never in both.

import type { Transact, Tx } from '../db/database.ts';
import * as log from '../db/log.ts';
import type { NewLog } from '../db/log-tables.ts';
import { completedNodes, hashComplete, type ReadHashes, TILE_WIDTH } from './tree.ts';

/** One batch: small enough that its transaction is short, so that the tiles of a batch are few. */
const BATCH_MAX = 1_024;

export type SequenceDeps = { readonly transact: Transact; readonly tenant_id: string };

/** Makes the log of the tenant when there is none; the one that is there stays as it is. */
export async function ensureLog(
  { transact, tenant_id }: SequenceDeps,
  origin: string,
  makeKey: () => Pick<NewLog, 'public_key' | 'private_sealed'>,
): Promise<void> {
  if ((await transact(tenant_id, (tx) => log.readLog(tx))) !== null) return;
  await transact(tenant_id, (tx) => log.insertLog(tx, { origin, ...makeKey() }));
}

/** Sequences what waits, and answers how many it gave a place. Nothing before the log is made. */
export async function sequenceAll(deps: SequenceDeps): Promise<number> {
  let total = 0;
  while (await deps.transact(deps.tenant_id, (tx) => log.hasQueue(tx))) {
    const count = await deps.transact(deps.tenant_id, sequenceBatch);
    if (count === 0) break;
    total += count;
  }
  return total;
}

async function sequenceBatch(tx: Tx): Promise<number> {
  const head = await log.lockLog(tx);
  if (head === null) return 0;
  const size = await log.sequence(tx, BATCH_MAX);
  await addNodes(tx, head.size, size);
  return size - head.size;
}

/** Adds the roots of the subtrees that became complete, the lower ones first, since the upper ones are made of them. */
async function addNodes(tx: Tx, old_size: number, size: number): Promise<void> {
  const completed = completedNodes(old_size, size);
  for (const level of new Set(completed.map((node) => node.level))) {
    const places = completed.filter((node) => node.level === level).map(({ start }) => start);
    const spans = places.map((place) => ({ level: level - 1, start: place * TILE_WIDTH, count: TILE_WIDTH }));
    const below = await log.readHashes(tx, spans);
    const nodes = places.map((index, at) => ({ level, index, hash: hashComplete(whole(below[at])) }));
    await log.insertNodes(tx, nodes);
  }
}

function whole(hashes: readonly Buffer[] | undefined): readonly Buffer[] {
  if (hashes?.length !== TILE_WIDTH) throw new RangeError('a hash of the log is missing');
  return hashes;
}

/** Reads the log's hashes for proofs and roots. */
export function readerOf(tx: Tx): ReadHashes {
  return (spans) => log.readHashes(tx, spans);
}
