// What the record has of one request, read past every door.
import type { TestDatabase } from './database.ts';

type Rows = Pick<TestDatabase, 'asSuperuser'>;

/** The state of the request; undefined when there is none. */
export async function stateOf({ asSuperuser }: Rows, request_id: string): Promise<string | undefined> {
  const sql = 'select state from placet.approval_requests where id = $1';
  return (await asSuperuser<{ state: string }>(sql, [request_id]))[0]?.state;
}

/** The facts of its audit events of one type, in the order of writing. */
export function eventsOf({ asSuperuser }: Rows, request_id: string, type: string) {
  const sql = 'select facts from placet.audit_events where request_id = $1 and type = $2 order by position';
  return asSuperuser<{ facts: Record<string, unknown> }>(sql, [request_id, type]);
}

/** The states of its leases. */
export function leasesOf({ asSuperuser }: Rows, request_id: string) {
  return asSuperuser<{ state: string }>('select state from placet.leases where request_id = $1', [request_id]);
}

/** How many rows there are: of a table, under a condition. */
export async function countOf({ asSuperuser }: Rows, sql: string, ...values: unknown[]): Promise<number | undefined> {
  return (await asSuperuser<{ n: number }>(`select count(*)::int as n from ${sql}`, values))[0]?.n;
}
