// Reads whole request records: one statement, whichever way they are looked for. Writes nothing.

import type { Execution, ExecutionResult, Grant, Lease } from '../domain/credential/lease.ts';
import type { Decision } from '../domain/request/decision.ts';
import {
  type CardState,
  type Person,
  type RequestRecord,
  SAME_PENDING_MAX,
  type StageGroup,
} from '../domain/request/record.ts';
import type { Action, ApprovalRequest, RequestState } from '../domain/request/request.ts';
import type { JsonRow } from './columns.ts';
import type { Tx } from './database.ts';
import {
  APPROVAL_REQUESTS,
  APPROVER_GROUPS,
  DECISIONS,
  EXECUTIONS,
  GRANTS,
  LEASES,
  RESULTS,
  type StoredRequest,
} from './tables.ts';

// Decisions are asked for in an order that their index by request gives: before its first analyze PostgreSQL would take the
// primary key as well, and walk every decision of the tenant.
const SELECT = `
select ${APPROVAL_REQUESTS.select('r')},
  (select p.person_id from placet.people_now p where p.tenant_id = r.tenant_id and p.id = r.on_behalf_of_person_id) as on_behalf_of_person_id,
  array(select x.person_id from placet.excluded_now x where x.tenant_id = r.tenant_id and x.request_id = r.id) as excluded_people,
  a.name as agent_name,
  jsonb_build_object('id', o.person_id, 'email', o.email, 'name', o.name) as owner,
  (select coalesce(jsonb_agg(${DECISIONS.json('d')} || jsonb_build_object(
        'person', jsonb_build_object('id', d.person_id, 'email', d.email, 'name', d.name)) order by d.decided_at, d.id), '[]')
    from placet.decisions_now d where d.tenant_id = r.tenant_id and d.request_id = r.id) as decisions,
  (select coalesce(jsonb_agg(${APPROVER_GROUPS.json('g')}
      order by g.name), '[]')
    from placet.approver_groups g where g.tenant_id = r.tenant_id and g.id in (
      select approver ->> 'group_id' from jsonb_array_elements(r.requirement -> 'stages') as stage,
        jsonb_array_elements(stage -> 'approvers') as approver)) as groups,
  (select coalesce(jsonb_agg(jsonb_build_object('kind', m.kind, 'channel', m.destination, 'state', m.state, 'error', m.error,
      'posted_at', m.posted_at, 'undelivered_at', m.undelivered_at, 'created_at', m.created_at) order by m.id), '[]')
    from placet.slack_messages m
    where m.tenant_id = r.tenant_id and m.request_id = r.id and m.kind in ('card', 'undeliverable')) as messages,
  (select ${GRANTS.json('g')} from placet.grants g where g.tenant_id = r.tenant_id and g.request_id = r.id) as grant_row,
  (select ${LEASES.json('l')} from placet.leases l where l.tenant_id = r.tenant_id and l.request_id = r.id order by l.issued_at desc limit 1) as lease_row,
  (select ${RESULTS.json('e')} from placet.results e where e.tenant_id = r.tenant_id and e.request_id = r.id) as result_row,
  (select ${EXECUTIONS.json('x')} from placet.executions x where x.tenant_id = r.tenant_id and x.request_id = r.id) as execution_row,
  case when r.state = 'pending' then (select count(*) from (
    select from placet.approval_requests s where s.tenant_id = r.tenant_id and s.agent_id = r.agent_id and s.digest = r.digest
      and s.state = 'pending' and s.expires_at > now() and s.id <> r.id limit ${SAME_PENDING_MAX}) as same)::integer else 0 end as same_pending
from placet.approval_requests r
join placet.agents a on a.tenant_id = r.tenant_id and a.id = r.agent_id
join placet.people_now o on o.tenant_id = a.tenant_id and o.id = a.owner_person_id`;

/** One request record by the request's id, or null. */
export async function readRequestRecord(tx: Tx, request_id: string): Promise<RequestRecord | null> {
  const { rows } = await tx.query<Row>(`${SELECT} where r.id = $1`, [request_id]);
  return rows[0] === undefined ? null : toRequestRecord(rows[0]);
}

/** An agent's own request records, newest first, below `before` when given. */
export async function listByAgent(
  tx: Tx,
  filter: {
    readonly agent_id: string;
    readonly state: RequestState | null;
    readonly before: string | null;
    readonly limit: number;
  },
): Promise<RequestRecord[]> {
  const sql = `${SELECT} where r.agent_id = $1 and ($2::text is null or r.state = $2) and ($3::text is null or r.id < $3)
    order by r.id desc limit $4`;
  const { rows } = await tx.query<Row>(sql, [filter.agent_id, filter.state, filter.before, filter.limit]);
  return rows.map(toRequestRecord);
}

