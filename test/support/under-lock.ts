// Runs statements on one request under its lock, as every use case does.

import type { LockedTx } from '../../src/db/database.ts';
import * as requests from '../../src/db/requests.ts';
import { TENANT, type TestDatabase } from './database.ts';

/** What `work` gives in a transaction that holds the request's lock. */
export function underLock<T>(
  { transact }: Pick<TestDatabase, 'transact'>,
  request_id: string,
  work: (tx: LockedTx) => Promise<T>,
): Promise<T> {
  return transact(TENANT, async (begun) => {
    const tx = await requests.lockRequest(begun, request_id);
    if (tx === null) throw new Error(`there is no ${request_id} to lock`);
    return work(tx);
  });
}
