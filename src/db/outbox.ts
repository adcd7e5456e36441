// Statements on the outbox: what is still to be told to Temporal. Written with the change, removed once it was told.

import type { Tx } from './database.ts';

export type OutboxKind = 'start' | 'nudge';

export type OutboxRow = {
  readonly id: string;
  readonly request_id: string;
  readonly kind: OutboxKind;
  readonly attempts: number;
};

/** Adds a row; the worker hears of it when the transaction commits. */
export async function enqueue(tx: Tx, request_id: string, kind: OutboxKind): Promise<void> {
  const sql =
    'insert into placet.outbox (tenant_id, request_id, kind, created_at, next_attempt_at) values ($1, $2, $3, $4, $4)';
  await tx.query(sql, [tx.tenant_id, request_id, kind, tx.now]);
}

/** Rows that are due, oldest first, locked until the transaction ends; rows that another worker holds are passed over. */
export async function takeBatch(tx: Tx, limit: number): Promise<OutboxRow[]> {
  const sql = `select id, request_id, kind, attempts from placet.outbox
    where tenant_id = $1 and next_attempt_at <= $2 order by next_attempt_at, id limit $3 for update skip locked`;
  return (await tx.query<OutboxRow>(sql, [tx.tenant_id, tx.now, limit])).rows;
}

/** Removes rows that were told. */
export async function remove(tx: Tx, ids: readonly string[]): Promise<void> {
  await tx.query('delete from placet.outbox where tenant_id = $1 and id = any ($2::bigint[])', [tx.tenant_id, ids]);
}

/** Keeps rows that could not be told, for another try after `seconds`. */
export async function postpone(tx: Tx, ids: readonly string[], seconds: number): Promise<void> {
  const sql = `update placet.outbox set attempts = attempts + 1, next_attempt_at = $3::timestamptz + make_interval(secs => $4)
    where tenant_id = $1 and id = any ($2::bigint[])`;
  await tx.query(sql, [tx.tenant_id, ids, tx.now, seconds]);
}

/**
 * Nudges what should have happened by now: an expiry, a lease's end, a card behind its record, an outcome untold.
 * Requests with a row in the outbox already are left to it.
 */
export async function enqueueLate(
  tx: Tx,
  bounds: { readonly late_seconds: number; readonly give_up_hours: number; readonly limit: number },
): Promise<number> {
  const sql = `insert into placet.outbox (tenant_id, request_id, kind, created_at, next_attempt_at)
    select r.tenant_id, r.id, 'nudge', $2, $2 from placet.approval_requests r
    where r.tenant_id = $1 and r.effect = 'require'
      and not exists (select from placet.outbox o where o.tenant_id = r.tenant_id and o.request_id = r.id)
      and (
        (r.state = 'pending' and r.expires_at < $2::timestamptz - make_interval(secs => $3))
        or exists (select from placet.leases l where l.tenant_id = r.tenant_id and l.request_id = r.id
          and l.state = 'active' and l.expires_at < $2::timestamptz - make_interval(secs => $3))
        or (r.closed_at < $2::timestamptz - make_interval(secs => $3)
          and r.closed_at > $2::timestamptz - make_interval(hours => $4)
          and (not exists (select from placet.slack_messages m where m.tenant_id = r.tenant_id and m.request_id = r.id
              and m.kind = 'outcome' and m.state in ('posted', 'failed'))
            or exists (select from placet.slack_messages m where m.tenant_id = r.tenant_id and m.request_id = r.id
              and m.kind = 'card' and (m.state = 'posting' or (m.state = 'posted' and m.revision < r.revision))))))
    order by r.id limit $5`;
  const values = [tx.tenant_id, tx.now, bounds.late_seconds, bounds.give_up_hours, bounds.limit];
  return (await tx.query(sql, values)).rowCount;
}

/** Makes sure that the next open requests after an id have a run: starting one that runs already does nothing. */
export async function enqueueOpen(tx: Tx, page: { readonly after: string; readonly limit: number }): Promise<string[]> {
  const sql = `insert into placet.outbox (tenant_id, request_id, kind, created_at, next_attempt_at)
    select r.tenant_id, r.id, 'start', $2, $2 from placet.approval_requests r
    where r.tenant_id = $1 and r.effect = 'require' and r.state in ('pending', 'approved') and r.id > $3
      and (r.state = 'pending' or exists (select from placet.grants g where g.tenant_id = r.tenant_id
        and g.request_id = r.id and g.redeemed_at is null and g.claim_expires_at > $2))
    order by r.id limit $4 returning request_id`;
  return (await tx.query<{ request_id: string }>(sql, [tx.tenant_id, tx.now, page.after, page.limit])).rows
    .map((row) => row.request_id)
    .sort();
}
