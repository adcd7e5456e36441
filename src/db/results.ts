// Statements on results: what the agent or the tool says happened, once per request.

import type { ExecutionResult } from '../domain/credential/lease.ts';
import type { LockedTx } from './database.ts';

/** True when the result was recorded; false when one stands already. */
export async function insertResult(tx: LockedTx, request_id: string, row: ExecutionResult): Promise<boolean> {
  const sql = `insert into placet.results (tenant_id, request_id, status, detail, result_digest, reported_at)
    values ($1, $2, $3, $4, $5, $6) on conflict (tenant_id, request_id) do nothing returning request_id`;
  const values = [tx.tenant_id, request_id, row.status, row.detail, row.result_digest, row.reported_at];
  return (await tx.query(sql, values)).rowCount === 1;
}
