// The walk over a whole log: each leaf against its event, each kept hash and each checkpoint against the leaves, and the anchors
// against the tree that they make. Tells the first event that is wrong by its name. Changes nothing.

import { hashLeaf, LogError, type LogKey, logKey, openCheckpoint } from '@placet/sdk/log';
import * as checkpoints from '../db/checkpoints.ts';
import type { Transact, Tx } from '../db/database.ts';
import { inOrder } from '../db/in-order.ts';
import * as log from '../db/log.ts';
import type { WalkedLeaf } from '../db/logged-events.ts';
import * as loggedEvents from '../db/logged-events.ts';
import * as walk from '../db/walk.ts';
import type { Finding } from './compare.ts';
import { createFrontier, type Frontier } from './frontier.ts';
import { openEvent } from './open.ts';
import { TILE_HEIGHT, TILE_WIDTH } from './tree.ts';

/** So many leaves are read in one transaction. */
const PAGE = TILE_WIDTH;
/** So many events are looked up in one transaction. */
const EVENTS_PAGE = 1_000;
/** An event is in the log a second after its commit; clocks of one server may be set by this much. */
const CLOCK_MS = 60_000;

export type Walked = { readonly size: number; readonly finding: Finding | null };

/** What an anchor holds, read by whoever walks. */
export type AnchoredNotes = { readonly name: string; readonly notes: readonly string[] };

type State = {
  readonly frontier: Frontier;
  readonly key: LogKey;
  readonly anchored: readonly { readonly name: string; readonly size: number; readonly root: Buffer }[];
  sequenced_at: Date;
  occurred_at: Date;
};

/** Walks the log of the tenant from its first leaf to its size at this moment. */
export async function walkLog(
  { transact, tenant_id }: { readonly transact: Transact; readonly tenant_id: string },
  anchors: readonly AnchoredNotes[],
): Promise<Walked> {
  const head = await transact(tenant_id, (tx) => log.readLog(tx));
  if (head === null) return { size: 0, finding: null };
  const key = logKey(head.origin, head.public_key);
  const { size } = head;
  const anchored = [];
  for (const { name, notes } of anchors) {
    const opened = openAll(notes, key);
    if (opened === null) return { size, finding: about(`the anchor ${name} holds what this log’s key did not sign`) };
    anchored.push(...opened.map((checkpoint) => ({ name, ...checkpoint })));
  }
  const beyond = anchored.find((each) => each.size > size);
  const state: State = {
    frontier: createFrontier(),
    key,
    anchored,
    sequenced_at: new Date(0),
    occurred_at: new Date(0),
  };
  for (let from = 0; from < size; from += PAGE) {
    const finding = await transact(tenant_id, (tx) => walkPage(tx, state, from, Math.min(size, from + PAGE)));
    if (finding !== null) return { size, finding };
  }
  if (beyond !== undefined) {
    return {
      size,
      finding: about(`the anchor ${beyond.name} holds a log of ${beyond.size} events, this one has ${size}`),
    };
  }
  const finding = await transact(tenant_id, (tx) => findUnsized(tx, size));
  return { size, finding: finding ?? (await findUnplaced(transact, tenant_id)) };
}

async function walkPage(tx: Tx, state: State, from: number, to: number): Promise<Finding | null> {
  const levels = [1, 2, 3, 4, 5, 6].filter((level) => to % TILE_WIDTH ** level === 0);
  const [leaves, signed, ...nodes] = await inOrder(tx, [
    (tx) => loggedEvents.listWalked(tx, from, to - from),
    (tx) => checkpoints.listCheckpoints(tx, to + 1, PAGE),
    ...levels.map(
      (level) => (tx: Tx) => walk.listNodes(tx, level, to / TILE_WIDTH ** level - 1, to / TILE_WIDTH ** level),
    ),
  ]);
  for (let index = from; index < to; index += 1) {
    const place = leaves[index - from];
    if (place?.index !== index) return about(`the log has no place ${index}`);
    const fault = leafFault(place, state);
    if (fault !== null) return { event_id: place.id, request_id: place.request_id, why: fault };
    const completed = state.frontier.add(place.hash);
    for (const [at, level] of levels.entries()) {
      const node = completed.find(({ height }) => height === level * TILE_HEIGHT);
      if (node === undefined) continue;
      const kept = (nodes[at] as Map<number, Buffer> | undefined)?.get(node.index);
      if (kept?.equals(node.hash) !== true)
        return about(`the kept hash ${node.index} of level ${level} is not that of its leaves`);
    }
    const finding = rootFault(state, signed, index + 1);
    if (finding !== null) return finding;
  }
  return null;
}

