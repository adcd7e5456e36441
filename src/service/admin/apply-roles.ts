// What a new policy version gives and takes of roles: kept as events, the last owner stays, and tokens end with their owners'
// roles.

import { recordEvent } from '../../audit/record.ts';
import * as addresses from '../../db/addresses.ts';
import type { Tx } from '../../db/database.ts';
import type { Principal } from '../../domain/people/principal.ts';
import { addedRoles, type RoleEntries, type RoleEntry } from '../../domain/policy/role-entries.ts';
import type { ServiceDeps } from '../deps.ts';
import { requireOwnerLeft } from './owners.ts';
import { endTokens } from './tokens.ts';

type Change = {
  readonly from: RoleEntries | undefined;
  readonly to: RoleEntries | undefined;
  readonly owners_before: number;
  readonly actor: Principal;
};

/** Runs once the version is written, so that roles are read as they are under it. Throws last_owner. */
export async function applyRoles(deps: ServiceDeps, tx: Tx, { from, to, owners_before, actor }: Change): Promise<void> {
  await requireOwnerLeft(tx, owners_before);
  const [added, ended] = [addedRoles(from, to), addedRoles(to, from)];
  if (added.length + ended.length > 0) {
    const owners = await addresses.findOwners(
      tx,
      [...added, ...ended].map(({ address }) => address),
    );
    const ids = new Map(owners.map(({ address, id }) => [address, id] as const));
    const record = (type: 'role.given' | 'role.ended', { role, address }: RoleEntry) => {
      const facts = { role, person_id: ids.get(address) ?? null, from: 'policy' } as const;
      return recordEvent(deps, tx, { type, outcome: 'success', actor, facts });
    };
    for (const entry of added) await record('role.given', entry);
    for (const entry of ended) await record('role.ended', entry);
  }
  // A person whom the version renames may have lost a role without an entry for it.
  await endTokens(deps, tx, actor);
}
