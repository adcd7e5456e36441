// Reads request records: one statement, whichever way they are looked for, and no more of them than the reader needs. Writes
// nothing.

import type { OperatorRecord, RevocableRecord, ViewRecord, WaitingRecord } from '../domain/request/record.ts';
import type { RequestState } from '../domain/request/request.ts';
import type { Tx } from './database.ts';
import { OPERATOR, REVOCABLE, type Reader, VIEW, WAITING } from './record-parts.ts';

type Row = Parameters<Reader<unknown>['of']>[0];

/** One request record by the request's id, as its reader needs it, or null. */
export async function readRequestRecord<Read>(
  tx: Pick<Tx, 'query'>,
  request_id: string,
  reader: Reader<Read>,
): Promise<Read | null> {
  const { rows } = await tx.query<Row>(`${reader.select} where r.id = $1`, [request_id]);
  return rows[0] === undefined ? null : reader.of(rows[0]);
}

/** The record of the request that a lease is of, or null. */
export async function readRecordOfLease<Read>(tx: Tx, lease_id: string, reader: Reader<Read>): Promise<Read | null> {
  const of_lease = 'select l.request_id from placet.leases l where l.tenant_id = $1 and l.id = $2';
  const { rows } = await tx.query<Row>(`${reader.select} where r.tenant_id = $1 and r.id = (${of_lease})`, [
    tx.tenant_id,
    lease_id,
  ]);
  return rows[0] === undefined ? null : reader.of(rows[0]);
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
): Promise<ViewRecord[]> {
  const sql = `${VIEW.select} where r.agent_id = $1 and ($2::text is null or r.state = $2) and ($3::text is null or r.id < $3)
    order by r.id desc limit $4`;
  const { rows } = await tx.query<Row>(sql, [filter.agent_id, filter.state, filter.before, filter.limit]);
  return rows.map(VIEW.of);
}

/** Every request record, for the operator, newest first. */
export async function listAll(
  tx: Tx,
  filter: { readonly state: RequestState | null; readonly limit: number },
): Promise<OperatorRecord[]> {
  const sql = `${OPERATOR.select} where ($1::text is null or r.state = $1) order by r.id desc limit $2`;
  const { rows } = await tx.query<Row>(sql, [filter.state, filter.limit]);
  return rows.map(OPERATOR.of);
}

/** A group in which the account must have been when the request was made, by the part that says so. */
type Joined = { readonly group_id: string; readonly part_id: string };

/**
 * Pending requests that wait for this person now, soonest expiry first: in a group of the stage that is open, not excluded, and
 * free to decide there.
 */
export async function listWaitingFor(
  tx: Tx,
  filter: {
    readonly person_id: string;
    readonly account: string;
    /** Groups that the person is in by what was asked. */
    readonly group_ids: readonly string[];
    readonly joined: readonly Joined[];
    readonly limit: number;
  },
): Promise<WaitingRecord[]> {
  const { person_id, account, group_ids, joined, limit } = filter;
  const values = [person_id, group_ids, limit, tx.now];
  const joinedValues = joined.length === 0 ? [] : [JSON.stringify(joined), account];
  const { rows } = await tx.query<Row>(waitingSql(joined.length > 0), [...values, ...joinedValues]);
  return rows.map(WAITING.of);
}

function waitingSql(hasJoined: boolean): string {
  const joined = `array(select j.group_id from jsonb_to_recordset($5::jsonb) as j (group_id text, part_id text)
      where r.members_when_made -> j.part_id ? $6)`;
  const mine = `(select group_ids from mine)::text[]${hasJoined ? ` || ${joined}` : ''}`;
  // Which groups count is asked once, not for each of what may be thousands of pending requests; which groups the open stage
  // asks, only where there are several or some may be added: one stage that is full has ended its request.
  return `with me as materialized (select array(select id from placet.people_now where person_id = $1) as ids),
    mine as materialized (select $2::text[] || array(
      select l.group_id from placet.group_parts l
        join placet.approver_group_members m on m.tenant_id = l.tenant_id and m.group_id = l.part_id
        left join placet.person_emails e on e.tenant_id = m.tenant_id and e.address = m.address and e.until_at is null
        where not l.is_among and l.source ->> 'kind' = 'listed'
          and coalesce(e.person_id, m.person_id) = any ((select ids from me)::text[])) as group_ids)
    ${WAITING.select} where r.state = 'pending' and r.expires_at > $4 and not (r.excluded_people || a.behind_people) && (select ids from me)
    and jsonb_path_query_array(r.requirement, '$.stages[*].**.group_id') ?| (${mine})
    and not exists (select from placet.decisions d where d.tenant_id = r.tenant_id and d.request_id = r.id
      and d.person_id = any ((select ids from me)::text[])
      and (d.once_in = -1 or d.decision = 'deny' or jsonb_array_length(r.requirement -> 'stages') = 1))
    and ((jsonb_array_length(r.requirement -> 'stages') = 1 and not r.requirement @? '$.stages[*].escalate') or coalesce((
      select s.group_ids && (${mine}) and not exists (
        select from placet.decisions d where d.tenant_id = r.tenant_id and d.request_id = r.id
          and d.person_id = any ((select ids from me)::text[]) and d.stage >= s.stage)
      from placet.stages_at(r.tenant_id, r.id, 'infinity') as s where not s.is_full order by s.stage limit 1), false))
    order by r.expires_at, r.id limit $3`;
}

/** Of so many that were approved last, those are looked for of which something is left. */
const APPROVED_LAST_MAX = 100;

/**
 * What was approved last and of which something is left: what this person approved or whose agent it owns, or all of it. Each
 * part is looked up for one request at a time (`offset 0`), whatever the plan was made of.
 */
export async function listRevocable(
  tx: Tx,
  filter: { readonly person_id: string; readonly is_any: boolean; readonly limit: number },
): Promise<RevocableRecord[]> {
  const sql = `${REVOCABLE.select} where r.tenant_id = $1 and r.state = 'approved' and r.id = any (array(
      select n.id from placet.approval_requests n where n.tenant_id = $1 and n.effect = 'require' and n.closed_at <= $4
      order by n.closed_at desc limit ${APPROVED_LAST_MAX}))
    and ($3 or o.person_id = $2 or exists (
      select from placet.decisions_now d where d.tenant_id = r.tenant_id and d.request_id = r.id and d.person_id = $2 offset 0))
    and not exists (select from placet.revocations v where v.tenant_id = r.tenant_id and v.request_id = r.id offset 0)
    and not exists (select from placet.executions x where x.tenant_id = r.tenant_id and x.request_id = r.id offset 0)
    and (exists (select from placet.leases l where l.tenant_id = r.tenant_id and l.request_id = r.id
        and l.state = 'active' and l.expires_at > $4 offset 0)
      or exists (select from placet.grants g where g.tenant_id = r.tenant_id and g.request_id = r.id
        and g.redemptions < g.uses_max and g.claim_expires_at > $4 and not (g.redemptions = 0 and exists (
          select from placet.results t where t.tenant_id = r.tenant_id and t.request_id = r.id offset 0)) offset 0))
    order by r.id desc limit $5`;
  const values = [tx.tenant_id, filter.person_id, filter.is_any, tx.now, filter.limit];
  const { rows } = await tx.query<Row>(sql, values);
  return rows.map(REVOCABLE.of);
}
