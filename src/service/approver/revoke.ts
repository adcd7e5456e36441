// Revoke by a person: who acts is established by the account that clicks, as for a decision.

import { PlacetError } from '../../domain/errors.ts';
import type { Profile } from '../../domain/people/account.ts';
import { type Revoked, revokeLease } from '../revoke-lease.ts';
import { type IdentifyDeps, identify } from './identify.ts';

type By = { readonly tenant_id: string; readonly request_id: string; readonly profile: Profile };

/** Takes back what the approval gave. Throws as revokeLease does; an account that stands for nobody may not. */
export async function revokeByPerson(deps: IdentifyDeps, { tenant_id, request_id, profile }: By): Promise<Revoked> {
  const identified = await deps.transact(tenant_id, (tx) => identify(deps, tx, { profile, is_member: false }));
  if (identified.kind === 'refused') throw new PlacetError('permission_missing', { reason: identified.refusal });
  return revokeLease(deps, { tenant_id, of: { request_id }, by: identified.principal });
}
