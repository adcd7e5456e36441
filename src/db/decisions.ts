// Statements on decisions: inserted once per person and request, and once per account, never changed.

import type { Decision } from '../domain/request/decision.ts';
import type { LockedTx } from './database.ts';

/** True when the decision was recorded; false when this person, or this account, has decided on it before (INV-1). */
export async function insertDecision(tx: LockedTx, row: Omit<Decision, 'account_moved_at'>): Promise<boolean> {
  const sql = `insert into placet.decisions
      (tenant_id, id, request_id, stage, person_id, decision, reason, digest, via, account, decided_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
    on conflict do nothing returning id`;
  const values = [tx.tenant_id, row.id, row.request_id, row.stage, row.person_id, row.decision, row.reason, row.digest];
  return (await tx.query(sql, [...values, row.via, row.account, row.decided_at])).rowCount === 1;
}
