// The sequencer: gives events their places in the log, batch by batch, each batch one transaction with the hashes above it.
// It may die anywhere, and several may run: the log is locked while one of them adds to it.

import { hashLeaf } from '@placet/sdk/log';
import type { Transact, Tx } from '../db/database.ts';
import * as log from '../db/log.ts';
import type { NewLog } from '../db/log-tables.ts';
import * as loggedEvents from '../db/logged-events.ts';
import { makeLeaf } from './leaf.ts';
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

/** What one process knows of writers from its last pass: once they have ended, nothing comes below this position any more. */
export type Mark = { readonly position: number; readonly writers: readonly string[] };

export type Sequenced = { readonly count: number; readonly mark: Mark | null };

/**
 * Sequences what waits, and answers how many events got a place. `mark` is what the last pass answered. Nothing before the log is
 * made.
 *
 * Events are seen once they are committed, and so not in the order of their positions: each is looked for above the position up
 * to which the log is settled. That goes on once all who might have written below it are known to have ended; until then nothing
 * is late, it is only looked through again.
 */
export async function sequenceAll(deps: SequenceDeps, mark: Mark | null = null): Promise<Sequenced> {
  const { transact, tenant_id } = deps;
  const seen = await transact(tenant_id, (tx) => look(tx));
  if (seen === null) return { count: 0, mark: null };
  const isOver = mark !== null && !mark.writers.some((writer) => seen.writers.includes(writer));
  let count = 0;
  for (let more = true; more; ) {
    const added = await transact(tenant_id, (tx) => sequenceBatch(tx, isOver ? mark.position : 0));
    count += added;
    more = added === BATCH_MAX;
  }
  return { count, mark: isOver || mark === null ? seen : mark };
}

/** The newest position, and then who may still write below it; null when nothing came since the log was settled. */
async function look(tx: Tx): Promise<Mark | null> {
  const head = await log.readLog(tx);
  const position = await log.readNewest(tx);
  if (head === null || position <= head.settled) return null;
  return { position, writers: await log.listWriters(tx) };
}

async function sequenceBatch(tx: Tx, settled: number): Promise<number> {
  const head = await log.lockLog(tx);
  if (head === null) return 0;
  const events = await loggedEvents.listWaiting(tx, head.settled, BATCH_MAX);
  if (events.length > 0) {
    const leaves = events.map((event) => ({ position: event.position, leaf: makeLeaf(event) }));
    const size = await log.insertLeaves(
      tx,
      leaves.map(({ position, leaf }) => ({ position, leaf, hash: hashLeaf(leaf) })),
    );
    await addNodes(tx, head.size, size);
  }
  if (events.length < BATCH_MAX) await log.settle(tx, settled);
  return events.length;
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
