// The accounts that stand for people. One live person an account; what it was before stays with its end.

import type { AccountFacts, LinkedBy } from '../domain/people/account.ts';
import type { Account } from '../domain/people/principal.ts';
import type { Tx } from './database.ts';
import { IS_ADDRESS_ONLY } from './person-facts.ts';

export type Link = Account & { readonly person_id: string; readonly linked_by: LinkedBy };

/** What the record knows of an account and of the address that it shows (null for none), in one statement. */
export async function readAccountFacts(tx: Tx, account: Account, address: string | null): Promise<AccountFacts> {
  const sql = `select
      (select jsonb_build_object('person_id', p.person_id, 'is_active', p.is_active, 'linked_by', i.linked_by,
          'is_live', i.until_at is null)
        from placet.person_identities i join placet.people_now p on p.tenant_id = i.tenant_id and p.id = i.person_id
        where i.tenant_id = $1 and i.provider = $2 and i.subject = $3
        order by i.until_at is null desc, i.from_at desc limit 1) as linked,
      (select jsonb_build_object('person_id', p.person_id, 'is_active', p.is_active,
          'has_account', exists (select from placet.person_identities i where i.tenant_id = $1 and i.person_id = p.person_id
            and i.provider = $2 and split_part(i.subject, '/', 1) = split_part($3, '/', 1) and i.until_at is null),
          'is_address_only', ${IS_ADDRESS_ONLY})
        from placet.person_emails e join placet.people_now p on p.tenant_id = e.tenant_id and p.id = e.person_id
        where e.tenant_id = $1 and e.address = $4 and e.until_at is null) as owner`;
  const values = [tx.tenant_id, account.provider, account.subject, address];
  return (await tx.query<AccountFacts>(sql, values)).rows[0] ?? { linked: null, owner: null };
}

/** Everybody behind a request: whom it excludes, and who has made keys of its agent since. */
const BEHIND = `with behind as (
      select x.person_id from placet.excluded_now x where x.tenant_id = $1 and x.request_id = $2
      union select p.person_id from placet.approval_requests r
        join placet.agents a on a.tenant_id = r.tenant_id and a.id = r.agent_id
        join placet.people_now p on p.tenant_id = a.tenant_id and p.id = any (a.behind_people)
        where r.tenant_id = $1 and r.id = $2)`;

/**
 * True when the account, or the address that it shows, was at any time since the request was made that of somebody behind
 * it, wherever they are by now.
 */
export async function isBehindRequest(
  tx: Tx,
  at: { readonly request_id: string; readonly account: Account; readonly address: string | null },
): Promise<boolean> {
  const sql = `${BEHIND} select 1 as is_behind from placet.approval_requests r
    where r.tenant_id = $1 and r.id = $2 and (
      exists (select from placet.person_identities i
        join placet.people_now p on p.tenant_id = i.tenant_id and p.id = i.person_id
        where i.tenant_id = r.tenant_id and i.provider = $3 and i.subject = $4
          and p.person_id in (select person_id from behind)
          and (i.until_at is null or i.until_at > r.created_at))
      or exists (select from placet.person_emails e
        join placet.people_now p on p.tenant_id = e.tenant_id and p.id = e.person_id
        where e.tenant_id = r.tenant_id and e.address = $5 and p.person_id in (select person_id from behind)
          and (e.until_at is null or e.until_at > r.created_at)))`;
  const { account, address } = at;
  return (
    (await tx.query(sql, [tx.tenant_id, at.request_id, account.provider, account.subject, address])).rowCount === 1
  );
}

/** Those of these people (by their present ids) who are behind the request, or have an account or address of one who is. */
export async function listBehindRequest(tx: Tx, request_id: string, person_ids: readonly string[]): Promise<string[]> {
  const since = '(o.until_at is null or o.until_at > r.created_at)';
  const sql = `${BEHIND} select distinct w.person_id from placet.approval_requests r
    join placet.people_now w on w.tenant_id = r.tenant_id and w.person_id = any ($3::text[])
    where r.tenant_id = $1 and r.id = $2 and (w.person_id in (select person_id from behind)
      or exists (select from placet.person_identities i
        join placet.person_identities o on o.tenant_id = i.tenant_id and o.provider = i.provider and o.subject = i.subject
        join placet.people_now p on p.tenant_id = o.tenant_id and p.id = o.person_id
        where i.tenant_id = r.tenant_id and i.person_id = w.id and i.until_at is null
          and p.person_id in (select person_id from behind) and ${since})
      or exists (select from placet.person_emails e
        join placet.person_emails o on o.tenant_id = e.tenant_id and o.address = e.address
        join placet.people_now p on p.tenant_id = o.tenant_id and p.id = o.person_id
        where e.tenant_id = r.tenant_id and e.person_id = w.id and e.until_at is null
          and p.person_id in (select person_id from behind) and ${since}))`;
  const { rows } = await tx.query<{ person_id: string }>(sql, [tx.tenant_id, request_id, person_ids]);
  return rows.map(({ person_id }) => person_id);
}

