// Who changes the policy, as far as a change must know it: what they may do at this moment, who is behind them, and which roles
// they may touch.

import type { Tx } from '../../db/database.ts';
import * as people from '../../db/people.ts';
import * as policies from '../../db/policies.ts';
import * as roles from '../../db/roles.ts';
import { PlacetError } from '../../domain/errors.ts';
import type { Administrator, AdminTokenPrincipal, PersonPrincipal } from '../../domain/people/principal.ts';
import { mayGive, OPERATOR_PERMISSIONS, type Permission, permissionsOfAll } from '../../domain/people/roles.ts';
import type { PolicyDocument } from '../../domain/policy/policy.ts';
import { addedRoles } from '../../domain/policy/role-entries.ts';
import { peopleOf, requireStill } from './tokens.ts';

/** Whoever made a change that may need somebody else. */
export type Author = AdminTokenPrincipal | PersonPrincipal;
/** Whoever may change the policy through a door: a person by its roles, too. */
export type PolicyAdministrator = Administrator | PersonPrincipal;

/** What they may do now, until the transaction ends. Throws admin_token_invalid, permission_missing. */
export async function requireMay(
  tx: Tx,
  by: PolicyAdministrator,
  permission: Permission,
): Promise<readonly Permission[]> {
  if (by.kind === 'operator') return OPERATOR_PERMISSIONS;
  if (by.kind === 'admin_token') {
    await requireStill(tx, by, permission);
    return by.permissions;
  }
  // No role is taken while this goes on.
  await policies.holdPolicies(tx);
  const permissions = await permissionsOfPerson(tx, by);
  if (!permissions.includes(permission)) throw new PlacetError('permission_missing', { permission });
  return permissions;
}

/** What a person may do by the roles of this moment; somebody who is deactivated nothing. */
export async function permissionsOfPerson(tx: Tx, person: PersonPrincipal): Promise<readonly Permission[]> {
  return person.is_active ? permissionsOfAll(await roles.listRolesOf(tx, person.id)) : [];
}

/** Whoever is behind a change: they never count for it. */
export function peopleBehind(by: Author): readonly string[] {
  return by.kind === 'person' ? [by.id] : peopleOf(by);
}

type RoleChange = {
  readonly before: PolicyDocument | null;
  readonly after: PolicyDocument;
  readonly permissions: readonly Permission[];
};

/** A token gives and takes no role. A person gives and takes those of which it lacks nothing, and never its own. */
export async function requireRolesOfOthers(tx: Tx, by: Author, change: RoleChange): Promise<void> {
  const [from, to] = [change.before?.roles, change.after.roles];
  const touched = [...addedRoles(from, to), ...addedRoles(to, from)];
  if (touched.length === 0) return;
  const permission = 'roles.grant';
  if (by.kind === 'admin_token') throw new PlacetError('permission_missing', { permission });
  const own = await people.listAddressesOf(tx, [by.id]);
  for (const { role, address } of touched) {
    if (own.includes(address))
      throw new PlacetError('permission_missing', { permission, role, reason: 'their own role' });
    if (!mayGive(role, change.permissions)) throw new PlacetError('permission_missing', { permission, role });
  }
}
