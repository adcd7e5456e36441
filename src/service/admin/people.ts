// People as an operator mends them: who somebody is, two rows of one human, an account or an address of somebody else. Each is
// audited, changes no decision, and what is still open is counted anew at once.

import { recordEvent } from '../../audit/record.ts';
import * as addresses from '../../db/addresses.ts';
import * as contentViews from '../../db/content-views.ts';
import type { Tx } from '../../db/database.ts';
import * as identities from '../../db/identities.ts';
import * as outbox from '../../db/outbox.ts';
import * as people from '../../db/people.ts';
import * as policies from '../../db/policies.ts';
import * as requests from '../../db/requests.ts';
import { PlacetError } from '../../domain/errors.ts';
import { isId } from '../../domain/ids.ts';
import { addressOf } from '../../domain/people/address.ts';
import type { OperatorPrincipal } from '../../domain/people/principal.ts';
import type { ServiceDeps } from '../deps.ts';
import { endAddresses, giveAddress } from '../people.ts';

/** Whom a command means: an id, an address, or an account as TEAM/USER. */
type Who = string;
type Operator = { readonly tenant_id: string; readonly operator: OperatorPrincipal };

/** What became of a change: how many open requests were counted anew, and how many past ones had no quorum, as it turns out. */
export type Correction = {
  readonly kind: 'changed' | 'unchanged';
  readonly person_id: string;
  readonly recounted: number;
  readonly executed_without_approval: number;
};

/** One person with everything that hangs on it, as it is and as it was. Throws not_found. */
export function showPerson(
  deps: Pick<ServiceDeps, 'transact'>,
  { tenant_id, who }: { readonly tenant_id: string; readonly who: Who },
): Promise<people.WholePerson> {
  return deps.transact(tenant_id, async (tx) => {
    const person = await people.readWhole(tx, await find(tx, who));
    if (person === null) throw new PlacetError('not_found', { person: who });
    return person;
  });
}

/**
 * Joins two people who are one human: the first means the second from now on, wherever it stands. For good. Throws not_found,
 * person_merged for one that means another already, and same_person.
 */
export function mergePeople(
  deps: ServiceDeps,
  input: Operator & { readonly who: Who; readonly into: Who },
): Promise<Correction> {
  return correcting(deps, input, async (tx, actor) => {
    const person_id = await findUnmerged(tx, input.who);
    const into_person_id = await findUnmerged(tx, input.into);
    if (person_id === into_person_id) throw new PlacetError('same_person', { person: person_id });
    await people.mergePeople(tx, { person_id, into_person_id });
    const facts = { person_id, into_person_id };
    await recordEvent(deps, tx, { type: 'person.merged', outcome: 'success', actor, facts });
    return { person_id: into_person_id, touched: [into_person_id] };
  });
}

/** Gives a Slack account to another person. For requests already made it stays that of whoever had it before, too. */
export function moveAccount(
  deps: ServiceDeps,
  input: Operator & { readonly account: string; readonly to: Who },
): Promise<Correction> {
  return correcting(deps, input, async (tx, actor) => {
    const { account: subject } = input;
    const person_id = await find(tx, input.to);
    const account = { provider: 'slack', subject } as const;
    const { linked: last } = await identities.readAccountFacts(tx, account, null);
    if (last === null) throw new PlacetError('not_found', { account: subject });
    if (last.person_id === person_id && last.is_live) return { person_id, touched: null };
    await identities.unlinkAccount(tx, account);
    await identities.linkAccount(tx, { ...account, person_id, linked_by: 'operator' });
    const facts = { account: subject, from_person_id: last.person_id, person_id };
    await recordEvent(deps, tx, { type: 'slack_account.moved', outcome: 'success', actor, facts });
    return { person_id, touched: [last.person_id, person_id] };
  });
}

/** Gives an address to a person, whoever had it before. */
export function moveAddress(
  deps: ServiceDeps,
  input: Operator & { readonly address: string; readonly to: Who },
): Promise<Correction> {
  return correcting(deps, input, async (tx, by) => {
    const address = addressOf(input.address);
    const person_id = await find(tx, input.to);
    const owner = await addresses.findOwner(tx, address);
    if (owner?.id === person_id) return { person_id, touched: null };
    const why = { why: 'operator', by } as const;
    await endAddresses(deps, tx, { addresses: [address], ...why });
    await giveAddress(deps, tx, { person_id, address, ...why });
    return { person_id, touched: [person_id, ...(owner === null ? [] : [owner.id])] };
  });
}

/** Takes an address from whoever has it, so that it may become somebody else's. Throws not_found. */
export function endAddress(deps: ServiceDeps, input: Operator & { readonly address: string }): Promise<Correction> {
  return correcting(deps, input, async (tx, by) => {
    const address = addressOf(input.address);
    const owner = await addresses.findOwner(tx, address);
    if (owner === null) throw new PlacetError('not_found', { address });
    await endAddresses(deps, tx, { addresses: [address], why: 'operator', by });
    return { person_id: owner.id, touched: [owner.id] };
  });
}

type Change = {
  readonly person_id: string;
  /** Whose requests are to be counted anew; null when nothing was changed. */
  readonly touched: readonly string[] | null;
};

/** Runs a change while nobody decides, claims or applies a policy, and counts anew what it touches. */
async function correcting(
  deps: ServiceDeps,
  { tenant_id, operator }: Operator,
  change: (tx: Tx, actor: OperatorPrincipal) => Promise<Change>,
): Promise<Correction> {
  const { person_id, touched, recounted } = await deps.transact(tenant_id, async (begun) => {
    const tx = await policies.lockPolicies(begun);
    const changed = await change(tx, operator);
    const ids = changed.touched === null ? [] : await requests.touchOpenOf(tx, changed.touched);
    await outbox.enqueueAll(tx, ids, 'nudge');
    return { ...changed, recounted: ids.length };
  });
  if (touched === null) return { kind: 'unchanged', person_id, recounted, executed_without_approval: 0 };
  // Judged and counted once the change stands: whoever decided much is much to judge, and nobody is to wait for it.
  let judged: string | null = '';
  while (judged !== null) {
    const beyond: string = judged;
    judged = await deps.transact(tenant_id, (tx) => contentViews.judgeDoubts(tx, beyond));
  }
  const executed_without_approval = await deps.transact(tenant_id, (tx) => people.countExecutedWithout(tx, touched));
  return { kind: 'changed', person_id, recounted, executed_without_approval };
}

/** The person that is meant, as it is now. Throws not_found. */
async function find(tx: Tx, who: Who): Promise<string> {
  const found = isId('person', who)
    ? (await people.listPeople(tx, [who]))[0]?.id
    : who.includes('@')
      ? (await addresses.findOwner(tx, addressOf(who)))?.id
      : (await identities.listLastLinks(tx, [who]))[0]?.person_id;
  if (found === undefined) throw new PlacetError('not_found', { person: who });
  return found;
}

/** The same; an id that means another person since it was merged is no longer one to merge. */
async function findUnmerged(tx: Tx, who: Who): Promise<string> {
  const id = await find(tx, who);
  if (isId('person', who) && id !== who) throw new PlacetError('person_merged', { person: id });
  return id;
}
