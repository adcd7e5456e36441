// Reads whole request records: one statement, whichever way they are looked for. Writes nothing.

import type { ExecutionResult, Grant, Lease, LeaseState } from '../domain/credential/lease.ts';
import type { CardState, NamedDecision, Person, RequestRecord, StageGroup } from '../domain/request/record.ts';
import type {
  Action,
  ApprovalRequest,
  Choice,
  CredentialSpec,
  Effect,
  RequestState,
  Requirement,
} from '../domain/request/request.ts';
import type { Tx } from './database.ts';

// Decisions are asked for in an order that their index by request gives: before its first analyze PostgreSQL would take the
// primary key as well, and walk every decision of the tenant.
const SELECT = `
select r.tenant_id, r.id, r.agent_id, r.environment, r.canonical, r.digest, r.justification, r.on_behalf_of,
  array(select x.person_id from placet.excluded_now x where x.tenant_id = r.tenant_id and x.request_id = r.id) as excluded_people,
  r.effect, r.state, r.policy_id, r.policy_number, r.rule, r.requirement, r.credential,
  r.needs_review, r.revision, r.created_at, r.expires_at, r.closed_at, a.name as agent_name,
  jsonb_build_object('id', o.person_id, 'email', o.email, 'name', o.name) as owner,
  (select coalesce(jsonb_agg(to_jsonb(d) || jsonb_build_object(
        'person', jsonb_build_object('id', d.person_id, 'email', d.email, 'name', d.name)) order by d.decided_at, d.id), '[]')
    from placet.decisions_now d where d.tenant_id = r.tenant_id and d.request_id = r.id) as decisions,
  (select coalesce(jsonb_agg(jsonb_build_object('id', g.id, 'name', g.name, 'channel', g.channel, 'slack_user_group', g.slack_user_group)
      order by g.name), '[]')
    from placet.approver_groups g where g.tenant_id = r.tenant_id and g.id in (
      select approver ->> 'group_id' from jsonb_array_elements(r.requirement -> 'stages') as stage,
        jsonb_array_elements(stage -> 'approvers') as approver)) as groups,
  (select coalesce(jsonb_agg(jsonb_build_object('kind', m.kind, 'channel', m.destination, 'state', m.state, 'error', m.error,
      'posted_at', m.posted_at, 'undelivered_at', m.undelivered_at, 'created_at', m.created_at) order by m.id), '[]')
    from placet.slack_messages m
    where m.tenant_id = r.tenant_id and m.request_id = r.id and m.kind in ('card', 'undeliverable')) as messages,
  (select to_jsonb(g) from placet.grants g where g.tenant_id = r.tenant_id and g.request_id = r.id) as grant_row,
  (select to_jsonb(l) from placet.leases l where l.tenant_id = r.tenant_id and l.request_id = r.id order by l.issued_at desc limit 1) as lease_row,
  (select to_jsonb(e) from placet.results e where e.tenant_id = r.tenant_id and e.request_id = r.id) as result_row
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

type Row = {
  tenant_id: string;
  id: string;
  agent_id: string;
  environment: string;
  canonical: Buffer;
  digest: string;
  justification: string | null;
  on_behalf_of: string | null;
  excluded_people: string[];
  effect: Effect;
  state: RequestState;
  policy_id: string | null;
  policy_number: number | null;
  rule: string | null;
  requirement: Requirement | null;
  credential: CredentialSpec | null;
  needs_review: boolean;
  revision: number;
  created_at: Date;
  expires_at: Date | null;
  closed_at: Date | null;
  agent_name: string;
  owner: Person;
  decisions: (JsonDates<NamedDecision> & { decision: Choice })[];
  groups: StageGroup[];
  messages: (JsonDates<CardState> & { kind: 'card' | 'undeliverable'; created_at: string })[];
  grant_row: JsonDates<Grant> | null;
  lease_row: (JsonDates<Lease> & { state: LeaseState }) | null;
  result_row: JsonDates<ExecutionResult> | null;
};

/** The same members with times as Postgres writes them into JSON. */
type JsonDates<T> = {
  readonly [K in keyof T]: T[K] extends Date ? string : T[K] extends Date | null ? string | null : T[K];
};

function toRequestRecord(row: Row): RequestRecord {
  return {
    request: toRequest(row),
    agent: { id: row.agent_id, name: row.agent_name, owner: row.owner },
    groups: row.groups,
    decisions: row.decisions.map(toDecision),
    grant: row.grant_row === null ? null : toGrant(row.grant_row),
    lease: row.lease_row === null ? null : toLease(row.lease_row),
    result: row.result_row === null ? null : toResult(row.result_row),
    cards: row.messages.filter(({ kind }) => kind === 'card').map(toCard),
    undeliverable_at: dateOf(row.messages.find(({ kind }) => kind === 'undeliverable')?.created_at ?? null),
  };
}

/** What is shown comes from the digested bytes, never from the jsonb beside them. */
function toRequest(row: Row): ApprovalRequest {
  const input = JSON.parse(row.canonical.toString('utf8')) as Action;
  return {
    id: row.id,
    tenant_id: row.tenant_id,
    agent_id: row.agent_id,
    environment: row.environment,
    action: input.action,
    resource: input.resource,
    parameters: input.parameters,
    digest: row.digest,
    justification: row.justification,
    on_behalf_of: row.on_behalf_of,
    excluded_people: row.excluded_people,
    effect: row.effect,
    state: row.state,
    policy_id: row.policy_id,
    policy_number: row.policy_number,
    rule: row.rule,
    requirement: row.requirement,
    credential: row.credential,
    needs_review: row.needs_review,
    revision: row.revision,
    created_at: row.created_at,
    expires_at: row.expires_at,
    closed_at: row.closed_at,
  };
}

function toCard({ channel, state, error, posted_at, undelivered_at }: Row['messages'][number]): CardState {
  return {
    channel,
    state: state as CardState['state'],
    error,
    posted_at: dateOf(posted_at),
    undelivered_at: dateOf(undelivered_at),
  };
}

function dateOf(text: string | null): Date | null {
  return text === null ? null : new Date(text);
}

function toDecision(row: Row['decisions'][number]): NamedDecision {
  return {
    id: row.id,
    request_id: row.request_id,
    stage: row.stage,
    person_id: row.person_id,
    decision: row.decision,
    reason: row.reason,
    digest: row.digest,
    decided_at: new Date(row.decided_at),
    person: row.person,
    via: row.via,
    account: row.account,
    account_moved_at: row.account_moved_at === null ? null : new Date(row.account_moved_at),
  };
}

function toGrant(row: JsonDates<Grant>): Grant {
  return {
    id: row.id,
    request_id: row.request_id,
    digest: row.digest,
    credential: row.credential,
    claim_expires_at: new Date(row.claim_expires_at),
    redeemed_at: row.redeemed_at === null ? null : new Date(row.redeemed_at),
  };
}

function toLease(row: JsonDates<Lease>): Lease {
  return {
    id: row.id,
    grant_id: row.grant_id,
    request_id: row.request_id,
    digest: row.digest,
    state: row.state,
    issued_at: new Date(row.issued_at),
    expires_at: new Date(row.expires_at),
    used_at: row.used_at === null ? null : new Date(row.used_at),
  };
}

function toResult(row: JsonDates<ExecutionResult>): ExecutionResult {
  return {
    status: row.status,
    detail: row.detail,
    result_digest: row.result_digest,
    reported_at: new Date(row.reported_at),
  };
}
