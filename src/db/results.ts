// Statements on results: what the agent or the tool says happened, once per request.

import type { ExecutionResult } from '../domain/credential/lease.ts';
import type { LockedTx } from './database.ts';
import { RESULTS } from './tables.ts';

/** True when the result was recorded; false when one stands already. */
export async function insertResult(tx: LockedTx, request_id: string, row: ExecutionResult): Promise<boolean> {
  const sql = `${RESULTS.insert} on conflict (tenant_id, request_id) do nothing returning request_id`;
  return (await tx.query(sql, RESULTS.valuesOf(tx, { ...row, request_id }))).rowCount === 1;
}
