// Finds what a lost nudge or a lost run left undone, from the record alone, and puts it back into the outbox.

import type { Records } from './records.ts';

/** Things this late were forgotten: everything else takes seconds. */
const LATE_SECONDS = 30;
/** Beyond this age a message that could not be said is given up; the decision stands in the record. */
const GIVE_UP_HOURS = 24;
/** One page of open requests whose runs are made sure of; the whole is walked page by page, pass by pass. */
const PAGE_MAX = 200;

export type SweepDeps = Pick<Records, 'transact' | 'store'> & {
  readonly listTenants: () => Promise<readonly string[]>;
};

/** Where the walk over open requests stands, by tenant. Held by the caller between passes. */
export type SweepCursor = Map<string, string>;

/** One pass over all tenants; answers how many requests were put back. */
export async function sweep(deps: SweepDeps, cursor: SweepCursor): Promise<number> {
  let count = 0;
  for (const tenant_id of await deps.listTenants()) {
    count += await deps.transact(tenant_id, async (tx) => {
      const { outbox } = deps.store;
      const late = await outbox.enqueueLate(tx, {
        late_seconds: LATE_SECONDS,
        give_up_hours: GIVE_UP_HOURS,
        limit: PAGE_MAX,
      });
      const page = await outbox.enqueueOpen(tx, { after: cursor.get(tenant_id) ?? '', limit: PAGE_MAX });
      const last = page.at(-1);
      if (last === undefined || page.length < PAGE_MAX) cursor.delete(tenant_id);
      else cursor.set(tenant_id, last);
      return late + page.length;
    });
  }
  return count;
}
