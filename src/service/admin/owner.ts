// The owner of a new agent: a person whom the record or Slack knows, tied to its account at once, so that a later change of
// its address changes nothing about who must not approve.

import * as addresses from '../../db/addresses.ts';
import type { Tx } from '../../db/database.ts';
import * as identities from '../../db/identities.ts';
import * as policies from '../../db/policies.ts';
import { PlacetError } from '../../domain/errors.ts';
import type { Account, Principal } from '../../domain/people/principal.ts';
import type { ServiceDeps } from '../deps.ts';
import { absorb, addPerson, giveAddress, linkAccount } from '../people.ts';

/** The account that shows this address now and has it confirmed; or that there is none, or that nobody could be asked. */
export type FoundAccount =
  | { readonly kind: 'found'; readonly account: Account }
  | { readonly kind: 'none' }
  | { readonly kind: 'not_asked' };

export type FindAccount = (address: string) => Promise<FoundAccount>;

type Owner = {
  readonly address: string;
  readonly found: FoundAccount;
  /** The operator says that this is somebody new. */
  readonly is_new: boolean;
  readonly by: Principal;
};

/** The person's id. Throws owner_unknown, and conflict when address and account are two people's. */
export async function ownerFor(deps: ServiceDeps, tx: Tx, { address, found, is_new, by }: Owner): Promise<string> {
  const owner = await addresses.findOwner(tx, address);
  const account = found.kind === 'found' ? found.account : null;
  const [link] = account === null ? [] : await identities.listLastLinks(tx, [account.subject]);
  if (link === undefined) {
    if (owner === null) await assertKnown(tx, { address, found, is_new });
    const person_id = owner?.id ?? (await addPerson(deps, tx, { address, from: 'owner', by }));
    // An account that the person got meanwhile, or another one that it has already, is left as it is.
    if (account !== null) await linkAccount(deps, tx, { ...account, person_id, linked_by: 'email', by });
    return person_id;
  }
  const { person_id } = link;
  if (owner === null) {
    // Slack shows the address for somebody whom the record knows by another one.
    await giveAddress(deps, tx, { person_id, address, why: 'operator', by });
    return person_id;
  }
  if (owner.id === person_id) return person_id;
  if (!owner.is_address_only) throw twoPeople(address, [owner.id, person_id]);
  await absorb(deps, tx, { person_id: owner.id, into_person_id: person_id, by });
  return person_id;
}

async function assertKnown(tx: Tx, { address, found, is_new }: Omit<Owner, 'by'>): Promise<void> {
  if (is_new || found.kind === 'found') return;
  if ((await policies.readNaming(tx, { address, person_id: null })).is_address_named) return;
  const slack = found.kind === 'none' ? 'Slack does not know this address' : 'Slack could not be asked';
  throw new PlacetError('owner_unknown', {
    owner: address,
    reason: `${slack}, nor does the record`,
    remedy: 'correct the address, or say --new-owner to make a new person of it',
  });
}

function twoPeople(owner: string, people_of_it: readonly string[]): PlacetError {
  const reason = 'the record has this address and the account that shows it in Slack as two people';
  const remedy = `join them with: placet person merge ${people_of_it.join(' --into ')}`;
  return new PlacetError('conflict', { owner, reason, remedy });
}
