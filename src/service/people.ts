// What becomes of people, each change with its event: somebody new, an account linked, an address given or ended, somebody
// renamed, two who turn out to be one.

import { recordEvent } from '../audit/record.ts';
import * as addresses from '../db/addresses.ts';
import type { Tx } from '../db/database.ts';
import * as groups from '../db/groups.ts';
import * as identities from '../db/identities.ts';
import * as people from '../db/people.ts';
import * as policies from '../db/policies.ts';
import type { Facts } from '../domain/audit/event.ts';
import type { Principal } from '../domain/people/principal.ts';
import type { ServiceDeps } from './deps.ts';

type Named = {
  /** In the form of addressOf. */
  readonly address: string;
  readonly from: Facts['person.created']['from'];
  readonly by: Principal;
};

/** The id of whoever has the address; somebody who is known by nothing else yet is added. */
export async function ensurePerson(deps: ServiceDeps, tx: Tx, named: Named): Promise<string> {
  return (await addresses.findOwner(tx, named.address))?.id ?? addPerson(deps, tx, named);
}

/** Adds a person who has this address, with the name that the policy has for it; whoever was faster is the person. */
export async function addPerson(deps: ServiceDeps, tx: Tx, { address, from, by: actor }: Named): Promise<string> {
  await addresses.lockAddress(tx, address);
  const owner = await addresses.findOwner(tx, address);
  if (owner !== null) return owner.id;
  const person_id = deps.newId('person');
  const { name } = await policies.readNaming(tx, { address, person_id: null });
  await people.insertPerson(tx, { id: person_id, address, name });
  await recordEvent(deps, tx, { type: 'person.created', outcome: 'success', actor, facts: { person_id, from } });
  return person_id;
}

/** Links an account that has no live link; false when it has one, of whomever. */
export async function linkAccount(
  deps: ServiceDeps,
  tx: Tx,
  { by: actor, ...link }: identities.Link & { readonly by: Principal },
): Promise<boolean> {
  if (!(await identities.linkAccount(tx, link))) return false;
  const { subject: account, person_id, linked_by } = link;
  const facts = { account, person_id, linked_by };
  await recordEvent(deps, tx, { type: 'slack_account.linked', outcome: 'success', actor, facts });
  return true;
}

type Why = { readonly why: Facts['person_email.added']['why']; readonly by: Principal };

/** Gives an address that is nobody's to a person; one that is somebody's stays where it is. */
export async function giveAddress(
  deps: ServiceDeps,
  tx: Tx,
  { person_id, address, why, by: actor }: Why & { readonly person_id: string; readonly address: string },
): Promise<void> {
  if (!(await addresses.addAddress(tx, person_id, address))) return;
  const facts = { person_id, why };
  await recordEvent(deps, tx, { type: 'person_email.added', outcome: 'success', actor, facts });
}

/** Takes these addresses from whoever has them. */
export async function endAddresses(
  deps: ServiceDeps,
  tx: Tx,
  { addresses: ending, why, by: actor }: Why & { readonly addresses: readonly string[] },
): Promise<void> {
  for (const { person_id } of await addresses.endAddresses(tx, ending)) {
    const facts = { person_id, why };
    await recordEvent(deps, tx, { type: 'person_email.ended', outcome: 'success', actor, facts });
  }
}

/** Gives the person the new address; its others that the newest policy does not name end, so that they may be given anew. */
export async function rename(
  deps: ServiceDeps,
  tx: Tx,
  { person_id, address, by }: { readonly person_id: string; readonly address: string; readonly by: Principal },
): Promise<void> {
  const others = (await addresses.listAddresses(tx, person_id)).filter((other) => other !== address);
  const gone = await policies.listUnnamed(tx, others);
  await giveAddress(deps, tx, { person_id, address, why: 'rename', by });
  // A group that the policy no longer has keeps its members for the requests that still name it.
  await groups.followRename(tx, { from: gone, to: address });
  await endAddresses(deps, tx, { addresses: gone, why: 'rename', by });
}

/** Joins a person that was no more than an address to the one that the address turned out to be. */
export async function absorb(
  deps: ServiceDeps,
  tx: Tx,
  { by: actor, ...facts }: { readonly person_id: string; readonly into_person_id: string; readonly by: Principal },
): Promise<void> {
  if (!(await people.mergePeople(tx, facts))) return;
  await recordEvent(deps, tx, { type: 'person.merged', outcome: 'success', actor, facts });
}
