// A span of the log: where it lies, the checkpoint over it, and its leaves page by page.

import { formatLogKey, logKey } from '@placet/sdk/log';
import * as checkpoints from '../db/checkpoints.ts';
import type { Transact } from '../db/database.ts';
import * as log from '../db/log.ts';
import * as walk from '../db/walk.ts';

/** So many leaves are read in one transaction. */
const PAGE = 500;

export type ExportDeps = { readonly transact: Transact; readonly tenant_id: string };

/** Where the span lies, and under which checkpoint. */
export type ExportSpan = {
  readonly key: string;
  readonly note: string;
  readonly size: number;
  readonly start: number;
  readonly end: number;
};

/** Finds the span under the first checkpoint that covers it, so that the same span has the same one; null while none does. */
export function findSpan(
  { transact, tenant_id }: ExportDeps,
  { from, to }: { readonly from: Date | null; readonly to: Date | null },
): Promise<ExportSpan | null> {
  return transact(tenant_id, async (tx) => {
    const own = await log.readLog(tx);
    const [last] = await checkpoints.listCheckpoints(tx, Number.MAX_SAFE_INTEGER, 1);
    if (own === null || last === undefined) return null;
    const before = (moment: Date) => countUntil(own.size, (index) => walk.isSequencedBefore(tx, index, moment));
    const end = to === null ? last.size : await before(to);
    const covering = await checkpoints.findCovering(tx, Math.max(end, 1));
    if (covering === null) return null;
    const start = from === null ? 0 : Math.min(await before(from), end);
    const { note, size } = covering;
    return { key: formatLogKey(logKey(own.origin, own.public_key)), note, size, start, end };
  });
}

/** How many places come first of which this holds: it holds of none after one of which it does not. */
async function countUntil(size: number, holds: (index: number) => Promise<boolean>): Promise<number> {
  let [low, high] = [0, size];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (await holds(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}

export type SpanLeaf = { readonly index: number; readonly leaf: Buffer; readonly hash: Buffer; readonly type: string };

/** The leaves of the span, page by page. */
export async function* leavesOf(
  { transact, tenant_id }: ExportDeps,
  { start, end }: ExportSpan,
): AsyncGenerator<SpanLeaf[]> {
  for (let from = start; from < end; from += PAGE) {
    const count = Math.min(PAGE, end - from);
    const leaves = await transact(tenant_id, (tx) => walk.listLeaves(tx, from, count));
    if (leaves.length !== count) throw new RangeError('a place of the log is missing');
    yield leaves.map((each) => ({ ...each, type: typeOf(each.leaf) }));
  }
}

function typeOf(leaf: Buffer): string {
  return String((JSON.parse(leaf.toString('utf8')) as { readonly type?: unknown }).type);
}
