// Statements on the queues of Slack: taking a turn, giving it back, and who waits. The clock is the database's.

import {
  ABSENT_SECONDS_MAX,
  HELD_SECONDS_MAX,
  type Queue,
  type QueueKey,
  queueName,
  REST_MS,
  type WaitingMessage,
} from '../domain/work/queue.ts';
import type { Tx } from './database.ts';
import { type NewMessage, SLACK_MESSAGES } from './tables.ts';

/** Those that are looked at of a queue: who stands behind them waits as long as the last of them. */
const WAITING_MAX = 500;

export type LockedQueue = Queue & { readonly now: Date };

const keyOf = (tx: Tx, { team_id, method, channel }: QueueKey) => [tx.tenant_id, team_id, method, channel];

/** The queue, locked until the transaction ends, at the moment at which the lock was got. */
export async function lockQueue(tx: Tx, key: QueueKey): Promise<LockedQueue> {
  const sql = `insert into placet.slack_queues as q (tenant_id, team_id, method, channel) values ($1, $2, $3, $4)
    on conflict (tenant_id, team_id, method, channel) do update set pace_ms = q.pace_ms
    returning greatest(not_before, '2000-01-01') as not_before, pace_ms, held_by, held_until, clock_timestamp() as now`;
  const { rows } = await tx.query<LockedQueue>(sql, keyOf(tx, key));
  if (rows[0] === undefined) throw new Error('an upsert of a queue gave no row');
  return rows[0];
}

/** Lets this message call, with the pace of now. */
export async function holdQueue(
  tx: Tx,
  key: QueueKey,
  by: { readonly id: string; readonly pace_ms: number },
): Promise<void> {
  const sql = `update placet.slack_queues
    set held_by = $5, held_until = clock_timestamp() + make_interval(secs => $6), pace_ms = $7
    where tenant_id = $1 and team_id = $2 and method = $3 and channel = $4`;
  await tx.query(sql, [...keyOf(tx, key), by.id, HELD_SECONDS_MAX, by.pace_ms]);
}

/** A message that asks for the turn of its queue. */
export type Asking = QueueKey & { readonly id: string };

/** The turn was taken; whether the row of the message was made with it. */
export type TurnRow = { readonly id: string; readonly is_inserted: boolean };

/**
 * Takes the turn of each message whose queue is free and has nobody waiting, and makes the rows of new ones among them: for a
 * message that comes alone it is the rule of turnOf. One that shows a later revision by now gets none. No two may ask for one
 * queue. Queues are locked in their order, so that nobody waits in a circle.
 */
export async function takeFreeTurns(
  tx: Tx,
  asking: readonly (Asking & Pick<NewMessage, 'revision'>)[],
  rows: readonly NewMessage[],
): Promise<TurnRow[]> {
  const sql = `with h as (
      insert into placet.slack_queues as q (tenant_id, team_id, method, channel, held_by, held_until)
      select $1, a.team_id, a.method, a.channel, a.id, clock_timestamp() + make_interval(secs => $3)
      from jsonb_to_recordset($2::jsonb) as a (id text, revision integer, team_id text, method text, channel text)
      where coalesce((select m.revision from placet.slack_messages m where m.tenant_id = $1 and m.id = a.id), 0) <= a.revision
      order by a.team_id, a.method, a.channel
      on conflict (tenant_id, team_id, method, channel) do update
        set held_by = excluded.held_by, held_until = excluded.held_until,
          pace_ms = case when q.not_before + make_interval(secs => $4) <= clock_timestamp() then 0 else q.pace_ms end
        where (q.held_by is null or q.held_until is null or q.held_until <= clock_timestamp())
          and q.not_before <= clock_timestamp()
          and not exists (select from placet.slack_messages m where m.tenant_id = q.tenant_id
            and m.queue = q.team_id || '/' || q.method || '/' || q.channel
            and m.id <> excluded.held_by and m.next_attempt_at > clock_timestamp() - make_interval(secs => $5))
      returning q.tenant_id, q.held_by),
    i as (${SLACK_MESSAGES.insertRecords('$6', 'h')} where n.id = h.held_by on conflict do nothing returning m.id)
    select h.held_by as id, i.id is not null as is_inserted from h left join i on i.id = h.held_by`;
  const limits = [HELD_SECONDS_MAX, REST_MS / 1_000, ABSENT_SECONDS_MAX];
  const values = [tx.tenant_id, JSON.stringify(asking), ...limits, SLACK_MESSAGES.recordsOf(rows)];
  return (await tx.query<TurnRow>(sql, values)).rows;
}

