// Who holds which role: what an operator gave, and what the newest policy names by address. Always read afresh.

import type { GivenRole } from '../domain/people/roles.ts';
import type { Tx } from './database.ts';
import { HELD } from './held.ts';

export type Holder = {
  readonly role: GivenRole;
  readonly person_id: string;
  readonly email: string;
  readonly name: string;
};

/** Everybody who holds one of these roles now, by role and address. */
export async function listHolders(tx: Tx, roles: readonly GivenRole[]): Promise<Holder[]> {
  const sql = `with ${HELD} select distinct h.role, h.person_id, p.email, p.name from held h
    join placet.people_now p on p.tenant_id = $1 and p.id = h.person_id where h.role = any ($2::text[])
    order by h.role, p.email`;
  return (await tx.query<Holder>(sql, [tx.tenant_id, roles])).rows;
}

/** The roles that a person (by its present id) holds now. */
export async function listRolesOf(tx: Tx, person_id: string): Promise<GivenRole[]> {
  const sql = `with ${HELD} select role from held where person_id = $2 order by role`;
  return (await tx.query<{ role: GivenRole }>(sql, [tx.tenant_id, person_id])).rows.map(({ role }) => role);
}

/** True when anybody else than these people ever held a role, here or in any version of the policy. */
export async function wereHeldByOthers(tx: Tx, person_ids: readonly string[]): Promise<boolean> {
  const sql = `select exists (
      select from placet.person_roles r join placet.people_now p on p.tenant_id = r.tenant_id and p.id = r.person_id
      where r.tenant_id = $1 and p.person_id <> all ($2::text[])) or exists (
      select from placet.policy_versions v, jsonb_each(v.document -> 'roles') as r (role, holders),
        jsonb_array_elements_text(r.holders) as h (address)
      where v.tenant_id = $1 and not exists (
        select from placet.person_emails e join placet.people_now p on p.tenant_id = e.tenant_id and p.id = e.person_id
        where e.tenant_id = $1 and e.address = h.address and p.person_id = any ($2::text[]))) as were_held`;
  return (await tx.query<{ were_held: boolean }>(sql, [tx.tenant_id, person_ids])).rows[0]?.were_held ?? true;
}

/** Makes a person an owner; false when it is one by an operator already. */
export async function insertOwner(tx: Tx, person_id: string): Promise<boolean> {
  const sql = `insert into placet.person_roles (tenant_id, person_id, role, from_at)
    select $1, $2, 'owner', $3 where not exists (
      select from placet.person_roles r join placet.people_now p on p.tenant_id = r.tenant_id and p.id = r.person_id
      where r.tenant_id = $1 and p.person_id = $2 and r.until_at is null)`;
  return (await tx.query(sql, [tx.tenant_id, person_id, tx.now])).rowCount === 1;
}

/** Ends what an operator gave to this person; false when there was nothing. */
export async function endOwner(tx: Tx, person_id: string): Promise<boolean> {
  const sql = `update placet.person_roles r set until_at = greatest($3, r.from_at) from placet.people_now p
    where r.tenant_id = $1 and p.tenant_id = $1 and p.id = r.person_id and p.person_id = $2 and r.until_at is null`;
  return ((await tx.query(sql, [tx.tenant_id, person_id, tx.now])).rowCount ?? 0) > 0;
}
