// What roles of a policy say and nobody may have meant: one person who has all of them. Pure.

import type { PolicyDocument, Problem } from './policy.ts';
import { roleEntries } from './role-entries.ts';

/** Where one address has all roles, nobody else could agree to what widens: its owner alone confirms it. */
export function loneHolders({ roles, policy_changes }: PolicyDocument): readonly Problem[] {
  const holders = [...new Set(roleEntries(roles).map(({ address }) => address))];
  if (policy_changes !== undefined || holders.length !== 1) return [];
  const message = `nobody but ${holders[0]} has a role, so nobody else agrees to a change that widens`;
  return [{ path: ['roles'], message }];
}
