// The e-mail addresses that people have and had. One live owner an address; whoever had it before keeps the row with its end.

import type { Tx } from './database.ts';
import type { KnownPerson } from './people.ts';
import { IS_ADDRESS_ONLY } from './person-facts.ts';

/** Lets nobody else add a person with this address until the transaction ends; what is read from then on is as it is. */
export async function lockAddress(tx: Tx, address: string): Promise<void> {
  await tx.query("select pg_advisory_xact_lock(hashtextextended('placet.address/' || $1 || '/' || $2, 0))", [
    tx.tenant_id,
    address,
  ]);
}

export type Owner = KnownPerson & {
  readonly address: string;
  /** It never had an account and never decided: so far it is no more than this address. */
  readonly is_address_only: boolean;
};

/** The people who have these addresses now, active or not. */
export async function findOwners(tx: Tx, addresses: readonly string[]): Promise<Owner[]> {
  const sql = `select e.address, p.person_id as id, p.email, p.name, p.is_active, ${IS_ADDRESS_ONLY} as is_address_only
    from placet.person_emails e join placet.people_now p on p.tenant_id = e.tenant_id and p.id = e.person_id
    where e.tenant_id = $1 and e.address = any ($2::text[]) and e.until_at is null`;
  return (await tx.query<Owner>(sql, [tx.tenant_id, addresses])).rows;
}

/** Those of the people (by their present ids) who have one of these addresses now. */
export async function listOwnersAmong(
  tx: Tx,
  of: { readonly person_ids: readonly string[]; readonly addresses: readonly string[] },
): Promise<string[]> {
  const sql = `select distinct person_id from placet.person_emails
    where tenant_id = $1 and person_id = any ($2::text[]) and address = any ($3::text[]) and until_at is null`;
  const { rows } = await tx.query<{ person_id: string }>(sql, [tx.tenant_id, of.person_ids, of.addresses]);
  return rows.map(({ person_id }) => person_id);
}

/** The person who has this address now, active or not. */
export async function findOwner(tx: Tx, address: string): Promise<Owner | null> {
  return (await findOwners(tx, [address]))[0] ?? null;
}

/** Gives an address that is nobody's to a person; false when it is somebody's. */
export async function addAddress(tx: Tx, person_id: string, address: string): Promise<boolean> {
  const sql = `insert into placet.person_emails (tenant_id, address, person_id, from_at) values ($1, $2, $3, $4)
    on conflict do nothing returning address`;
  return (await tx.query(sql, [tx.tenant_id, address, person_id, tx.now])).rowCount === 1;
}

/** Ends these addresses of whoever has them; returns who had them. */
export async function endAddresses(
  tx: Tx,
  addresses: readonly string[],
): Promise<{ readonly address: string; readonly person_id: string }[]> {
  const sql = `update placet.person_emails set until_at = greatest($3, from_at)
    where tenant_id = $1 and address = any ($2::text[]) and until_at is null returning address, person_id`;
  return (await tx.query<{ address: string; person_id: string }>(sql, [tx.tenant_id, addresses, tx.now])).rows;
}

/** The addresses that these people (by their present ids) have now. */
export async function listOwned(
  tx: Tx,
  person_ids: readonly string[],
): Promise<{ readonly address: string; readonly person_id: string }[]> {
  const sql = `select address, person_id from placet.person_emails
    where tenant_id = $1 and person_id = any ($2::text[]) and until_at is null`;
  return (await tx.query<{ address: string; person_id: string }>(sql, [tx.tenant_id, person_ids])).rows;
}

/** The addresses that a person (by its present id) has now, newest first. */
export async function listAddresses(tx: Tx, person_id: string): Promise<string[]> {
  const sql = `select address from placet.person_emails
    where tenant_id = $1 and person_id = $2 and until_at is null order by from_at desc, address`;
  return (await tx.query<{ address: string }>(sql, [tx.tenant_id, person_id])).rows.map(({ address }) => address);
}
