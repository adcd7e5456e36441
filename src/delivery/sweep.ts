// Finds what a lost nudge or a lost run left undone, from the record alone: ends what is overdue, tells of the rest again.

import * as proofs from '../db/proofs.ts';
import * as sweepQueries from '../db/sweep-queries.ts';
import { LIFETIME_SECONDS_MAX } from '../domain/credential/scope.ts';
import { WINDOW_SECONDS_MAX } from '../domain/credential/terms.ts';
import { ID_RANDOM_BYTES, makeId } from '../domain/ids.ts';
import { TIMEOUT_SECONDS_MAX } from '../domain/policy/policy.ts';
import { MESSAGE_PATIENCE_HOURS } from '../domain/work/pending-work.ts';
import type { ApprovalInput } from '../domain/work/workflow.ts';
import type { ServiceDeps } from '../service/deps.ts';

/** Things this late were forgotten: everything else takes seconds. */
export const LATE_SECONDS = 30;
/** A nudge lost longer ago than this was repeated by ten passes. */
const FRESH_SECONDS = 300;
/** What one pass puts back at most of each kind; the next pass goes on. */
const LATE_MAX = 500;
/** Proofs of possession that are forgotten in one pass: more than a pass of half a minute can bring. */
const FORGOTTEN_MAX = 20_000;
/** One page of requests whose runs are made sure of; the whole is walked page by page, pass by pass. */
const PAGE_MAX = 500;
/** A start of a run that is there already costs Temporal a few milliseconds: this many a second disturb nobody. */
const STARTS_PER_SECOND = 50;
/** Nothing older can be open: the longest wait, then the time to claim, then the longest lease, and an hour to be safe. */
const OPEN_SECONDS_MAX = TIMEOUT_SECONDS_MAX + WINDOW_SECONDS_MAX + LIFETIME_SECONDS_MAX + 3_600;

export type SweepDeps = Pick<ServiceDeps, 'transact'> & {
  /** Whose requests it looks after: those of another tenant are left to that tenant's sweeps. */
  readonly tenant_id: string;
  /** Does what time demands of one request: the run's own work, needed here when Temporal is away. */
  readonly advance: (input: ApprovalInput) => Promise<unknown>;
};

/** Where the walk over open requests stands: the last id seen, null at its begin. Held by the caller between passes. */
export type SweepCursor = { after: string | null };

export type Swept = {
  /** Requests that were put back into the outbox. */
  readonly count: number;
  /** True when this pass reached the end of the walk. */
  readonly isWhole: boolean;
};

/** One pass: everything late, and the next page of open requests. Throws what kept it from ending one. */
export async function sweep(deps: SweepDeps, cursor: SweepCursor, page_max = PAGE_MAX): Promise<Swept> {
  const { tenant_id } = deps;
  const { count, overdue, after } = await deps.transact(tenant_id, async (tx) => {
    const now_ms = tx.now.getTime();
    const before = new Date(now_ms - LATE_SECONDS * 1_000);
    const fresh = new Date(now_ms - FRESH_SECONDS * 1_000);
    const since = new Date(now_ms - MESSAGE_PATIENCE_HOURS * 3_600_000);
    const late = await sweepQueries.enqueueLate(tx, { before, fresh, since, limit: LATE_MAX });
    const overdue = await sweepQueries.listOverdue(tx, { before, limit: LATE_MAX });
    const ids = await sweepQueries.listRequestIds(tx, { after: cursor.after ?? oldestId(now_ms), limit: page_max });
    const open = await sweepQueries.enqueueOpen(tx, { ids, per_second: STARTS_PER_SECOND });
    await proofs.removeExpired(tx, FORGOTTEN_MAX);
    const after = ids.length < page_max ? null : (ids.at(-1) ?? null);
    return { count: late + open, overdue, after };
  });
  // After the commit: a page that could not be put back is tried again. One that cannot be ended keeps no page waiting.
  cursor.after = after;
  await endEach(
    deps,
    overdue.map((request_id) => ({ tenant_id, request_id })),
  );
  return { count, isWhole: cursor.after === null };
}

/** An agent that waits hears of an expiry also while Temporal is away; one that cannot be ended keeps no other. */
async function endEach(deps: SweepDeps, overdue: readonly ApprovalInput[]): Promise<void> {
  const errors: unknown[] = [];
  for (const input of overdue) await deps.advance(input).catch((error: unknown) => errors.push(error));
  if (errors.length > 0) throw errors[0];
}

/** Ids sort by the time that they were made at: the least one that can belong to an open request. */
function oldestId(now_ms: number): string {
  return makeId('request', now_ms - OPEN_SECONDS_MAX * 1_000, new Uint8Array(ID_RANDOM_BYTES));
}
