// Who is away and whose delegate decides meanwhile, as the newest policy has it; read with who these people are now.

import type { Tx } from './database.ts';

export type Absence = { readonly address: string; readonly until_at: Date; readonly delegate: string | null };

/** Somebody who is away now. */
export type AwayPerson = { readonly person_id: string; readonly name: string };

/** Writes who is away in place of what was written. */
export async function replaceAbsences(tx: Tx, absences: readonly Absence[]): Promise<void> {
  await tx.query('delete from placet.absences where tenant_id = $1', [tx.tenant_id]);
  await tx.query(
    `insert into placet.absences (tenant_id, address, until_at, delegate)
     select $1, a.address, a.until_at, a.delegate
     from jsonb_to_recordset($2::jsonb) as a (address text, until_at timestamptz, delegate text)`,
    [tx.tenant_id, JSON.stringify(absences)],
  );
}

/** Active people who are away now and have this person (by its present id) as their delegate. */
export async function listAwayFor(tx: Tx, delegate_person_id: string): Promise<AwayPerson[]> {
  const sql = `select person_id, name from placet.absences_now
    where tenant_id = $1 and delegate_person_id = $2 and until_at > $3 and is_active and person_id <> $2 order by person_id`;
  return (await tx.query<AwayPerson>(sql, [tx.tenant_id, delegate_person_id, tx.now])).rows;
}

/** Who of these people (by their present ids) is away now, each once, and the active delegate who decides meanwhile. */
export async function listStandIns(
  tx: Tx,
  person_ids: readonly string[],
): Promise<{ readonly person_id: string; readonly delegate_person_id: string | null }[]> {
  const sql = `select distinct on (a.person_id) a.person_id, d.person_id as delegate_person_id from placet.absences_now a
    left join placet.people_now d on d.tenant_id = a.tenant_id and d.id = a.delegate_person_id and d.is_active
    where a.tenant_id = $1 and a.person_id = any ($2::text[]) and a.until_at > $3
    order by a.person_id, a.until_at desc, a.delegate_person_id`;
  const { rows } = await tx.query<{ person_id: string; delegate_person_id: string | null }>(sql, [
    ...[tx.tenant_id, person_ids, tx.now],
  ]);
  return rows;
}

/** The delegates that the policy names for these people (by their present ids), also for who is back by now. */
export async function listDelegations(
  tx: Tx,
  person_ids: readonly string[],
): Promise<{ readonly person_id: string; readonly delegate_person_id: string }[]> {
  const sql = `select person_id, delegate_person_id from placet.absences_now
    where tenant_id = $1 and person_id = any ($2::text[]) and delegate_person_id is not null`;
  return (await tx.query<{ person_id: string; delegate_person_id: string }>(sql, [tx.tenant_id, person_ids])).rows;
}

/** The live accounts of everybody who is away now and has a delegate: a source may be asked about them. */
export async function listAwayAccounts(tx: Tx): Promise<string[]> {
  const sql = `select i.subject from placet.absences_now a
    join placet.person_identities i on i.tenant_id = a.tenant_id and i.person_id = a.person_id and i.until_at is null
    where a.tenant_id = $1 and a.until_at > $2 and a.delegate_person_id is not null order by i.subject`;
  return (await tx.query<{ subject: string }>(sql, [tx.tenant_id, tx.now])).rows.map(({ subject }) => subject);
}
