// Brings people and the accounts that the policy vouches for in line with a document. It never makes a second person of one
// and never moves an account to another: what the file says against the record is refused with the cure.

import { recordEvent } from '../../audit/record.ts';
import * as addresses from '../../db/addresses.ts';
import type { Tx } from '../../db/database.ts';
import * as identities from '../../db/identities.ts';
import * as people from '../../db/people.ts';
import { PlacetError } from '../../domain/errors.ts';
import { addressOf } from '../../domain/people/address.ts';
import type { Principal } from '../../domain/people/principal.ts';
import type { PolicyDocument, Problem } from '../../domain/policy/policy.ts';
import type { ServiceDeps } from '../deps.ts';
import { absorb, addPerson, linkAccount, rename } from '../people.ts';

type Entry = PolicyDocument['people'][number];

/** Whom the record knows by the addresses and the accounts of the document. */
type Known = {
  readonly owners: ReadonlyMap<string, addresses.Owner>;
  readonly links: ReadonlyMap<string, identities.Link>;
  /** People of these links whom the document still names by an address that they have. */
  readonly still_named: ReadonlySet<string>;
};

/** What an entry asks for. */
type Plan = {
  /** Where the entry stands in the document. */
  readonly place: number;
  readonly address: string;
  readonly name: string | null;
  readonly accounts: readonly string[];
  /** Somebody may decide in this person's place, who is looked at then. */
  readonly is_away: boolean;
  /** The person that the entry is about; null when the record has none yet. */
  readonly person_id: string | null;
  readonly is_renamed: boolean;
  /** A person that was no more than the entry's address. */
  readonly absorbed: string | null;
};

/** People with a name or accounts of their own. Whom only a group names is a person once an account shows the address. */
export async function applyPeople(
  deps: ServiceDeps,
  tx: Tx,
  document: PolicyDocument,
  actor: Principal,
): Promise<void> {
  const known = await readKnown(tx, document);
  const plans: Plan[] = [];
  const problems: Problem[] = [];
  document.people.forEach((entry, place) => {
    const planned = planOf(entry, place, known);
    if ('message' in planned) problems.push({ ...planned, path: ['people', place, ...planned.path] });
    else plans.push(planned);
  });
  if (problems.length > 0) throw new PlacetError('policy_invalid', { problems });
  // One order for all writers of people, so that two transactions never wait for each other in a circle.
  plans.sort((a, b) => (a.address < b.address ? -1 : 1));
  const named: { readonly place: number; readonly person_id: string; readonly name: string }[] = [];
  for (const plan of plans) {
    const { place, name } = plan;
    const person_id = await carryOut(deps, tx, plan, actor);
    if (person_id !== null && name !== null) named.push({ place, person_id, name });
  }
  // Two who turned out to be one may still have an entry each: the one that stands first names them.
  named.sort((a, b) => b.place - a.place);
  const names = new Map(named.map(({ person_id, name }) => [person_id, name]));
  await people.renamePeople(
    tx,
    [...names].map(([person_id, name]) => ({ person_id, name })),
  );
  await vouch(deps, tx, document.people, actor);
}

async function readKnown(tx: Tx, document: PolicyDocument): Promise<Known> {
  const entries = document.people;
  const owners = await addresses.findOwners(
    tx,
    entries.map(({ email }) => addressOf(email)),
  );
  const links = await identities.listLastLinks(
    tx,
    entries.flatMap(({ slack }) => slack),
  );
  const members = Object.values(document.approver_groups).flatMap((group) => group.members);
  const named = [...entries.map(({ email }) => email), ...members].map(addressOf);
  const still = await addresses.listOwnersAmong(tx, {
    person_ids: links.map(({ person_id }) => person_id),
    addresses: named,
  });
  return {
    owners: new Map(owners.map((owner) => [owner.address, owner] as const)),
    links: new Map(links.map((link) => [link.subject, link] as const)),
    still_named: new Set(still),
  };
}

function planOf(
  { email, name, slack, away }: Entry,
  place: number,
  { owners, links, still_named }: Known,
): Plan | Problem {
  const address = addressOf(email);
  const owner = owners.get(address) ?? null;
  const others = new Set(slack.flatMap((subject) => links.get(subject)?.person_id ?? []));
  if (owner !== null) others.delete(owner.id);
  const [other = null] = others;
  // The same human under a new address: the file no longer names a former one, and nobody else is known by the new one.
  const isRenamed =
    other !== null && others.size === 1 && !still_named.has(other) && (owner === null || owner.is_address_only);
  if (other !== null && !isRenamed) return belongsToAnother(slack, { others, links });
  return {
    place,
    address,
    name,
    accounts: slack,
    is_away: away !== undefined,
    person_id: other ?? owner?.id ?? null,
    is_renamed: isRenamed,
    absorbed: isRenamed ? (owner?.id ?? null) : null,
  };
}

function belongsToAnother(
  slack: readonly string[],
  { others, links }: { readonly others: ReadonlySet<string>; readonly links: Known['links'] },
): Problem {
  const place = slack.findIndex((subject) => others.has(links.get(subject)?.person_id ?? ''));
  const subject = slack[place] ?? '';
  return {
    path: ['slack', place],
    message:
      `Slack account ${subject} belongs to another person (${links.get(subject)?.person_id}): an operator moves it ` +
      'with placet person move-account, or joins the two with placet person merge',
  };
}

/** The person of the entry; null when nobody has been seen who could be: then the name waits in the document. */
async function carryOut(deps: ServiceDeps, tx: Tx, plan: Plan, by: Principal): Promise<string | null> {
  const { address, accounts, absorbed, is_renamed } = plan;
  const { person_id: known } = plan;
  const person_id =
    known ??
    (accounts.length === 0 && !plan.is_away ? null : await addPerson(deps, tx, { address, from: 'policy', by }));
  if (person_id === null) return null;
  if (absorbed !== null) await absorb(deps, tx, { person_id: absorbed, into_person_id: person_id, by });
  if (is_renamed) await rename(deps, tx, { person_id, address, by });
  for (const subject of accounts) {
    await linkAccount(deps, tx, { provider: 'slack', subject, person_id, linked_by: 'policy', by });
  }
  return person_id;
}

/** The links that the policy vouches for from now on, and those that it no longer does. */
async function vouch(deps: ServiceDeps, tx: Tx, entries: readonly Entry[], actor: Principal): Promise<void> {
  const named = entries.flatMap(({ slack }) => slack);
  for (const { subject: account, person_id } of await identities.vouchByPolicy(tx, named)) {
    const facts = { account, person_id, linked_by: 'policy' };
    await recordEvent(deps, tx, { type: 'slack_account.linked', outcome: 'success', actor, facts });
  }
  for (const { subject: account, person_id } of await identities.unlinkOthersOfPolicy(tx, named)) {
    const facts = { account, person_id };
    await recordEvent(deps, tx, { type: 'slack_account.unlinked', outcome: 'success', actor, facts });
  }
}
