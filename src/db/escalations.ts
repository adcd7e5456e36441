// Statements on escalations: groups that were added to a stage, never changed and never removed.

import type { LockedTx } from './database.ts';
import { ESCALATIONS, type EscalationRow } from './escalations-table.ts';

/** Adds groups to a stage of the locked request; how many were not there yet. */
export async function insertEscalations(tx: LockedTx, rows: readonly EscalationRow[]): Promise<number> {
  const sql = `${ESCALATIONS.insertMany} on conflict do nothing returning m.group_id`;
  return (await tx.query(sql, [tx.tenant_id, ESCALATIONS.recordsOf(rows)])).rowCount;
}
