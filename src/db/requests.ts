// Statements on approval requests: insert once per Idempotency-Key, lock, and the one conditional change of state.

import type { ApprovalRequest, RequestState } from '../domain/request.ts';
import type { Tx } from './database.ts';

export type NewRequest = Omit<ApprovalRequest, 'revision' | 'tenant_id' | 'closed_at'> & {
  readonly idempotency_key: string;
  readonly body_digest: Uint8Array;
  readonly canonical: Uint8Array;
};

const INSERT = `
insert into placet.approval_requests (
  tenant_id, id, agent_id, environment, idempotency_key, body_digest, action, resource, canonical, parameters, digest,
  justification, on_behalf_of, excluded_people, effect, state, policy_id, policy_number, rule, requirement, credential,
  needs_review, created_at, expires_at, closed_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24,
  case when $16 = 'pending' then null else $23::timestamptz end)
on conflict (tenant_id, agent_id, idempotency_key) do nothing
returning id`;

/** True when the row is new; false when this agent has used the Idempotency-Key before. */
export async function insertRequest(tx: Tx, row: NewRequest): Promise<boolean> {
  const { rowCount } = await tx.query(INSERT, [
    tx.tenant_id,
    row.id,
    row.agent_id,
    row.environment,
    row.idempotency_key,
    Buffer.from(row.body_digest),
    row.action,
    row.resource,
    Buffer.from(row.canonical),
    JSON.stringify(row.parameters),
    row.digest,
    row.justification,
    row.on_behalf_of,
    row.excluded_people,
    row.effect,
    row.state,
    row.policy_id,
    row.policy_number,
    row.rule,
    row.requirement === null ? null : JSON.stringify(row.requirement),
    row.credential === null ? null : JSON.stringify(row.credential),
    row.needs_review,
    row.created_at,
    row.expires_at,
  ]);
  return rowCount === 1;
}

/** The earlier request of this agent under the key, with the digest of the body it came with. */
export async function findByIdempotencyKey(
  tx: Tx,
  agent_id: string,
  idempotency_key: string,
): Promise<{ id: string; body_digest: Buffer } | null> {
  const sql = 'select id, body_digest from placet.approval_requests where agent_id = $1 and idempotency_key = $2';
  return (await tx.query<{ id: string; body_digest: Buffer }>(sql, [agent_id, idempotency_key])).rows[0] ?? null;
}

/**
 * Takes the row's lock until the end of the transaction. Gives the transaction with the time at which the lock was got:
 * one that waited behind others is judged by that moment. Null when there is no such request.
 */
export async function lockRequest(tx: Tx, request_id: string): Promise<Tx | null> {
  // The clock is read outside of the locking part, because that one is evaluated before the wait.
  const sql = `with locked as materialized (select id from placet.approval_requests where id = $1 for update)
    select clock_timestamp() as now from locked`;
  const row = (await tx.query<{ now: Date }>(sql, [request_id])).rows[0];
  return row === undefined ? null : { ...tx, now: row.now };
}

/** Moves a pending request to `state` for good; false when it was no longer pending. */
export async function closeRequest(
  tx: Tx,
  request_id: string,
  state: Exclude<RequestState, 'pending'>,
): Promise<boolean> {
  const sql = `update placet.approval_requests set state = $2, closed_at = $3, revision = revision + 1
    where id = $1 and state = 'pending' returning id`;
  return (await tx.query(sql, [request_id, state, tx.now])).rowCount === 1;
}

/** Expires a request whose time is over; false when it is not pending or its time is not over by the database's clock. */
export async function expireRequest(tx: Tx, request_id: string): Promise<boolean> {
  const sql = `update placet.approval_requests set state = 'expired', closed_at = $2, revision = revision + 1
    where id = $1 and state = 'pending' and expires_at <= $2 returning id`;
  return (await tx.query(sql, [request_id, tx.now])).rowCount === 1;
}

/** Marks a visible change that is not a change of state, so that cards are drawn again. */
export async function touchRequest(tx: Tx, request_id: string): Promise<void> {
  await tx.query('update placet.approval_requests set revision = revision + 1 where id = $1', [request_id]);
}
