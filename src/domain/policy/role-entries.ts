// Who administers, as the policy document names it: addresses by role, and what two versions differ in. Pure.

import { addressOf } from '../people/address.ts';
import { GIVEN_ROLES, type GivenRole } from '../people/roles.ts';

export type RoleEntries = { readonly [R in GivenRole]?: readonly string[] };

export type RoleEntry = { readonly role: GivenRole; readonly address: string };

/** Each role of each address, once. */
export function roleEntries(roles: RoleEntries = {}): readonly RoleEntry[] {
  return GIVEN_ROLES.flatMap((role) =>
    [...new Set((roles[role] ?? []).map(addressOf))].map((address) => ({ role, address })),
  );
}

/** Those of the second that are not in the first. */
export function addedRoles(from: RoleEntries | undefined, to: RoleEntries | undefined): readonly RoleEntry[] {
  const known = new Set(roleEntries(from).map(({ role, address }) => `${role} ${address}`));
  return roleEntries(to).filter(({ role, address }) => !known.has(`${role} ${address}`));
}
