// One human under another address: the same person gets the new one, and a person that was no more than that address is
// joined to it.

import { recordEvent } from '../../audit/record.ts';
import * as addresses from '../../db/addresses.ts';
import type { Tx } from '../../db/database.ts';
import * as groups from '../../db/groups.ts';
import * as people from '../../db/people.ts';
import * as policies from '../../db/policies.ts';
import type { Principal } from '../../domain/people/principal.ts';
import type { ServiceDeps } from '../deps.ts';
import { endAddresses, giveAddress } from '../people.ts';

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
