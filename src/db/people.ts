// People, and two rows of one human joined. Their addresses and accounts have files of their own.

import type { LinkedBy } from '../domain/people/account.ts';
import type { Person } from '../domain/request/record.ts';
import type { Tx } from './database.ts';

export type KnownPerson = Person & { readonly is_active: boolean };

/** Adds a person with its first address (in the form of addressOf); null as name lets the address stand for it. */
export async function insertPerson(
  tx: Tx,
  person: { readonly id: string; readonly address: string; readonly name: string | null },
): Promise<void> {
  const sql = `with p as (insert into placet.people (tenant_id, id, name) values ($1, $2, left($3, 200)) returning tenant_id, id)
    insert into placet.person_emails (tenant_id, address, person_id, from_at) select tenant_id, $4, id, $5 from p`;
  await tx.query(sql, [tx.tenant_id, person.id, person.name, person.address, tx.now]);
}

/** Names people anew; a name that stands already changes nothing. */
export async function renamePeople(
  tx: Tx,
  names: readonly { readonly person_id: string; readonly name: string }[],
): Promise<void> {
  const sql = `update placet.people p set name = left(n.name, 200) from unnest($2::text[], $3::text[]) as n (id, name)
    where p.tenant_id = $1 and p.id = n.id and p.name is distinct from left(n.name, 200)`;
  await tx.query(sql, [tx.tenant_id, names.map(({ person_id }) => person_id), names.map(({ name }) => name)]);
}

/** People by any id of theirs, as they are now; `known_as` is the id that was asked for. Unknown ids are left out. */
export async function listPeople(
  tx: Tx,
  ids: readonly string[],
): Promise<(KnownPerson & { readonly known_as: string })[]> {
  const sql = `select id as known_as, person_id as id, email, name, is_active from placet.people_now
    where tenant_id = $1 and id = any ($2::text[])`;
  return (await tx.query<KnownPerson & { known_as: string }>(sql, [tx.tenant_id, ids])).rows;
}

/**
 * Joins two rows of one human: whatever names the old one, or one that was merged into it before, means the kept one from
 * now on. Its live addresses, accounts and memberships become the kept one's. False when the old one is merged already.
 */
export async function mergePeople(
  tx: Tx,
  { person_id, into_person_id }: { readonly person_id: string; readonly into_person_id: string },
): Promise<boolean> {
  // Whoever merges one of the two at this moment is waited for: a merged person never points to another merged one.
  const both = 'select id from placet.people where tenant_id = $1 and id = any ($2::text[]) order by id for update';
  await tx.query(both, [tx.tenant_id, [person_id, into_person_id]]);
  const point = `update placet.people set merged_into = $3
    where tenant_id = $1 and ((id = $2 and merged_into is null) or merged_into = $2)`;
  if ((await tx.query(point, [tx.tenant_id, person_id, into_person_id])).rowCount === 0) return false;
  const people = [tx.tenant_id, person_id, into_person_id];
  for (const move of MOVES) await tx.query(move, [...people, tx.now]);
  await tx.query(MOVE_MEMBERSHIPS, people);
  return true;
}

/** One row ends and another begins at the same moment, so that the history keeps who had what. */
const MOVES: readonly string[] = [
  `with ended as (update placet.person_emails set until_at = greatest($4, from_at)
      where tenant_id = $1 and person_id = $2 and until_at is null returning tenant_id, address, until_at)
    insert into placet.person_emails (tenant_id, address, person_id, from_at) select tenant_id, address, $3, until_at + interval '1 microsecond' from ended`,
  `with ended as (update placet.person_identities set until_at = greatest($4, from_at)
      where tenant_id = $1 and person_id = $2 and until_at is null returning tenant_id, provider, subject, linked_by, until_at)
    insert into placet.person_identities (tenant_id, provider, subject, person_id, linked_by, from_at)
    select tenant_id, provider, subject, $3, case linked_by when 'email' then 'operator' else linked_by end,
      until_at + interval '1 microsecond' from ended`,
];

/** Whom Slack listed under the old id, it lists under the kept one too. */
const MOVE_MEMBERSHIPS = `insert into placet.approver_group_members (tenant_id, group_id, person_id)
  select tenant_id, group_id, $3 from placet.approver_group_members where tenant_id = $1 and person_id = $2
  on conflict do nothing`;

/** A person with everything that hangs on it, ended things too. */
export type WholePerson = KnownPerson & {
  /** Ids of people who turned out to be this one. */
  readonly merged: readonly string[];
  readonly addresses: readonly {
    readonly address: string;
    readonly from_at: string;
    readonly until_at: string | null;
  }[];
  readonly accounts: readonly {
    readonly account: string;
    readonly linked_by: LinkedBy;
    readonly from_at: string;
    readonly until_at: string | null;
  }[];
};

/** Every address that these people (by their present ids) have now. */
export async function listAddressesOf(tx: Tx, person_ids: readonly string[]): Promise<string[]> {
  const sql = `select e.address from placet.person_emails e
    join placet.people_now p on p.tenant_id = e.tenant_id and p.id = e.person_id
    where e.tenant_id = $1 and e.until_at is null and p.person_id = any ($2::text[]) order by e.address`;
  return (await tx.query<{ address: string }>(sql, [tx.tenant_id, person_ids])).rows.map(({ address }) => address);
}

/** One person by its present id, whole, or null. */
export async function readWhole(tx: Tx, person_id: string): Promise<WholePerson | null> {
  const sql = `select p.person_id as id, p.email, p.name, p.is_active,
      array(select o.id from placet.people o where o.tenant_id = $1 and o.merged_into = p.id order by o.id) as merged,
      (select jsonb_agg(jsonb_build_object('address', e.address, 'from_at', e.from_at, 'until_at', e.until_at)
          order by e.from_at, e.address)
        from placet.person_emails e join placet.people_now w on w.tenant_id = e.tenant_id and w.id = e.person_id
        where e.tenant_id = $1 and w.person_id = p.id) as addresses,
      (select coalesce(jsonb_agg(jsonb_build_object('account', i.subject, 'linked_by', i.linked_by, 'from_at', i.from_at,
          'until_at', i.until_at) order by i.from_at, i.subject), '[]')
        from placet.person_identities i join placet.people_now w on w.tenant_id = i.tenant_id and w.id = i.person_id
        where i.tenant_id = $1 and w.person_id = p.id) as accounts
    from placet.people_now p where p.tenant_id = $1 and p.id = $2`;
  return (await tx.query<WholePerson>(sql, [tx.tenant_id, person_id])).rows[0] ?? null;
}

/** How many requests that these people, or others in their place, decided on were executed without the quorum of now (INV-10). */
export async function countExecutedWithout(tx: Tx, person_ids: readonly string[]): Promise<number> {
  const sql = `select count(distinct v.request_id)::integer as count from placet.executed_without_approval v
    where v.tenant_id = $1 and v.request_id in (
      select d.request_id from placet.decisions_now d
      where d.tenant_id = $1 and (d.person_id = any ($2::text[]) or exists (
        select from jsonb_array_elements(d.stands_in_for) as s(stead) where s.stead ->> 'person_id' = any ($2::text[]))))`;
  return (await tx.query<{ count: number }>(sql, [tx.tenant_id, person_ids])).rows[0]?.count ?? 0;
}
