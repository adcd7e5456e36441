// Statements on escalations: groups that were added to a stage, never changed and never removed.

import type { AskedGroup } from '../domain/request/request.ts';
import { tableOf } from './columns.ts';
import type { LockedTx } from './database.ts';

/** A group that an escalation added to a stage. */
export type EscalationRow = AskedGroup & {
  readonly request_id: string;
  readonly stage: number;
  readonly escalated_at: Date;
};

export const ESCALATIONS = tableOf<EscalationRow, EscalationRow>('escalations', {
  request_id: 'text',
  stage: 'integer',
  group_id: 'text',
  name: 'text',
  escalated_at: 'timestamptz',
});

/** Adds groups to a stage of the locked request; how many were not there yet. */
export async function insertEscalations(tx: LockedTx, rows: readonly EscalationRow[]): Promise<number> {
  const sql = `${ESCALATIONS.insertMany} on conflict do nothing returning m.group_id`;
  return (await tx.query(sql, [tx.tenant_id, ESCALATIONS.recordsOf(rows)])).rowCount;
}
