// Statements on what an export of the log says beside its events: versions of the policy, and whose an address was. They change
// nothing.

import type { PolicyDocument } from '../domain/policy/policy.ts';
import type { Tx } from './database.ts';
import type { PlacedLeaf } from './walk.ts';

/** A version of the policy, with its rules alone: what else it holds are people. */
export type LoggedPolicy = {
  readonly id: string;
  readonly number: number;
  readonly digest: string;
  readonly applied_at: Date;
  readonly via: string;
  /** Where it was applied; null for one of before the log. */
  readonly index: number | null;
  readonly rules: unknown;
};

/** The versions that were applied below an index of the log, or before it, above a number. */
export async function listPolicies(tx: Tx, below: number, above: number, count_max: number): Promise<LoggedPolicy[]> {
  const sql = `select p.id, p.number, 'sha256:' || encode(p.digest, 'hex') as digest, p.applied_at, p.via, l.index::float8 as index,
      p.document -> 'rules' as rules
    from placet.policy_versions p
    join placet.audit_events e on e.tenant_id = p.tenant_id and e.type = 'policy.applied' and e.facts ->> 'policy_id' = p.id
    left join placet.log_leaves l on l.tenant_id = e.tenant_id and l.position = e.position
    where p.tenant_id = $1 and p.number > $3 and (l.index < $2 or e.salt is null) order by p.number limit $4`;
  return (await tx.query<LoggedPolicy>(sql, [tx.tenant_id, below, above, count_max])).rows;
}

/** Leaves that tell of a version's being applied, between two places, in the order of the log. */
export async function listApplied(
  tx: Tx,
  { from, below }: { readonly from: number; readonly below: number },
  count_max: number,
): Promise<PlacedLeaf[]> {
  const sql = `select l.index::float8 as index, l.leaf, l.hash from placet.audit_events e
    join placet.log_leaves l on l.tenant_id = e.tenant_id and l.position = e.position
    where e.tenant_id = $1 and e.type = 'policy.applied' and l.index >= $2 and l.index < $3 order by l.index limit $4`;
  return (await tx.query<PlacedLeaf>(sql, [tx.tenant_id, from, below, count_max])).rows;
}

/** The approver groups of one version, or null. */
export async function readGroups(tx: Tx, number: number): Promise<PolicyDocument['approver_groups'] | null> {
  const sql = `select p.document -> 'approver_groups' as groups from placet.policy_versions p where p.tenant_id = $1 and p.number = $2`;
  const { rows } = await tx.query<{ groups: PolicyDocument['approver_groups'] }>(sql, [tx.tenant_id, number]);
  return rows[0]?.groups ?? null;
}

/** Whose each address was at its moment, which a leaf tells to the millisecond; null for one that nobody had. */
export async function findPeople(
  tx: Tx,
  wanted: readonly { readonly address: string; readonly at: Date }[],
): Promise<(string | null)[]> {
  const sql = `select (select e.person_id from placet.person_emails e
      where e.tenant_id = $1 and e.address = w.address and e.from_at < w.at + interval '1 ms' and (e.until_at is null or e.until_at > w.at) limit 1) as person_id
    from unnest($2::text[], $3::timestamptz[]) with ordinality as w (address, at, place) order by w.place`;
  const columns = [wanted.map(({ address }) => address), wanted.map(({ at }) => at.toISOString())];
  const { rows } = await tx.query<{ person_id: string | null }>(sql, [tx.tenant_id, ...columns]);
  return rows.map(({ person_id }) => person_id);
}