/** Live accounts of these people (by their present ids), oldest first. */
export async function listAccounts(tx: Tx, person_ids: readonly string[]): Promise<Link[]> {
  const sql = `select provider, subject, person_id, linked_by from placet.person_identities
    where tenant_id = $1 and person_id = any ($2::text[]) and until_at is null
    order by from_at, provider, subject`;
  return (await tx.query<Link>(sql, [tx.tenant_id, person_ids])).rows;
}

/** The live addresses of people behind a request who have no account in this team of Slack. */
export async function listUntied(
  tx: Tx,
  of: { readonly request_id: string; readonly team_id: string },
): Promise<string[]> {
  const sql = `select e.address
    from placet.excluded_now x
    join placet.person_emails e on e.tenant_id = x.tenant_id and e.person_id = x.person_id and e.until_at is null
    where x.tenant_id = $1 and x.request_id = $2 and not exists (
      select from placet.person_identities i where i.tenant_id = x.tenant_id and i.person_id = x.person_id
        and i.provider = 'slack' and split_part(i.subject, '/', 1) = $3 and i.until_at is null)
    order by x.person_id, e.address`;
  const { rows } = await tx.query<{ address: string }>(sql, [tx.tenant_id, of.request_id, of.team_id]);
  return rows.map(({ address }) => address);
}

/** The person that each of these Slack accounts is linked to, or was linked to last. */
export async function listLastLinks(tx: Tx, subjects: readonly string[]): Promise<Link[]> {
  const sql = `select distinct on (i.subject) i.provider, i.subject, p.person_id, i.linked_by
    from placet.person_identities i join placet.people_now p on p.tenant_id = i.tenant_id and p.id = i.person_id
    where i.tenant_id = $1 and i.provider = 'slack' and i.subject = any ($2::text[])
    order by i.subject, i.until_at is null desc, i.from_at desc`;
  return (await tx.query<Link>(sql, [tx.tenant_id, subjects])).rows;
}

/** Links an account to a person; false when another transaction has linked it meanwhile. */
export async function linkAccount(tx: Tx, link: Link): Promise<boolean> {
  const sql = `insert into placet.person_identities (tenant_id, provider, subject, person_id, linked_by, from_at)
    values ($1, $2, $3, $4, $5, $6) on conflict do nothing returning subject`;
  const values = [tx.tenant_id, link.provider, link.subject, link.person_id, link.linked_by, tx.now];
  return (await tx.query(sql, values)).rowCount === 1;
}

/** Says that the policy vouches for accounts that were linked otherwise; returns those. */
export async function vouchByPolicy(tx: Tx, subjects: readonly string[]): Promise<Link[]> {
  const sql = `update placet.person_identities set linked_by = 'policy'
    where tenant_id = $1 and provider = 'slack' and subject = any ($2::text[]) and until_at is null and linked_by <> 'policy'
    returning provider, subject, person_id, linked_by`;
  return (await tx.query<Link>(sql, [tx.tenant_id, subjects])).rows;
}

/** Ends the links of accounts that an earlier policy named and this one does not. */
export async function unlinkOthersOfPolicy(tx: Tx, kept: readonly string[]): Promise<Link[]> {
  const sql = `update placet.person_identities set until_at = greatest($3, from_at)
    where tenant_id = $1 and linked_by = 'policy' and until_at is null and subject <> all ($2::text[])
    returning provider, subject, person_id, linked_by`;
  return (await tx.query<Link>(sql, [tx.tenant_id, kept, tx.now])).rows;
}

/** Ends an account's live link, or nothing when it has none. */
export async function unlinkAccount(tx: Tx, { provider, subject }: Account): Promise<Link | null> {
  const sql = `update placet.person_identities set until_at = greatest($4, from_at)
    where tenant_id = $1 and provider = $2 and subject = $3 and until_at is null
    returning provider, subject, person_id, linked_by`;
  return (await tx.query<Link>(sql, [tx.tenant_id, provider, subject, tx.now])).rows[0] ?? null;
}
