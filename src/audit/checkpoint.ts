// Checkpoints: the size and root of the log, signed. The anchor is read before each signature and written before anyone has
// it, so that no two checkpoints contradict each other, whoever restores, copies or alters the database.
//
// A process that dies before the anchor has the note has signed nothing that anyone has; one that dies after it finds it there.

import {
  type Checkpoint,
  formatCheckpoint,
  formatNote,
  LogError,
  type LogKey,
  logKey,
  openCheckpoint,
  verifyConsistency,
} from '@placet/sdk/log';
import * as checkpoints from '../db/checkpoints.ts';
import type { Transact, Tx } from '../db/database.ts';
import * as log from '../db/log.ts';
import { PlacetError } from '../domain/errors.ts';
import type { Anchor } from './anchor.ts';
import { readerOf } from './sequence.ts';
import { proveConsistency, rootOf } from './tree.ts';

/** Longer than reading and writing an anchor takes; another process goes on when this one is gone for so long. */
const SIGNER_SECONDS = 120;

export type CheckpointDeps = {
  readonly transact: Transact;
  readonly tenant_id: string;
  /** This process, by a name that no other has. */
  readonly signer: string;
  /** The first is read back before each signature; the others are given each checkpoint too. */
  readonly anchors: readonly Anchor[];
  /** Signs with the key that the log's row keeps sealed. */
  readonly sign: (log: log.Log, text: string) => Promise<Uint8Array>;
};

/** Why nothing was signed. */
export type SignRefusal =
  /** No anchor is configured. */
  | 'no_anchor'
  /** The first anchor cannot be read or written. */
  | 'anchor_unreachable'
  /** It holds what this key never signed. */
  | 'anchor_foreign'
  /** The database holds checkpoints that the anchor does not. */
  | 'anchor_behind'
  /** The anchor holds a longer log: an older database was restored. */
  | 'log_behind'
  /** The anchor's checkpoint is of another tree than the database now says. */
  | 'log_forked';

export type Signing =
  | { readonly kind: 'signed'; readonly size: number; readonly missed: readonly Missed[] }
  /** The log has not grown. */
  | { readonly kind: 'unchanged'; readonly size: number }
  /** Another process signs, or was faster. */
  | { readonly kind: 'busy' }
  | { readonly kind: 'refused'; readonly why: SignRefusal; readonly cause?: unknown };

/** An anchor beside the first that was not given the checkpoint. */
export type Missed = { readonly name: string; readonly cause: unknown };

/** Signs a checkpoint of the log as it is, when it has grown, and gives it to every anchor. Nothing before the log is made. */
export async function signCheckpoint(deps: CheckpointDeps): Promise<Signing> {
  const [first, ...others] = deps.anchors;
  const held = await deps.transact(deps.tenant_id, (tx) => hold(deps, tx));
  if (held === null) return { kind: 'busy' };
  if (first === undefined) return { kind: 'refused', why: 'no_anchor' };
  const key = logKey(held.log.origin, held.log.public_key);
  const read = await attempt(() => first.read(key.name));
  if ('cause' in read) return { kind: 'refused', why: 'anchor_unreachable', cause: read.cause };
  const found = await deps.transact(deps.tenant_id, (tx) => compare(tx, key, read.value));
  if ('why' in found) return { kind: 'refused', ...found };
  const { last, head } = found;
  if (head === null) return { kind: 'unchanged', size: last };
  const text = formatCheckpoint(head);
  const note = formatNote(text, key, await deps.sign(held.log, text));
  const anchored = { origin: key.name, note, size: head.size, after: last };
  const written = await attempt(() => first.write(anchored));
  if ('cause' in written) return { kind: 'refused', why: 'anchor_unreachable', cause: written.cause };
  if (!written.value) return { kind: 'busy' };
  await deps.transact(deps.tenant_id, (tx) => keep(tx, head, note));
  const missed: Missed[] = [];
  for (const anchor of others) {
    const copied = await attempt(() => anchor.write(anchored));
    if ('cause' in copied) missed.push({ name: anchor.name, cause: copied.cause });
    else if (!copied.value) missed.push({ name: anchor.name, cause: new Error('it holds a later checkpoint') });
  }
  return { kind: 'signed', size: head.size, missed };
}

async function hold(deps: CheckpointDeps, tx: Tx): Promise<{ readonly log: log.Log } | null> {
  const found = await log.readLog(tx);
  if (found === null || found.size === 0) return null;
  return (await checkpoints.takeSigner(tx, deps.signer, SIGNER_SECONDS)) ? { log: found } : null;
}

type Compared =
  | { readonly last: number; readonly head: Checkpoint | null }
  | { readonly why: SignRefusal; readonly cause?: unknown };

/** Whether the anchor's last checkpoint and the database tell of one log; then what is to be signed, null for nothing new. */
async function compare(tx: Tx, key: LogKey, notes: readonly string[]): Promise<Compared> {
  const opened = openAll(notes, key);
  if (opened === 'foreign') return { why: 'anchor_foreign' };
  const [anchored = null] = opened;
  const [stored] = await checkpoints.listCheckpoints(tx, Number.MAX_SAFE_INTEGER, 1);
  const size = (await log.readLog(tx))?.size ?? 0;
  const last = anchored?.checkpoint.size ?? 0;
  if (stored !== undefined && stored.size > last) return { why: 'anchor_behind' };
  if (size < last) return { why: 'log_behind' };
  try {
    const read = readerOf(tx);
    const root = await rootOf(read, size);
    if (anchored !== null) {
      for (const { checkpoint } of opened) {
        const { size: old_size, root: old_root } = checkpoint;
        verifyConsistency({ old_size, old_root, size, root, proof: await proveConsistency(read, old_size, size) });
      }
      // The process that signed it died before it could say so here.
      if (stored?.size !== last) await keep(tx, anchored.checkpoint, anchored.note);
      if (size === last) return { last, head: null };
    }
    return { last, head: { origin: key.name, size, root } };
  } catch (cause) {
    if (cause instanceof LogError || cause instanceof RangeError) return { why: 'log_forked', cause };
    throw cause;
  }
}

type Last = { readonly checkpoint: Checkpoint; readonly note: string };

/** The notes that this key signed, the longest first; none when there is none at all. */
function openAll(notes: readonly string[], key: LogKey): readonly Last[] | 'foreign' {
  const opened = notes.flatMap((note) => {
    try {
      return [{ checkpoint: openCheckpoint(note, key), note }];
    } catch {
      return [];
    }
  });
  if (notes.length > 0 && opened.length === 0) return 'foreign';
  return opened.sort((a, b) => b.checkpoint.size - a.checkpoint.size);
}

async function keep(tx: Tx, { size, root }: Checkpoint, note: string): Promise<void> {
  await checkpoints.insertCheckpoint(tx, { size, root, note, signed_at: tx.now });
}

async function attempt<T>(work: () => Promise<T>): Promise<{ readonly value: T } | { readonly cause: unknown }> {
  try {
    return { value: await work() };
  } catch (cause) {
    return { cause };
  }
}

/** Marks in every anchor that the log has not grown. */
export async function confirmCheckpoint({ anchors, transact, tenant_id }: CheckpointDeps): Promise<readonly Missed[]> {
  const found = await transact(tenant_id, (tx) => log.readLog(tx));
  if (found === null) throw new PlacetError('not_found');
  const missed: Missed[] = [];
  for (const anchor of anchors) {
    const done = await attempt(() => anchor.confirm(found.origin));
    if ('cause' in done) missed.push({ name: anchor.name, cause: done.cause });
  }
  return missed;
}
