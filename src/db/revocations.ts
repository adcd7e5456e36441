// Statements on revocations: what an approval gave, taken back once and for good.

import type { Revocation } from '../domain/credential/lease.ts';
import type { LockedTx } from './database.ts';
import { REVOCATIONS } from './tables.ts';

/** Takes back what the approval of the locked request gave. No lease of it may be live, and nothing is issued or begun after. */
export async function insertRevocation(tx: LockedTx, request_id: string, row: Revocation): Promise<void> {
  await tx.query(REVOCATIONS.insert, REVOCATIONS.valuesOf(tx, { ...row, request_id }));
}
