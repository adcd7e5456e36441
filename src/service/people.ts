// People by an address, for use cases that are told of one: who has it, or somebody new, on record.

import { recordEvent } from '../audit/record.ts';
import * as addresses from '../db/addresses.ts';
import type { Tx } from '../db/database.ts';
import * as people from '../db/people.ts';
import * as policies from '../db/policies.ts';
import type { Actor, Facts } from '../domain/audit/event.ts';
import type { ServiceDeps } from './deps.ts';

type Named = {
  /** In the form of addressOf. */
  readonly address: string;
  readonly from: Facts['person.created']['from'];
  readonly by: Actor;
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
