// Which people behind a request the record knows by an address alone, and the account that shows it.

import * as addresses from '../../db/addresses.ts';
import * as identities from '../../db/identities.ts';
import { type Account, WORKER } from '../../domain/people/principal.ts';
import type { ServiceDeps } from '../deps.ts';
import { absorb, linkAccount } from '../people.ts';

/** The live addresses of the people behind the request who have no account in this team. */
export function addressesOfUntied(
  deps: Pick<ServiceDeps, 'transact'>,
  { tenant_id, ...of }: { readonly tenant_id: string; readonly request_id: string; readonly team_id: string },
): Promise<readonly string[]> {
  return deps.transact(tenant_id, (tx) => identities.listUntied(tx, of));
}

/**
 * Links the account that shows the address to whoever has the address. Where the record knows the account's person by another
 * address, a person that is no more than this one turns out to be that person; what else two people are said to be is left to
 * an operator.
 */
export function tieAccount(
  deps: ServiceDeps,
  { tenant_id, address, account }: { readonly tenant_id: string; readonly address: string; readonly account: Account },
): Promise<void> {
  return deps.transact(tenant_id, async (tx) => {
    const owner = await addresses.findOwner(tx, address);
    if (owner === null) return;
    const { id: person_id, is_address_only } = owner;
    const [last = null] = await identities.listLastLinks(tx, [account.subject]);
    const by = WORKER;
    if (last === null || last.person_id === person_id) {
      await linkAccount(deps, tx, { ...account, person_id, linked_by: 'email', by });
    } else if (is_address_only) {
      await absorb(deps, tx, { person_id, into_person_id: last.person_id, by });
    }
  });
}
