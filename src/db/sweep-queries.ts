// Statements of the sweep: finds requests that something was forgotten for, and puts them into the outbox.

import type { Tx } from './database.ts';
import { OUTBOX } from './tables.ts';

/** A row that was put in says: tell Temporal at this moment, in the order of the ids. */
const INSERT = `${OUTBOX.into} select $1, ${OUTBOX.written('n')} from`;

/** A grant that may be claimed once more, whatever the time: not where it was revoked, or a result stands before any claim. */
const CLAIMABLE = `select from placet.grants g where g.tenant_id = r.tenant_id and g.request_id = r.id
  and g.redemptions < g.uses_max and not (g.redemptions = 0 and exists (
    select from placet.results t where t.tenant_id = r.tenant_id and t.request_id = r.id and t.use = 1))
  and not exists (select from placet.revocations v where v.tenant_id = r.tenant_id and v.request_id = r.id)`;
/** The lease that was claimed last, used and without its result. */
const UNREPORTED = `select from placet.leases l where l.tenant_id = r.tenant_id and l.request_id = r.id and l.state = 'used'
  and not exists (select from placet.leases n where n.tenant_id = l.tenant_id and n.grant_id = l.grant_id and n.use > l.use)
  and not exists (select from placet.results t where t.tenant_id = r.tenant_id and t.request_id = r.id and t.use = l.use)`;
const EXECUTION = 'select from placet.executions x where x.tenant_id = r.tenant_id and x.request_id = r.id';

/**
 * A message in Slack that shows an earlier moment than the record, or a copy with its buttons: `isStale` and `isLiveCopy` of
 * src/domain/work, to which a test holds it over random rows. Time alone changes the words of what may still be claimed, or was
 * used without a result.
 */
const STALE_MESSAGE = `select from placet.slack_messages m where m.tenant_id = r.tenant_id and m.request_id = r.id
  and (m.next_attempt_at is null or m.next_attempt_at <= $3) and (
    (m.kind = 'copy' and m.state = 'posted' and m.revision = 0) or (m.kind in ('card', 'outcome') and (m.state = 'posting'
    or (m.state = 'failed' and m.next_attempt_at is not null and (m.kind <> 'card' or r.state = 'pending'))
    or (m.state = 'posted' and (m.revision < r.revision
      or (r.state = 'approved' and not exists (${EXECUTION}) and (
        exists (${CLAIMABLE} and g.claim_expires_at > m.updated_at and g.claim_expires_at <= $3)
        or exists (${UNREPORTED} and l.expires_at > m.updated_at and l.expires_at <= $3))))))))`;

const MESSAGE =
  'select from placet.slack_messages m where m.tenant_id = r.tenant_id and m.request_id = r.id and m.kind =';

/**
 * Puts back what is late at `before`: an expiry, a lease's end, a message that is behind the record, an outcome untold.
 * What happened since `fresh` is nudged, because its nudge may be lost; of what is older, closed since `since`, only the
 * run is made sure of, because a run that is there tries by itself. Time comes first: what Slack refuses is no reason to
 * let an expiry wait. Requests with a row in the outbox are left to it.
 */
export async function enqueueLate(
  tx: Tx,
  bounds: { readonly before: Date; readonly fresh: Date; readonly since: Date; readonly limit: number },
): Promise<number> {
  const sql = `${INSERT}
    (select late.id as request_id, min(late.kind) as kind, $2::timestamptz as created_at, $2::timestamptz as next_attempt_at from (
      select r.id, 'nudge' as kind, 0 as rank from placet.approval_requests r
        where r.tenant_id = $1 and r.state = 'pending' and r.expires_at < $3
      union
      select l.request_id, 'nudge', 0 from placet.leases l where l.tenant_id = $1 and l.state = 'active' and l.expires_at < $3
      union
      select r.id, 'nudge', 1 from placet.approval_requests r where r.tenant_id = $1 and r.state = 'pending'
        and exists (select from placet.decisions d where d.tenant_id = r.tenant_id and d.request_id = r.id
          and d.decided_at > $4 and d.decided_at < $3)
        and exists (${STALE_MESSAGE})
      union
      select r.id, case when r.closed_at > $4 then 'nudge' else 'start' end, 1 from placet.approval_requests r
        where r.tenant_id = $1 and r.effect = 'require' and r.closed_at > $5 and r.closed_at < $3
        and (exists (${STALE_MESSAGE})
          or not exists (${MESSAGE} 'outcome') or not exists (${MESSAGE} 'card'))
    ) as late
    where not exists (select from placet.outbox o where o.tenant_id = $1 and o.request_id = late.id)
    group by late.id order by min(late.rank), late.id limit $6) as n`;
  const { before, fresh, since, limit } = bounds;
  return (await tx.query(sql, [tx.tenant_id, tx.now, before, fresh, since, limit])).rowCount;
}

/** Requests whose expiry, or whose lease's end, was due before that moment and still stands open, oldest first. */
export async function listOverdue(tx: Tx, of: { readonly before: Date; readonly limit: number }): Promise<string[]> {
  const sql = `select id from placet.approval_requests where tenant_id = $1 and state = 'pending' and expires_at < $2
    union select request_id from placet.leases where tenant_id = $1 and state = 'active' and expires_at < $2
    order by 1 limit $3`;
  return (await tx.query<{ id: string }>(sql, [tx.tenant_id, of.before, of.limit])).rows.map(({ id }) => id);
}

/** The next ids after one, oldest first, of requests that need people. */
export async function listRequestIds(
  tx: Tx,
  page: { readonly after: string; readonly limit: number },
): Promise<string[]> {
  const sql = `select id from placet.approval_requests
    where tenant_id = $1 and effect = 'require' and id > $2 order by id limit $3`;
  return (await tx.query<{ id: string }>(sql, [tx.tenant_id, page.after, page.limit])).rows.map(({ id }) => id);
}

/**
 * Asks for a run of each of these requests that is open in the words of src/domain/work/pending-work.ts: pending, or
 * approved with a grant or lease that still has time and, unless that lease must be ended, no result and no execution. A run
 * that is there already is left alone. Spread over time, so that new requests need not wait behind them.
 */
export async function enqueueOpen(
  tx: Tx,
  page: { readonly ids: readonly string[]; readonly per_second: number },
): Promise<number> {
  const sql = `${INSERT}
    (select open.id as request_id, 'start' as kind, $2::timestamptz as created_at,
      $2::timestamptz + make_interval(secs => (row_number() over (order by open.id)) / $4::float8) as next_attempt_at
    from (
      select r.id from placet.approval_requests r where r.tenant_id = $1 and r.id = any ($3::text[])
        and (r.state = 'pending'
          or exists (select from placet.leases l where l.tenant_id = $1 and l.request_id = r.id
            and l.expires_at > $2 and l.state = 'active')
          or (r.state = 'approved' and not exists (${EXECUTION}) and (
            exists (${UNREPORTED} and l.expires_at > $2) or exists (${CLAIMABLE} and g.claim_expires_at > $2
              and not exists (select from placet.leases l where l.tenant_id = $1 and l.request_id = r.id and l.state = 'active')))))
    ) as open
    where not exists (select from placet.outbox o where o.tenant_id = $1 and o.request_id = open.id)) as n`;
  return (await tx.query(sql, [tx.tenant_id, tx.now, page.ids, page.per_second])).rowCount;
}
