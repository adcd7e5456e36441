// Statements on audit events. A state change and its event go through the same transaction (INV-7). Only src/audit makes events.

import type { RecordedEvent } from '../domain/audit/event.ts';
import { AUDIT_EVENTS, EVENT_VALUES, type NumberedEvent } from './audit-tables.ts';
import type { Tx } from './database.ts';

const INSERT = `with t as (select $1::text as tenant_id), v as (${EVENT_VALUES.insertRecords(`$${AUDIT_EVENTS.width + 1}`, 't')})
  ${AUDIT_EVENTS.insert}`;

/** Appends one event with what it commits to. */
export async function insertEvent(tx: Tx, { row, values }: NumberedEvent): Promise<void> {
  const own = AUDIT_EVENTS.valuesOf(tx, row);
  if (values.length === 0) await tx.query(AUDIT_EVENTS.insert, own);
  else await tx.query(INSERT, [...own, EVENT_VALUES.recordsOf(values)]);
}

/** Names of what an event commits to that whoever lists events is shown, as long as it is not erased. */
const LISTED = ['actor', 'account'];

/** The newest events, or those of one request, in the order of writing, newest first. */
export async function listEvents(
  tx: Tx,
  filter: { readonly request_id: string | null; readonly type: string | null; readonly limit: number },
): Promise<RecordedEvent[]> {
  const sql = `select ${AUDIT_EVENTS.select('v')},
      (select coalesce(jsonb_object_agg(c.name, convert_from(c.value, 'UTF8')::jsonb), '{}') from placet.event_values c
        where c.tenant_id = v.tenant_id and c.event_id = v.id and c.name = any ($4)) as listed
    from placet.audit_events v
    where ($1::text is null or v.request_id = $1) and ($2::text is null or v.type = $2)
    order by v.position desc limit $3`;
  type Row = RecordedEvent & { readonly listed: Readonly<Record<string, string>> };
  const { rows } = await tx.query<Row>(sql, [filter.request_id, filter.type, filter.limit, LISTED]);
  return rows.map(({ listed: { actor, ...facts }, ...event }) => ({
    ...event,
    actor_id: event.actor_id ?? actor ?? null,
    facts: { ...event.facts, ...facts },
  }));
}

/** An event's leaf with the values that stand beside it. */
export type StoredLeaf = {
  /** The event's id in its row: a leaf that names another one was swapped. */
  readonly id: string;
  readonly leaf: Buffer;
  readonly values: readonly { readonly name: string; readonly salt: Buffer; readonly value: Buffer }[];
};

/** The leaves of one request, in the order of writing. */
export async function listLeaves(tx: Tx, request_id: string): Promise<StoredLeaf[]> {
  const sql = `select e.id, e.leaf, c.names, c.salts, c.contents from placet.audit_events e
    cross join lateral (select array_agg(v.name order by v.name) as names, array_agg(v.salt order by v.name) as salts,
        array_agg(v.value order by v.name) as contents
      from placet.event_values v where v.tenant_id = e.tenant_id and v.event_id = e.id) c
    where e.request_id = $1 and e.leaf is not null order by e.position`;
  return (await tx.query<LeafRow>(sql, [request_id])).rows.map(toLeaf);
}

type LeafRow = {
  readonly id: string;
  readonly leaf: Buffer;
  readonly names: readonly string[] | null;
  readonly salts: readonly Buffer[] | null;
  readonly contents: readonly Buffer[] | null;
};

function toLeaf({ id, leaf, names, salts, contents }: LeafRow): StoredLeaf {
  const values = (names ?? []).flatMap((name, at) => {
    const [salt, value] = [salts?.[at], contents?.[at]];
    return salt === undefined || value === undefined ? [] : [{ name, salt, value }];
  });
  return { id, leaf, values };
}
