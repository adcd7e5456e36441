// Owners, as an operator names them: the first one, and any that the policy does not. The last one cannot go.

import { recordEvent } from '../../audit/record.ts';
import * as addresses from '../../db/addresses.ts';
import type { Tx } from '../../db/database.ts';
import * as policies from '../../db/policies.ts';
import type { Holder } from '../../db/roles.ts';
import * as roles from '../../db/roles.ts';
import { PlacetError } from '../../domain/errors.ts';
import { addressOf } from '../../domain/people/address.ts';
import type { OperatorPrincipal } from '../../domain/people/principal.ts';
import { GIVEN_ROLES } from '../../domain/people/roles.ts';
import type { ServiceDeps } from '../deps.ts';
import { type FindAccount, ownerFor } from './owner.ts';
import { endTokens } from './tokens.ts';

export type OwnersDeps = ServiceDeps & { readonly findAccount: FindAccount };

type Operator = { readonly tenant_id: string; readonly operator: OperatorPrincipal };

export type OwnerChange = { readonly kind: 'changed' | 'unchanged'; readonly person_id: string };

/** Makes somebody an owner; again changes nothing. Throws owner_unknown, as for the owner of an agent. */
export async function addOwner(
  deps: OwnersDeps,
  input: Operator & { readonly email: string; readonly is_new_owner: boolean },
): Promise<OwnerChange> {
  const address = addressOf(input.email);
  // Slack is asked before anything is locked.
  const found = await deps.findAccount(address);
  return deps.transact(input.tenant_id, async (begun) => {
    const tx = await policies.lockPolicies(begun);
    const { is_new_owner: is_new, operator: actor } = input;
    const person_id = await ownerFor(deps, tx, { address, found, is_new, by: actor });
    if (!(await roles.insertOwner(tx, person_id))) return { kind: 'unchanged', person_id };
    const facts = { role: 'owner', person_id, from: 'operator' } as const;
    await recordEvent(deps, tx, { type: 'role.given', outcome: 'success', actor, facts });
    return { kind: 'changed', person_id };
  });
}

/** Ends what addOwner gave. Throws not_found, last_owner, and conflict for whom the policy names. */
export function removeOwner(deps: ServiceDeps, input: Operator & { readonly email: string }): Promise<OwnerChange> {
  return deps.transact(input.tenant_id, async (begun) => {
    const tx = await policies.lockPolicies(begun);
    const address = addressOf(input.email);
    const person_id = (await addresses.findOwner(tx, address))?.id;
    if (person_id === undefined) throw new PlacetError('not_found', { person: address });
    const before = await countOwners(tx);
    if (!(await roles.endOwner(tx, person_id))) return { kind: 'unchanged', person_id };
    await requireOwnerLeft(tx, before);
    const { operator: actor } = input;
    const facts = { role: 'owner', person_id, from: 'operator' } as const;
    await recordEvent(deps, tx, { type: 'role.ended', outcome: 'success', actor, facts });
    await endTokens(deps, tx, actor);
    return { kind: 'changed', person_id };
  });
}

/** Everybody who holds a role now. */
export function listRoleHolders(
  deps: Pick<ServiceDeps, 'transact'>,
  { tenant_id }: { readonly tenant_id: string },
): Promise<readonly Holder[]> {
  return deps.transact(tenant_id, (tx) => roles.listHolders(tx, GIVEN_ROLES));
}

/** How many people are owners now. */
export async function countOwners(tx: Tx): Promise<number> {
  return (await roles.listHolders(tx, ['owner'])).length;
}

/** Throws last_owner where there were owners before, and none is left. */
export async function requireOwnerLeft(tx: Tx, before: number): Promise<void> {
  if (before > 0 && (await countOwners(tx)) === 0) throw new PlacetError('last_owner');
}