function leafFault(place: WalkedLeaf, state: State): string | null {
  if (!hashLeaf(place.leaf).equals(place.hash)) return 'the leaf is not the one that the log has there';
  if (place.id === null) return 'the event is gone';
  const event = openEvent({ ...place, id: place.id });
  return 'why' in event ? event.why : clockFault(place, event.occurred_at, state);
}

function clockFault({ sequenced_at }: WalkedLeaf, occurred_at: Date, state: State): string | null {
  if (sequenced_at < state.sequenced_at) return 'the event got its place before the one before it';
  if (occurred_at.getTime() > sequenced_at.getTime() + CLOCK_MS) return 'the event happened after it got its place';
  if (occurred_at.getTime() < state.occurred_at.getTime() - CLOCK_MS) return 'the clock went back before the event';
  state.sequenced_at = sequenced_at;
  if (occurred_at > state.occurred_at) state.occurred_at = occurred_at;
  return null;
}

/** Whether the checkpoints of this size, here and in the anchors, have its root. */
function rootFault(state: State, signed: readonly checkpoints.StoredCheckpoint[], size: number): Finding | null {
  const stored = signed.filter((each) => each.size === size);
  const anchored = state.anchored.filter((each) => each.size === size);
  if (stored.length + anchored.length === 0) return null;
  const root = state.frontier.root();
  for (const { note, root: kept } of stored) {
    const opened = openAll([note], state.key)?.[0];
    if (opened === undefined || opened.size !== size)
      return about(`the checkpoint of ${size} events is not signed by the log’s key`);
    if (!opened.root.equals(root) || !kept.equals(root))
      return about(`the checkpoint of ${size} events is of another log`);
  }
  const other = anchored.find((each) => !each.root.equals(root));
  return other === undefined ? null : about(`the anchor ${other.name} holds another log of ${size} events`);
}

async function findUnsized(tx: Tx, size: number): Promise<Finding | null> {
  const [last] = await checkpoints.listCheckpoints(tx, Number.MAX_SAFE_INTEGER, 1);
  if (last === undefined || last.size <= size || last.size <= ((await log.readLog(tx))?.size ?? 0)) return null;
  return about(`a checkpoint was signed for ${last.size} events, the log has ${size}`);
}

/** The first event that should have its place and has none. */
async function findUnplaced(transact: Transact, tenant_id: string): Promise<Finding | null> {
  for (let after = Number.MIN_SAFE_INTEGER, more = true; more; ) {
    const page = await transact(tenant_id, (tx) => loggedEvents.listSettled(tx, after, EVENTS_PAGE));
    const found = page.find(({ is_placed }) => !is_placed);
    if (found !== undefined)
      return { event_id: found.id, request_id: found.request_id, why: 'the event is outside of the log' };
    after = page.at(-1)?.position ?? after;
    more = page.length === EVENTS_PAGE;
  }
  return null;
}

function openAll(notes: readonly string[], key: LogKey) {
  try {
    return notes.map((note) => openCheckpoint(note, key));
  } catch (error) {
    if (error instanceof LogError) return null;
    throw error;
  }
}

function about(why: string): Finding {
  return { event_id: null, request_id: null, why };
}
