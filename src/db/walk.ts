// Statements that walk a whole log with the rows that it is about, for the verification. They change nothing.

import type { Tx } from './database.ts';

/** A place of the log, with the event that stands there. */
export type WalkedLeaf = {
  readonly index: number;
  readonly event_id: string;
  readonly hash: Buffer;
  readonly sequenced_at: Date;
  readonly leaf: Buffer | null;
  /** What the event's own columns say. */
  readonly row: Readonly<Record<string, unknown>> | null;
  readonly occurred_at: Date | null;
  readonly names: readonly string[] | null;
  readonly salts: readonly Buffer[] | null;
  readonly contents: readonly Buffer[] | null;
};

/** The places from an index on. */
export async function listWalked(tx: Tx, from: number, count_max: number): Promise<WalkedLeaf[]> {
  const sql = `select l.index::float8 as index, l.event_id, l.hash, l.sequenced_at, e.leaf, e.occurred_at, c.names, c.salts, c.contents,
      jsonb_build_object('id', e.id, 'type', e.type, 'outcome', e.outcome, 'actor_kind', e.actor_kind, 'actor_id', e.actor_id,
        'request_id', e.request_id, 'lease_id', e.lease_id, 'digest', e.digest, 'facts', e.facts) as row
    from placet.log_leaves l
    left join placet.audit_events e on e.tenant_id = l.tenant_id and e.id = l.event_id
    cross join lateral (select array_agg(v.name order by v.name) as names, array_agg(v.salt order by v.name) as salts,
        array_agg(v.value order by v.name) as contents
      from placet.event_values v where v.tenant_id = l.tenant_id and v.event_id = l.event_id) c
    where l.index >= $1 and l.index < $1 + $2 order by l.index`;
  return (await tx.query<WalkedLeaf>(sql, [from, count_max])).rows;
}

/** The kept roots of subtrees that end in this range of leaves, by `level/index`. */
export async function listNodes(tx: Tx, level: number, from: number, to: number): Promise<Map<number, Buffer>> {
  const sql = `select index::float8 as index, hash from placet.log_nodes
    where level = $1 and index >= $2 and index < $3 order by index`;
  const { rows } = await tx.query<{ index: number; hash: Buffer }>(sql, [level, from, to]);
  return new Map(rows.map(({ index, hash }) => [index, hash]));
}

/** The first event that has neither a place in the log nor one in the queue; those of before the log count as none. */
export async function findUnlogged(
  tx: Tx,
): Promise<{ readonly id: string; readonly request_id: string | null } | null> {
  const sql = `select e.id, e.request_id from placet.audit_events e
    where e.position >= (select min(position) from placet.audit_events where leaf is not null)
      and not exists (select from placet.log_leaves l where l.tenant_id = e.tenant_id and l.event_id = e.id)
      and not exists (select from placet.log_queue q where q.tenant_id = e.tenant_id and q.position = e.position)
    order by e.position limit 1`;
  return (await tx.query<{ id: string; request_id: string | null }>(sql)).rows[0] ?? null;
}
