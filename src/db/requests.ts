// Statements on approval requests: insert once per Idempotency-Key with what follows, lock, and the one conditional change of
// state.

import type { ApprovalRequest, RequestState } from '../domain/request/request.ts';
import type { LockedTx, LockingTx, Tx } from './database.ts';
import { inOrder } from './in-order.ts';
import { eventsOf, insertEvents, tellOf } from './news.ts';
import { APPROVAL_REQUESTS, GRANTS, type NewGrant, type NewRequest, type NumberedEvent, OUTBOX } from './tables.ts';

/** A new request with what is written together with it: its events, and its grant. */
export type Creation = {
  readonly request: NewRequest;
  readonly events: readonly NumberedEvent[];
  readonly grant: NewGrant | null;
};

/** What waits for people has the start of its run, and what is decided at once may have a grant. */
const INSERT = `with t as (select $1::text as tenant_id),
  r as (${APPROVAL_REQUESTS.insertRecords('$2', 't')}
    on conflict (tenant_id, agent_id, idempotency_key) do nothing returning tenant_id, id, effect, created_at),
  e as (${insertEvents('$3', 'r')} where n.request_id = r.id order by n.place),
  g as (${GRANTS.insertRecords('$4', 'r')} where n.request_id = r.id),
  o as (${OUTBOX.into} select r.tenant_id, ${OUTBOX.written('n')} from r, lateral (
    select r.id as request_id, 'start' as kind, r.created_at, r.created_at as next_attempt_at) as n where r.effect = 'require')
  select id from r`;

/**
 * Inserts requests with what follows from each, in one statement. Answers the ids of those that were inserted: of a request
 * whose agent has used the key before, nothing is.
 */
export async function insertRequests(tx: Tx, creations: readonly Creation[]): Promise<ReadonlySet<string>> {
  // Keys are taken in their order, so that two who insert the same ones don't wait in a circle.
  const ordered = [...creations].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  const values = [
    tx.tenant_id,
    APPROVAL_REQUESTS.recordsOf(ordered.map(({ request }) => request)),
    eventsOf(ordered.flatMap(({ events }) => events)),
    GRANTS.recordsOf(ordered.flatMap(({ grant }) => grant ?? [])),
  ];
  const { rows } = await tx.query<{ id: string }>(INSERT, values);
  return new Set(rows.map(({ id }) => id));
}

function keyOf({ request: { agent_id, idempotency_key } }: Creation): string {
  return `${agent_id}/${idempotency_key}`;
}

type Earlier = { readonly id: string; readonly body_digest: Buffer; readonly salts_sealed: Buffer | null };

/** The earlier request of this agent under the key, with the digest of the body it came with and its sealed salts. */
export async function findByIdempotencyKey(tx: Tx, agent_id: string, idempotency_key: string): Promise<Earlier | null> {
  const sql =
    'select id, body_digest, salts_sealed from placet.approval_requests where agent_id = $1 and idempotency_key = $2';
  return (await tx.query<Earlier>(sql, [agent_id, idempotency_key])).rows[0] ?? null;
}

/** The agent that made the request and the digest of what it asked, neither of which ever changes; or null. */
export async function findRequester(
  tx: Tx,
  request_id: string,
): Promise<Pick<ApprovalRequest, 'agent_id' | 'digest'> | null> {
  const sql = 'select agent_id, digest from placet.approval_requests where id = $1';
  return (await tx.query<Pick<ApprovalRequest, 'agent_id' | 'digest'>>(sql, [request_id])).rows[0] ?? null;
}

/**
 * Takes the row's lock until the end of the transaction. Gives the transaction with the time at which the lock was got:
 * one that waited behind others is judged by that moment. Null when there is no such request.
 */
export async function lockRequest(tx: Tx, request_id: string): Promise<LockedTx | null> {
  // The clock is read outside of the locking part, because that one is evaluated before the wait.
  const sql = `with locked as materialized (select id from placet.approval_requests where id = $1 for update)
    select clock_timestamp() as now from locked`;
  const row = (await tx.query<{ now: Date }>(sql, [request_id])).rows[0];
  return row === undefined ? null : ({ ...tx, now: row.now } as LockedTx);
}

