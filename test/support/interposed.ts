// Lets a test act in place of one statement of a transaction, or right before it. Expects nothing itself.

import type { QueryResult, Transact, Tx } from '../../src/db/database.ts';

type Act = (run: () => Promise<QueryResult<unknown>>) => Promise<QueryResult<unknown>>;

/** The same `transact`, but where the text of a statement matches `at`: there `act` decides, and may run it. */
export function interposed(transact: Transact, at: RegExp, act: Act): Transact {
  return (tenant_id, work) =>
    transact(tenant_id, (tx) => {
      const query = (text: string, values?: readonly unknown[]) =>
        at.test(text) ? act(() => tx.query(text, values)) : tx.query(text, values);
      return work({ ...tx, query: query as Tx['query'] });
    });
}

/** As a conditional update answers that another one was faster than. */
export const loses: Act = async () => ({ rows: [], rowCount: 0 });

/** As a statement ends whose connection is lost. */
export const dies =
  (message: string): Act =>
  () =>
    Promise.reject(new Error(message));
