// Statements that read events with all that their leaves tell: the event's own row, and what the record's rows say beside it.
// The app changes none of these columns. They change nothing.

import type { RecordedEvent } from '../domain/audit/event.ts';
import type { Tx } from './database.ts';
import { AUDIT_EVENTS } from './tables.ts';

/** An event as the sequencer reads it. */
export type LoggedEvent = RecordedEvent & {
  readonly position: string;
  /** Null once it is erased, and of an event of before the log. */
  readonly salt: Buffer | null;
  /** Facts that stand in the record's rows. */
  readonly row_facts: Readonly<Record<string, unknown>> | null;
  /** The canonical form of what was asked for. */
  readonly content: Buffer | null;
};

const time = (column: string) => `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

const EVENTS = `select ${AUDIT_EVENTS.select('e')}, e.position, e.salt, r.canonical as content, case e.type
    when 'approval_request.created' then jsonb_build_object('denial', r.denial, 'policy_number', r.policy_number,
      'environment', r.environment, 'justification', r.justification, 'on_behalf_of', r.on_behalf_of,
      'on_behalf_of_person_id', r.on_behalf_of_person_id, 'excluded_people', r.excluded_people,
      'members_when_made', r.members_when_made, 'requirement', r.requirement,
      'credential', r.credential, 'presentation', r.presentation, 'needs_review', r.needs_review,
      'expires_at', ${time('r.expires_at')})
    when 'decision.recorded' then (
      select jsonb_build_object('decision_id', d.id, 'reason', d.reason, 'via', d.via, 'account', d.account, 'group_ids', d.group_ids,
        'evidence', d.evidence) || case when d.stands_in_for is null then '{}'
        else jsonb_build_object('stands_in_for', d.stands_in_for) end
      from placet.decisions d where d.tenant_id = e.tenant_id and d.request_id = e.request_id and d.person_id = e.actor_id
        and d.stage = (e.facts ->> 'stage')::integer)
    when 'credential.issued' then (
      select jsonb_build_object('issued_at', ${time('l.issued_at')}, 'idempotency_key', l.idempotency_key, 'jkt', l.jkt) from placet.leases l
      where l.tenant_id = e.tenant_id and l.id = e.lease_id)
    when 'approval.revoked' then (
      select jsonb_build_object('account', v.account) from placet.revocations v
      where v.tenant_id = e.tenant_id and v.request_id = e.request_id)
    when 'execution.started' then (
      select jsonb_build_object('idempotency_key', x.idempotency_key) from placet.executions x
      where x.tenant_id = e.tenant_id and x.request_id = e.request_id)
    when 'result.reported' then (
      -- Of whichever use: an event has the moment of its result, and one request's are told one after the other.
      select jsonb_build_object('use', o.use, 'detail', o.detail, 'result_digest', o.result_digest) from placet.results o
      where o.tenant_id = e.tenant_id and o.request_id = e.request_id and o.reported_at = e.occurred_at
      order by o.use limit 1)
    end as row_facts`;
const REQUESTS = `left join placet.approval_requests r
    on e.type = 'approval_request.created' and r.tenant_id = e.tenant_id and r.id = e.request_id`;

/** Events after a position that have no place yet, in the order of writing. */
export async function listWaiting(tx: Tx, after: number, count_max: number): Promise<LoggedEvent[]> {
  const sql = `${EVENTS} from placet.audit_events e ${REQUESTS}
    where e.tenant_id = $1 and e.position > $2 and e.salt is not null
      and not exists (select from placet.log_leaves w where w.tenant_id = $1 and w.position = e.position)
    order by e.position limit $3`;
  return (await tx.query<LoggedEvent>(sql, [tx.tenant_id, after, count_max])).rows;
}

/** An event and its leaf; null while it waits for its place. */
export type PlacedEvent = LoggedEvent & { readonly leaf: Buffer | null };

/** The events of one request that the log has or will have, in the order of writing. */
export async function listOfRequest(tx: Tx, request_id: string): Promise<PlacedEvent[]> {
  const sql = `${EVENTS}, w.leaf from placet.audit_events e ${REQUESTS}
    left join placet.log_leaves w on w.tenant_id = e.tenant_id and w.position = e.position
    where e.tenant_id = $1 and e.request_id = $2 and (e.salt is not null or w.leaf is not null) order by e.position`;
  return (await tx.query<PlacedEvent>(sql, [tx.tenant_id, request_id])).rows;
}

/** A place of the log, with the event that stands there; its id is null when the event is gone. */
export type WalkedLeaf = Omit<LoggedEvent, 'id'> & {
  readonly id: string | null;
  readonly index: number;
  readonly leaf: Buffer;
  readonly hash: Buffer;
  readonly sequenced_at: Date;
};

/** The places from an index on. */
export async function listWalked(tx: Tx, from: number, count_max: number): Promise<WalkedLeaf[]> {
  const sql = `${EVENTS}, w.index::float8 as index, w.leaf, w.hash, w.sequenced_at from placet.log_leaves w
    left join placet.audit_events e on e.tenant_id = w.tenant_id and e.position = w.position ${REQUESTS}
    where w.tenant_id = $1 and w.index >= $2 and w.index < $2 + $3 order by w.index`;
  return (await tx.query<WalkedLeaf>(sql, [tx.tenant_id, from, count_max])).rows;
}

/** An event up to where the log says that none is left without a place. */
export type SettledEvent = Pick<RecordedEvent, 'id' | 'request_id'> & {
  readonly position: number;
  /** It has its place, or needs none: it is of before the log. */
  readonly is_placed: boolean;
};

/** Those after a position, in the order of writing. */
export async function listSettled(tx: Tx, after: number, count_max: number): Promise<SettledEvent[]> {
  const sql = `select e.id, e.request_id, e.position::float8 as position, e.salt is null or exists (
      select from placet.log_leaves w where w.tenant_id = e.tenant_id and w.position = e.position) as is_placed
    from placet.audit_events e
    where e.tenant_id = $1 and e.position > $2
      and e.position <= (select h.settled from placet.logs h where h.tenant_id = $1)
    order by e.position limit $3`;
  return (await tx.query<SettledEvent>(sql, [tx.tenant_id, after, count_max])).rows;
}
