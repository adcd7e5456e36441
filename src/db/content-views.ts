// Statements on content views (who has seen all of a request) and on the two views that must stay empty (INV-10).

import type { LockedTx, Tx } from './database.ts';

/** Records that this person was shown all of the content of that digest; false when that is on record already. */
export async function insertContentView(
  tx: LockedTx,
  request_id: string,
  person_id: string,
  digest: string,
): Promise<boolean> {
  const sql = `insert into placet.content_views (tenant_id, request_id, person_id, digest, viewed_at)
    values ($1, $2, $3, $4, $5) on conflict (tenant_id, request_id, person_id) do nothing returning person_id`;
  return (await tx.query(sql, [tx.tenant_id, request_id, person_id, digest, tx.now])).rowCount === 1;
}

/** True when the person was shown all of the content of that digest. */
export async function hasContentView(tx: Tx, request_id: string, person_id: string, digest: string): Promise<boolean> {
  const sql = 'select 1 as seen from placet.content_views where request_id = $1 and person_id = $2 and digest = $3';
  return (await tx.query(sql, [request_id, person_id, digest])).rowCount === 1;
}

/** Rows in INV-10's two views: both numbers are 0, whatever was killed. */
export async function countViolations(tx: Tx): Promise<{ executed_without_approval: number; executed_twice: number }> {
  const sql = `select (select count(*)::integer from placet.executed_without_approval) as executed_without_approval,
    (select count(*)::integer from placet.executed_twice) as executed_twice`;
  const { rows } = await tx.query<{ executed_without_approval: number; executed_twice: number }>(sql);
  return rows[0] ?? { executed_without_approval: -1, executed_twice: -1 };
}

/** What one statement may judge well within its time: 1 to 2 ms each on a busy machine. */
const JUDGED_MAX = 1_000;

/** Judges a page of `placet.doubts`, where people turned out to be others; answers where the next one begins, or null. */
export async function judgeDoubts(tx: Tx, beyond: string): Promise<string | null> {
  const sql = 'select placet.judge_doubts($1, $2) as last';
  return (await tx.query<{ last: string | null }>(sql, [beyond, JUDGED_MAX])).rows[0]?.last ?? null;
}
