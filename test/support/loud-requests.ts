// What is still to be told, as the rows of one tenant have it.

import { TENANT, type TestDatabase } from './database.ts';

/** Requests of which something is still to be told, to Temporal or in Slack. */
export function loudRequests(database: TestDatabase, tenant = TENANT): Promise<{ readonly id: string }[]> {
  const sql = `select r.id from placet.approval_requests r where r.tenant_id = $1 and r.effect = 'require' and (
    exists (select from placet.outbox o where o.request_id = r.id)
    or not exists (select from placet.slack_messages m where m.request_id = r.id and m.kind = 'card')
    or exists (select from placet.slack_messages m where m.request_id = r.id and m.kind in ('card', 'outcome')
      and (m.state = 'posting' or (m.state = 'posted' and m.revision < r.revision)))
    or (r.state <> 'pending' and not exists (
      select from placet.slack_messages m where m.request_id = r.id and m.kind = 'outcome')))`;
  return database.asSuperuser(sql, [tenant]);
}
