// Statements on executions: an approval that is acted on without a credential, begun once.

import type { Execution } from '../domain/credential/lease.ts';
import type { LockedTx } from './database.ts';
import { EXECUTIONS } from './tables.ts';

/** True when the execution was begun; false when one was before. */
export async function insertExecution(tx: LockedTx, request_id: string, row: Execution): Promise<boolean> {
  const sql = `${EXECUTIONS.insert} on conflict (tenant_id, request_id) do nothing returning request_id`;
  return (await tx.query(sql, EXECUTIONS.valuesOf(tx, { ...row, request_id }))).rowCount === 1;
}
