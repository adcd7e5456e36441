// Statements on the queues of Slack: taking a turn, giving it back, and who waits. The clock is the database's.

import {
  ABSENT_SECONDS_MAX,
  HELD_SECONDS_MAX,
  type Queue,
  type QueueKey,
  type WaitingMessage,
} from '../domain/work/queue.ts';
import type { Tx } from './database.ts';

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