/** Gives a turn back after a call of which Slack said nothing; from when on the next one may go, or null when it was lost. */
export async function freeTurn(tx: Tx, { id, ...key }: Asking): Promise<Date | null> {
  const sql = `update placet.slack_queues
    set held_by = null, not_before = greatest(not_before, clock_timestamp() + make_interval(secs => pace_ms / 1000.0))
    where tenant_id = $1 and team_id = $2 and method = $3 and channel = $4 and held_by = $5 returning not_before`;
  return (await tx.query<{ not_before: Date }>(sql, [...keyOf(tx, key), id])).rows[0]?.not_before ?? null;
}

/** Gives the turn back; one that was lost meanwhile, because it was held too long, only tells of Slack's limit. */
export async function freeQueue(
  tx: Tx,
  key: QueueKey,
  by: Pick<Queue, 'not_before' | 'pace_ms'> & { readonly id: string },
): Promise<void> {
  const sql = `update placet.slack_queues
    set held_by = case when held_by = $5 then null else held_by end, not_before = greatest(not_before, $6), pace_ms = $7
    where tenant_id = $1 and team_id = $2 and method = $3 and channel = $4`;
  await tx.query(sql, [...keyOf(tx, key), by.id, by.not_before, by.pace_ms]);
}

/**
 * Who waits in a queue and is still expected, in its order: requests that wait for people first, soonest expiry first. What only
 * helps while people are asked is expected no more once the request has ended.
 */
export async function listWaiting(tx: Tx, queue: string): Promise<WaitingMessage[]> {
  const sql = `select m.id, m.request_id, m.next_attempt_at as until from placet.slack_messages m
    join placet.approval_requests r on r.tenant_id = m.tenant_id and r.id = m.request_id
    where m.tenant_id = $1 and m.queue = $2 and m.next_attempt_at > clock_timestamp() - make_interval(secs => $3)
      and (r.state = 'pending' or m.kind in ('outcome', 'copy') or (m.kind = 'card' and m.state <> 'failed'))
    order by r.state <> 'pending', r.expires_at, m.id limit $4`;
  return (await tx.query<WaitingMessage>(sql, [tx.tenant_id, queue, ABSENT_SECONDS_MAX, WAITING_MAX])).rows;
}

/** Who is next in each of these queues. */
export async function listNext(
  tx: Tx,
  keys: readonly QueueKey[],
): Promise<(WaitingMessage & { readonly queue: string })[]> {
  const sql = `select distinct on (m.queue) m.id, m.request_id, m.queue, m.next_attempt_at as until from placet.slack_messages m
    join placet.approval_requests r on r.tenant_id = m.tenant_id and r.id = m.request_id
    where m.tenant_id = $1 and m.queue = any ($2::text[]) and m.next_attempt_at > clock_timestamp() - make_interval(secs => $3)
    order by m.queue, r.state <> 'pending', r.expires_at, m.id`;
  const values = [tx.tenant_id, keys.map(queueName), ABSENT_SECONDS_MAX];
  return (await tx.query<WaitingMessage & { queue: string }>(sql, values)).rows;
}

/** Lets a message wait in a queue until then. */
export async function joinQueue(
  tx: Tx,
  id: string,
  { queue, until }: { readonly queue: string; readonly until: Date },
): Promise<void> {
  const sql = 'update placet.slack_messages set queue = $3, next_attempt_at = $4 where tenant_id = $1 and id = $2';
  await tx.query(sql, [tx.tenant_id, id, queue, until]);
}

/**
 * Takes a message out of its queue: it calls now. A post may stand from here on, until Slack's answer is known. One that was
 * refused keeps its moment: without one it would never be tried again, should this call come to nothing.
 */
export async function leaveQueue(tx: Tx, id: string): Promise<void> {
  const sql = `update placet.slack_messages set queue = null, next_attempt_at = case when state = 'failed' then next_attempt_at end,
      tried_at = case when state = 'posted' then tried_at else coalesce(tried_at, clock_timestamp()) end
    where tenant_id = $1 and id = $2`;
  await tx.query(sql, [tx.tenant_id, id]);
}

/** Takes back that a post may stand since this try: what an earlier one left open stays so. */
export async function forgetTry(tx: Tx, row: { readonly id: string; readonly tried_at: Date | null }): Promise<void> {
  const sql = "update placet.slack_messages set tried_at = $3 where tenant_id = $1 and id = $2 and state <> 'posted'";
  await tx.query(sql, [tx.tenant_id, row.id, row.tried_at]);
}
