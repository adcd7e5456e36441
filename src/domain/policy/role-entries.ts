// Who administers, as the policy document names it: addresses by role, what is wrong with them, and what two versions differ in.
// Pure.

import { addressOf } from '../people/address.ts';
import { GIVEN_ROLES, type GivenRole } from '../people/roles.ts';
import type { Problem } from './policy.ts';

export type RoleEntries = { readonly [R in GivenRole]?: readonly string[] };

export type RoleEntry = { readonly role: GivenRole; readonly address: string };

/** What is wrong with the roles of a document. */
export function lintRoles(roles: RoleEntries = {}): Problem[] {
  return GIVEN_ROLES.flatMap((role) => {
    const addresses = (roles[role] ?? []).map(addressOf);
    const doubled = addresses.flatMap((address, place) => (addresses.indexOf(address) < place ? [place] : []));
    return doubled.map((place) => ({
      path: ['roles', role, place],
      message: `${addresses[place]} has this role twice`,
    }));
  });
}

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
