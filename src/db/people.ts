// People and their Slack accounts. An account is linked once by an e-mail match, or by the policy file; never guessed.

import type { Person } from '../domain/request/record.ts';
import type { Tx } from './database.ts';

export type KnownPerson = Person & { readonly is_active: boolean };

export type PersonEntry = { readonly id: string; readonly email: string; readonly name: string | null };

export type SlackAccount = {
  readonly team_id: string;
  readonly user_id: string;
  readonly person_id: string;
  readonly linked_by: 'policy' | 'email';
};

/**
 * Adds people that are missing, and renames those that bring a name. Without one the whole e-mail stands for it: its
 * local part alone may be two people.
 */
export async function upsertPeople(tx: Tx, entries: readonly PersonEntry[]): Promise<Person[]> {
  const named = entries.filter((entry) => entry.name !== null).map((entry) => entry.email);
  const { rows } = await tx.query<Person>(
    `insert into placet.people as p (tenant_id, id, email, name)
     select $1, e.id, e.email, left(coalesce(e.name, e.email), 200)
     from unnest($2::text[], $3::text[], $4::text[]) as e (id, email, name)
     on conflict (tenant_id, email)
       do update set name = case when excluded.email = any ($5::text[]) then excluded.name else p.name end
     returning p.id, p.email, p.name`,
    [
      tx.tenant_id,
      entries.map((entry) => entry.id),
      entries.map((entry) => entry.email),
      entries.map((entry) => entry.name),
      named,
    ],
  );
  return rows;
}

/** The id of the person of this e-mail (lower case), who is added when missing. */
export async function ensurePerson(tx: Tx, entry: PersonEntry): Promise<string> {
  const known = await findPersonByEmail(tx, entry.email);
  return known?.id ?? (await upsertPeople(tx, [entry]))[0]?.id ?? entry.id;
}

/** The person of this e-mail (lower case), active or not. */
export async function findPersonByEmail(tx: Tx, email: string): Promise<KnownPerson | null> {
  const { rows } = await tx.query<KnownPerson>(
    `select id, email, name, deactivated_at is null as is_active
     from placet.people where tenant_id = $1 and email = $2`,
    [tx.tenant_id, email],
  );
  return rows[0] ?? null;
}

/** The person that a Slack account is linked to, and how it was linked. */
export async function findPersonBySlack(
  tx: Tx,
  account: { readonly team_id: string; readonly user_id: string },
): Promise<(KnownPerson & { readonly linked_by: SlackAccount['linked_by'] }) | null> {
  const { rows } = await tx.query<KnownPerson & { linked_by: SlackAccount['linked_by'] }>(
    `select p.id, p.email, p.name, p.deactivated_at is null as is_active, s.linked_by
     from placet.slack_accounts s
     join placet.people p on p.tenant_id = s.tenant_id and p.id = s.person_id
     where s.tenant_id = $1 and s.team_id = $2 and s.user_id = $3`,
    [tx.tenant_id, account.team_id, account.user_id],
  );
  return rows[0] ?? null;
}

/** People by id, in no order; ids that are unknown are left out. */
export async function listPeople(tx: Tx, ids: readonly string[]): Promise<KnownPerson[]> {
  const { rows } = await tx.query<KnownPerson>(
    `select id, email, name, deactivated_at is null as is_active
     from placet.people where tenant_id = $1 and id = any ($2::text[])`,
    [tx.tenant_id, ids],
  );
  return rows;
}

/** Slack accounts of these people, oldest first, for messages to them. */
export async function listAccounts(tx: Tx, person_ids: readonly string[]): Promise<SlackAccount[]> {
  const { rows } = await tx.query<SlackAccount>(
    `select team_id, user_id, person_id, linked_by
     from placet.slack_accounts where tenant_id = $1 and person_id = any ($2::text[])
     order by created_at, team_id, user_id`,
    [tx.tenant_id, person_ids],
  );
  return rows;
}

/**
 * Links an account to the person whose confirmed e-mail it shows. False when the account is linked already, or when
 * that person has another account of this team, by e-mail or by the policy: whoever takes over an address gains nothing.
 */
export async function linkByEmail(tx: Tx, account: Omit<SlackAccount, 'linked_by'>): Promise<boolean> {
  const { rowCount } = await tx.query(
    `insert into placet.slack_accounts (tenant_id, team_id, user_id, person_id, linked_by)
     select $1, $2, $3, $4, 'email' where not exists (
       select from placet.slack_accounts where tenant_id = $1 and team_id = $2 and person_id = $4)
     on conflict do nothing`,
    [tx.tenant_id, account.team_id, account.user_id, account.person_id],
  );
  return rowCount === 1;
}

/** Links accounts as the policy file says; one that belongs to someone else moves. Returns those that changed. */
export async function linkByPolicy(
  tx: Tx,
  accounts: readonly Omit<SlackAccount, 'linked_by'>[],
): Promise<SlackAccount[]> {
  const { rows } = await tx.query<SlackAccount>(
    `insert into placet.slack_accounts as s (tenant_id, team_id, user_id, person_id, linked_by)
     select $1, a.team_id, a.user_id, a.person_id, 'policy'
     from unnest($2::text[], $3::text[], $4::text[]) as a (team_id, user_id, person_id)
     on conflict (tenant_id, team_id, user_id) do update set person_id = excluded.person_id, linked_by = 'policy'
       where s.person_id <> excluded.person_id or s.linked_by <> 'policy'
     returning s.team_id, s.user_id, s.person_id, s.linked_by`,
    [
      tx.tenant_id,
      accounts.map((account) => account.team_id),
      accounts.map((account) => account.user_id),
      accounts.map((account) => account.person_id),
    ],
  );
  return rows;
}

/** Unlinks the accounts that an earlier policy file named and this one does not. `kept` holds `TEAM/USER`. */
export async function unlinkOthersOfPolicy(tx: Tx, kept: readonly string[]): Promise<SlackAccount[]> {
  const { rows } = await tx.query<SlackAccount>(
    `delete from placet.slack_accounts
     where tenant_id = $1 and linked_by = 'policy' and team_id || '/' || user_id <> all ($2::text[])
     returning team_id, user_id, person_id, linked_by`,
    [tx.tenant_id, kept],
  );
  return rows;
}
