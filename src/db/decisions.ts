// Statements on decisions: inserted once per person and request, never changed.

import type { Decision } from '../domain/request/decision.ts';
import type { LockedTx } from './database.ts';

export type NewDecision = Decision & { readonly slack_team_id: string; readonly slack_user_id: string };

/** True when the decision was recorded; false when this person, or this Slack account, has decided on it before (INV-1). */
export async function insertDecision(tx: LockedTx, row: NewDecision): Promise<boolean> {
  const sql = `insert into placet.decisions
      (tenant_id, id, request_id, stage, person_id, decision, reason, digest, slack_team_id, slack_user_id, decided_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
    on conflict do nothing returning id`;
  const values = [tx.tenant_id, row.id, row.request_id, row.stage, row.person_id, row.decision, row.reason, row.digest];
  return (await tx.query(sql, [...values, row.slack_team_id, row.slack_user_id, row.decided_at])).rowCount === 1;
}
