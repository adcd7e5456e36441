// Statements on decisions: inserted once per person and request, and once per account, never changed.

import type { Decision } from '../domain/request/decision.ts';
import type { LockedTx } from './database.ts';
import { DECISIONS } from './tables.ts';

/** True when the decision was recorded; false when this person, or this account, has decided on it before (INV-1). */
export async function insertDecision(tx: LockedTx, row: Omit<Decision, 'account_moved_at'>): Promise<boolean> {
  const sql = `${DECISIONS.insert} on conflict do nothing returning id`;
  return (await tx.query(sql, DECISIONS.valuesOf(tx, row))).rowCount === 1;
}
