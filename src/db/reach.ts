// What says whether the people whom pending requests wait for can still be asked. Changes nothing.

import type { GroupPart } from '../domain/people/membership.ts';
import { POLICY_APPLY } from '../domain/policy/proposal.ts';
import type { Tx } from './database.ts';

/** What the groups are made of that pending requests name, each once. */
export async function listWaitingParts(tx: Tx): Promise<GroupPart[]> {
  const sql = `with named as materialized (
      select distinct g.id #>> '{}' as id from placet.approval_requests r,
        jsonb_path_query(r.requirement, '$.stages[*].**.group_id') as g(id)
      where r.tenant_id = $1 and r.state = 'pending')
    select l.group_id, l.part_id, l.is_among, l.source, null as members_then from placet.group_parts l
    where l.tenant_id = $1 and (l.group_id in (select id from named) or (l.is_among and l.group_id in (
      select p.part_id from placet.group_parts p where p.tenant_id = $1 and p.group_id in (select id from named))))
    order by l.group_id, l.part_id, l.is_among`;
  return (await tx.query<GroupPart>(sql, [tx.tenant_id])).rows;
}

/**
 * Changes whenever the record says otherwise who may decide: another policy, somebody deactivated, merged or linked, who has come
 * to be behind an agent, and what was decided.
 */
export async function readReachState(tx: Tx): Promise<string> {
  const sql = `select concat_ws(' ', (select max(p.number) from placet.policy_versions p where p.tenant_id = $1),
      (select concat(count(*), max(p.deactivated_at)) from placet.people p where p.tenant_id = $1 and p.deactivated_at is not null),
      (select count(*) from placet.people p where p.tenant_id = $1 and p.merged_into is not null),
      (select concat(count(*), max(i.from_at), max(i.until_at)) from placet.person_identities i where i.tenant_id = $1),
      (select concat(count(*), max(e.from_at), max(e.until_at)) from placet.person_emails e where e.tenant_id = $1),
      (select concat(count(*), max(k.created_at)) from placet.agent_keys k where k.tenant_id = $1),
      (select concat(count(d.id), max(d.decided_at)) from placet.approval_requests r
        join placet.decisions d on d.tenant_id = r.tenant_id and d.request_id = r.id where r.tenant_id = $1 and r.state = 'pending'),
      (select concat(count(*), max(s.escalated_at)) from placet.approval_requests r
        join placet.escalations s on s.tenant_id = r.tenant_id and s.request_id = r.id where r.tenant_id = $1 and r.state = 'pending')
      ) as state`;
  return (await tx.query<{ state: string }>(sql, [tx.tenant_id])).rows[0]?.state ?? '';
}

/** Pending requests that wait for groups, in the order of their ids; a change of policy waits for people of its own. */
export async function listWaitingIds(tx: Tx, after: string, limit: number): Promise<string[]> {
  const sql = `select id from placet.approval_requests
    where tenant_id = $1 and state = 'pending' and id > $2 and action <> $4 order by id limit $3`;
  return (await tx.query<{ id: string }>(sql, [tx.tenant_id, after, limit, POLICY_APPLY])).rows.map(({ id }) => id);
}
