// Statements on decisions: inserted once per person and request, or stage where stages are not distinct, and once per account.

import type { NamedDecision, Person } from '../domain/request/record.ts';
import type { Stead } from '../domain/request/stages.ts';
import type { LockedTx } from './database.ts';
import { DECISIONS, type NewDecision } from './tables.ts';

const INSERT = `with made as (${DECISIONS.insert} on conflict do nothing returning tenant_id, person_id)
  select p.person_id as id, p.email, p.name from made
  join placet.people_now p on p.tenant_id = made.tenant_id and p.id = made.person_id`;

/** The decision with whose it is; null when its person, or account, has decided on the request, or its stage, before (INV-1). */
export async function insertDecision(
  tx: LockedTx,
  { evidence, ...row }: Omit<NewDecision, 'stands_in_for'> & { readonly stands_in_for: readonly Stead[] | null },
): Promise<NamedDecision | null> {
  const stands_in_for = row.stands_in_for?.map(({ person_id, group_ids }) => ({ person_id, group_ids })) ?? null;
  const person = (await tx.query<Person>(INSERT, DECISIONS.valuesOf(tx, { ...row, evidence, stands_in_for }))).rows[0];
  return person === undefined ? null : { ...row, account_moved_at: null, person };
}