/** Pending requests with a stage that may ask more groups. */
export async function listEscalatable(tx: Tx, limit: number): Promise<string[]> {
  const sql = `select id from placet.approval_requests
    where tenant_id = $1 and state = 'pending' and requirement @? '$.stages[*].escalate' order by id limit $2`;
  return (await tx.query<{ id: string }>(sql, [tx.tenant_id, limit])).rows.map(({ id }) => id);
}

/** Until when a request may be decided, or null. */
export async function readExpiry(tx: Tx, request_id: string): Promise<Date | null> {
  const sql = 'select expires_at from placet.approval_requests where tenant_id = $1 and id = $2';
  return (await tx.query<{ expires_at: Date | null }>(sql, [tx.tenant_id, request_id])).rows[0]?.expires_at ?? null;
}

/**
 * Asks for the lock and sends something behind it in the same round trip: that runs once the lock was got, and sees what is
 * there then. Where there is no such request nothing is locked, and what is sent must find nothing.
 */
export async function behindLock<T>(tx: Tx, request_id: string, send: (tx: LockingTx) => Promise<T>): Promise<T> {
  const [, sent] = await inOrder(tx, [(tx) => lockRequest(tx, request_id), (tx) => send(tx as Tx & LockingTx)]);
  return sent;
}

/** Moves a pending request to `state` for good; false when it was no longer pending. */
export async function closeRequest(
  tx: LockedTx,
  request_id: string,
  state: Exclude<RequestState, 'pending'>,
): Promise<boolean> {
  const sql = `update placet.approval_requests set state = $2, closed_at = $3, revision = revision + 1
    where id = $1 and state = 'pending' returning id`;
  return (await tx.query(sql, [request_id, state, tx.now])).rowCount === 1;
}

/** Expires a request whose time is over; false when it is not pending or its time is not over by the database's clock. */
export async function expireRequest(tx: LockedTx, request_id: string): Promise<boolean> {
  const sql = `update placet.approval_requests set state = 'expired', closed_at = $2, revision = revision + 1
    where id = $1 and state = 'pending' and expires_at <= $2 returning id`;
  return (await tx.query(sql, [request_id, tx.now])).rowCount === 1;
}

/** Marks a visible change that is not a change of state, so that cards are drawn again, and nudges its run after `seconds`. */
export async function tellRequest(tx: LockedTx, request_id: string, seconds: number): Promise<void> {
  const sql = `with source as (select $1::text as tenant_id, $2::text as request_id, $3::timestamptz as at),
    ${tellOf('source', '$4')} select from touched`;
  await tx.query(sql, [tx.tenant_id, request_id, tx.now, seconds]);
}

/** Marks it alone, where another statement nudges. */
export async function touchRequest(tx: LockedTx, request_id: string): Promise<void> {
  await tx.query('update placet.approval_requests set revision = revision + 1 where id = $1', [request_id]);
}

/**
 * Marks the open requests that these people, or others in their place, decided on or that they stand behind: pending, or approved
 * and still to be claimed. Returns their ids.
 */
export async function touchOpenOf(tx: Tx, person_ids: readonly string[]): Promise<string[]> {
  const sql = `with ids as materialized (
      select array(select id from placet.people_now where tenant_id = $1 and person_id = any ($2::text[])) as all_of)
    update placet.approval_requests r set revision = r.revision + 1
    where r.tenant_id = $1 and r.effect = 'require' and (r.state = 'pending' or (r.state = 'approved' and exists (
        select from placet.grants g where g.tenant_id = r.tenant_id and g.request_id = r.id
          and g.redemptions < g.uses_max and g.claim_expires_at > $3)
        and not exists (select from placet.revocations v where v.tenant_id = r.tenant_id and v.request_id = r.id)))
      and (r.excluded_people && (select all_of from ids) or exists (
        select from placet.decisions d where d.tenant_id = r.tenant_id and d.request_id = r.id
          and (d.person_id = any ((select all_of from ids)::text[]) or exists (
            select from jsonb_array_elements(d.stands_in_for) as s(stead)
            where s.stead ->> 'person_id' = any ((select all_of from ids)::text[])))))
    returning r.id`;
  return (await tx.query<{ id: string }>(sql, [tx.tenant_id, person_ids, tx.now])).rows.map(({ id }) => id);
}
