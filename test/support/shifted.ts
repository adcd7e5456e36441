// A transaction of another moment: what the database says that the time is, moved on by as much as a test wants.

import type { Transact, Tx } from '../../src/db/database.ts';

/** The same database, at a time that only goes on when `pass` says so. */
export function shifted(transact: Transact): { readonly transact: Transact; readonly pass: (seconds: number) => void } {
  let ms = 0;
  const move = (now: Date) => new Date(now.getTime() + ms);
  const shift = (tx: Tx): Tx => ({
    ...tx,
    now: move(tx.now),
    query: async (text, values) => {
      const result = await tx.query(text, values);
      // The lock tells the moment at which it was got.
      for (const row of result.rows as { now?: Date }[]) if (row.now instanceof Date) row.now = move(row.now);
      return result as never;
    },
  });
  return {
    transact: (tenant_id, work) => transact(tenant_id, (tx) => work(shift(tx))),
    pass: (seconds) => {
      ms += seconds * 1_000;
    },
  };
}
