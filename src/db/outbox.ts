// Statements on the outbox: what is still to be told to Temporal. Written with the change, removed once it was told.

import type { Tx } from './database.ts';
import { OUTBOX, type OutboxKind, type OutboxRow } from './tables.ts';

/** Adds a row, to be told after `seconds`; the worker hears of it when the transaction commits. */
export async function enqueue(tx: Tx, request_id: string, kind: OutboxKind, seconds = 0): Promise<void> {
  const next_attempt_at = new Date(tx.now.getTime() + seconds * 1_000);
  await tx.query(OUTBOX.insert, OUTBOX.valuesOf(tx, { request_id, kind, created_at: tx.now, next_attempt_at }));
}

/** The same for many requests, in one statement and at once. */
export async function enqueueAll(tx: Tx, request_ids: readonly string[], kind: OutboxKind): Promise<void> {
  const rows = request_ids.map((request_id) => ({ request_id, kind, created_at: tx.now, next_attempt_at: tx.now }));
  if (rows.length > 0) await tx.query(OUTBOX.insertMany, [tx.tenant_id, OUTBOX.recordsOf(rows)]);
}

/**
 * At most `limit` rows that are due, oldest first, and every other row of their requests, since one call tells them all.
 * Locked until the transaction ends; rows that another worker holds are passed over.
 */
export async function takeBatch(tx: Tx, limit: number): Promise<OutboxRow[]> {
  const sql = `select ${OUTBOX.select('o')} from placet.outbox o
    where tenant_id = $1 and request_id in (
      select request_id from placet.outbox where tenant_id = $1 and next_attempt_at <= $2 order by next_attempt_at, id limit $3)
    order by next_attempt_at, id
    for update skip locked`;
  return (await tx.query<OutboxRow>(sql, [tx.tenant_id, tx.now, limit])).rows;
}

/** Removes rows that were told. */
export async function remove(tx: Tx, ids: readonly string[]): Promise<void> {
  await tx.query('delete from placet.outbox where tenant_id = $1 and id = any ($2::bigint[])', [tx.tenant_id, ids]);
}

/** Removes the request's rows, told or not; one that is being told right now is passed over. */
export async function removeOf(tx: Tx, request_id: string): Promise<void> {
  const sql = `delete from placet.outbox where tenant_id = $1 and id in (
    select id from placet.outbox where tenant_id = $1 and request_id = $2 for update skip locked)`;
  await tx.query(sql, [tx.tenant_id, request_id]);
}

/** Keeps rows that could not be told, for another try after `seconds`. */
export async function postpone(tx: Tx, ids: readonly string[], seconds: number): Promise<void> {
  const sql = `update placet.outbox set attempts = attempts + 1, next_attempt_at = $3::timestamptz + make_interval(secs => $4)
    where tenant_id = $1 and id = any ($2::bigint[])`;
  await tx.query(sql, [tx.tenant_id, ids, tx.now, seconds]);
}
