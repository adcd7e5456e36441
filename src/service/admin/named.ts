// Everybody whom the newest policy names and who owns an agent, with the accounts that stand for them. Changes nothing.

import * as addresses from '../../db/addresses.ts';
import * as agents from '../../db/agents.ts';
import * as identities from '../../db/identities.ts';
import { inOrder } from '../../db/in-order.ts';
import * as policies from '../../db/policies.ts';
import { addressOf } from '../../domain/people/address.ts';
import type { ServiceDeps } from '../deps.ts';
import { AGENTS_LISTED_MAX } from './agents.ts';

export type NamedPerson = {
  /** As the policy names it; of an owner whom it does not name, the newest one. */
  readonly address: string;
  /** The live accounts of whoever has the address, as TEAM/USER. */
  readonly accounts: readonly string[];
  /** Names of the agents that it answers for. */
  readonly agents: readonly string[];
};

/** Each address once, in order. */
export function listNamed(deps: Pick<ServiceDeps, 'transact'>, tenant_id: string): Promise<readonly NamedPerson[]> {
  return deps.transact(tenant_id, async (tx) => {
    const [policy, all] = await inOrder(tx, [
      (tx) => policies.readNewest(tx),
      (tx) => agents.listAgents(tx, AGENTS_LISTED_MAX),
    ]);
    const { people = [], approver_groups = {} } = policy?.document ?? {};
    const members = Object.values(approver_groups).flatMap((group) => group.members);
    const owned = all.filter(({ revoked_at }) => revoked_at === null);
    const named = [...people.map(({ email }) => email), ...members, ...owned.map(({ owner_email }) => owner_email)];
    const every = [...new Set(named.map(addressOf))].sort();
    const owners = await addresses.findOwners(tx, every);
    const ids = new Map(owners.map(({ address, id }) => [address, id] as const));
    const links = await identities.listAccounts(tx, [...new Set(ids.values())]);
    return every.map((address) => ({
      address,
      accounts: links.filter(({ person_id }) => person_id === ids.get(address)).map(({ subject }) => subject),
      agents: owned.filter(({ owner_email }) => addressOf(owner_email) === address).map(({ name }) => name),
    }));
  });
}