/** Every request record, for the operator, newest first. */
export async function listAll(
  tx: Tx,
  filter: { readonly state: RequestState | null; readonly limit: number },
): Promise<RequestRecord[]> {
  const sql = `${SELECT} where ($1::text is null or r.state = $1) order by r.id desc limit $2`;
  const { rows } = await tx.query<Row>(sql, [filter.state, filter.limit]);
  return rows.map(toRequestRecord);
}

/** Pending requests that wait for this person now, soonest expiry first: in a group of theirs, not excluded, not decided. */
export async function listWaitingFor(
  tx: Tx,
  filter: { readonly person_id: string; readonly slack_user_groups: readonly string[]; readonly limit: number },
): Promise<RequestRecord[]> {
  // Which groups count is asked once, not for each of what may be thousands of pending requests.
  const sql = `with me as materialized (select array(select id from placet.people_now where person_id = $1) as ids),
    mine as materialized (select array(
      select g.id from placet.approver_groups g
      where g.slack_user_group = any ($2) or (g.slack_user_group is null and exists (
        select from placet.approver_group_members m
        join placet.person_emails e on e.tenant_id = m.tenant_id and e.address = m.address and e.until_at is null
        where m.tenant_id = g.tenant_id and m.group_id = g.id and e.person_id = $1))) as group_ids)
    ${SELECT} where r.state = 'pending' and r.expires_at > $4 and not r.excluded_people && (select ids from me)
    and jsonb_path_query_array(r.requirement, '$.stages[*].approvers[*].group_id') ?| (select group_ids from mine)
    and not exists (select from placet.decisions d where d.tenant_id = r.tenant_id and d.request_id = r.id
      and d.person_id = any ((select ids from me)::text[]))
    order by r.expires_at, r.id limit $3`;
  const { rows } = await tx.query<Row>(sql, [filter.person_id, filter.slack_user_groups, filter.limit, tx.now]);
  return rows.map(toRequestRecord);
}

type Row = StoredRequest & {
  readonly canonical: Buffer;
  readonly excluded_people: string[];
  readonly on_behalf_of_person_id: string | null;
  readonly agent_name: string;
  readonly owner: Person;
  readonly decisions: (JsonRow<Decision> & { readonly person: Person })[];
  readonly groups: StageGroup[];
  readonly messages: (JsonRow<CardState> & { readonly kind: 'card' | 'undeliverable'; readonly created_at: string })[];
  readonly grant_row: JsonRow<Grant> | null;
  readonly lease_row: JsonRow<Lease> | null;
  readonly result_row: JsonRow<ExecutionResult> | null;
  readonly execution_row: JsonRow<Execution> | null;
  readonly same_pending: number;
};

function toRequestRecord(row: Row): RequestRecord {
  const { agent_name: name, owner, groups, decisions, messages, same_pending, ...rest } = row;
  const { grant_row, lease_row, execution_row, result_row, ...stored } = rest;
  return {
    request: toRequest(stored),
    agent: { id: row.agent_id, name, owner },
    groups,
    decisions: decisions.map((made) => ({ ...DECISIONS.ofJson(made), person: made.person })),
    grant: grant_row === null ? null : GRANTS.ofJson(grant_row),
    lease: lease_row === null ? null : LEASES.ofJson(lease_row),
    execution: execution_row === null ? null : EXECUTIONS.ofJson(execution_row),
    result: result_row === null ? null : RESULTS.ofJson(result_row),
    cards: messages.filter(({ kind }) => kind === 'card').map(toCard),
    undeliverable_at: dateOf(messages.find(({ kind }) => kind === 'undeliverable')?.created_at ?? null),
    same_pending,
  };
}

/** What is shown comes from the digested bytes, never from the jsonb beside them. */
function toRequest({
  canonical,
  ...stored
}: Pick<Row, keyof StoredRequest | 'excluded_people' | 'on_behalf_of_person_id'>): ApprovalRequest {
  const { action, resource, parameters } = JSON.parse(canonical.toString('utf8')) as Action;
  return { ...stored, action, resource, parameters };
}

function toCard({ channel, state, error, posted_at, undelivered_at }: Row['messages'][number]): CardState {
  return { channel, state, error, posted_at: dateOf(posted_at), undelivered_at: dateOf(undelivered_at) };
}

function dateOf(text: string | null): Date | null {
  return text === null ? null : new Date(text);
}
