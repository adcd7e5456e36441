// Statements on approval requests: insert once per Idempotency-Key with what follows, lock, and the one conditional change of
// state.

import { type AuditEvent, actorOf } from '../domain/audit/event.ts';
import type { Grant } from '../domain/credential/lease.ts';
import type { ApprovalRequest, RequestState } from '../domain/request/request.ts';
import type { LockedTx, Tx } from './database.ts';

export type NewRequest = Omit<ApprovalRequest, 'revision' | 'tenant_id' | 'closed_at'> & {
  readonly idempotency_key: string;
  readonly body_digest: Uint8Array;
  readonly canonical: Uint8Array;
};

/** What is written together with a new request: its events, and its grant or the start of its workflow. */
export type RequestEffects = {
  readonly events: readonly { readonly id: string; readonly event: AuditEvent }[];
  readonly grant: Pick<Grant, 'id' | 'claim_expires_at'> | null;
  readonly is_to_start: boolean;
};

const INSERT = `
insert into placet.approval_requests (
  tenant_id, id, agent_id, environment, idempotency_key, body_digest, action, resource, canonical, parameters, digest,
  justification, on_behalf_of, excluded_people, effect, state, policy_id, policy_number, rule, requirement, credential,
  needs_review, created_at, expires_at, closed_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24,
  case when $16 = 'pending' then null else $23::timestamptz end)
on conflict (tenant_id, agent_id, idempotency_key) do nothing
returning tenant_id, id, digest, credential, created_at`;

const INSERT_EVENTS = `
insert into placet.audit_events (tenant_id, id, type, outcome, actor_kind, actor_id, request_id, digest, facts, occurred_at)
select r.tenant_id, e.id, e.type, e.outcome, e.actor_kind, e.actor_id, r.id, r.digest, e.facts, r.created_at
from r, jsonb_to_recordset($25::jsonb) as e (id text, type text, outcome text, actor_kind text, actor_id text, facts jsonb)`;

const INSERT_GRANT = `
insert into placet.grants (tenant_id, id, request_id, digest, credential, created_at, claim_expires_at)
select r.tenant_id, $26::text, r.id, r.digest, r.credential, r.created_at, $27::timestamptz from r where $26::text is not null`;

const INSERT_START = `
insert into placet.outbox (tenant_id, request_id, kind, created_at, next_attempt_at)
select r.tenant_id, r.id, 'start', r.created_at, r.created_at from r`;

/** Two statements: what is decided at once may have a grant, what waits for people has the start of its run. */
const INSERT_DECIDED = `with r as (${INSERT}), e as (${INSERT_EVENTS}), g as (${INSERT_GRANT}) select id from r`;
const INSERT_TO_START = `with r as (${INSERT}), e as (${INSERT_EVENTS}), o as (${INSERT_START}) select id from r`;

/** Inserts a request with what follows from it; false, and nothing is written, when its agent has used the key before. */
export async function insertRequest(tx: Tx, row: NewRequest, effects: RequestEffects): Promise<boolean> {
  const { events, grant, is_to_start } = effects;
  const values = [...valuesOf(tx, row), JSON.stringify(events.map(toEventRow))];
  if (is_to_start) return (await tx.query(INSERT_TO_START, values)).rowCount === 1;
  const granted = [grant?.id ?? null, grant?.claim_expires_at ?? null];
  return (await tx.query(INSERT_DECIDED, [...values, ...granted])).rowCount === 1;
}

function toEventRow({ id, event }: RequestEffects['events'][number]) {
  const { type, outcome, facts } = event;
  const actor = actorOf(event.actor);
  return { id, type, outcome, actor_kind: actor.kind, actor_id: actor.id, facts };
}

function valuesOf(tx: Tx, row: NewRequest): unknown[] {
  return [
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
  ];
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
export async function lockRequest(tx: Tx, request_id: string): Promise<LockedTx | null> {
  // The clock is read outside of the locking part, because that one is evaluated before the wait.
  const sql = `with locked as materialized (select id from placet.approval_requests where id = $1 for update)
    select clock_timestamp() as now from locked`;
  const row = (await tx.query<{ now: Date }>(sql, [request_id])).rows[0];
  return row === undefined ? null : ({ ...tx, now: row.now } as LockedTx);
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

/** Marks a visible change that is not a change of state, so that cards are drawn again. */
export async function touchRequest(tx: LockedTx, request_id: string): Promise<void> {
  await tx.query('update placet.approval_requests set revision = revision + 1 where id = $1', [request_id]);
}

/**
 * Marks the open requests that these people decided on or stand behind: pending, or approved and not claimed yet. Returns
 * their ids.
 */
export async function touchOpenOf(tx: Tx, person_ids: readonly string[]): Promise<string[]> {
  const sql = `with ids as materialized (
      select array(select id from placet.people_now where tenant_id = $1 and person_id = any ($2::text[])) as all_of)
    update placet.approval_requests r set revision = r.revision + 1
    where r.tenant_id = $1 and r.effect = 'require' and (r.state = 'pending' or (r.state = 'approved' and exists (
        select from placet.grants g where g.tenant_id = r.tenant_id and g.request_id = r.id
          and g.redeemed_at is null and g.claim_expires_at > $3)))
      and (r.excluded_people && (select all_of from ids) or exists (
        select from placet.decisions d where d.tenant_id = r.tenant_id and d.request_id = r.id
          and d.person_id = any ((select all_of from ids)::text[])))
    returning r.id`;
  return (await tx.query<{ id: string }>(sql, [tx.tenant_id, person_ids, tx.now])).rows.map(({ id }) => id);
}
