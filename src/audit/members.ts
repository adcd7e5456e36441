// Who was in which approver group when something was decided: by the version of the policy that was in force at that place of the
// log, and by whose its addresses were at that moment.

import type { Tx } from '../db/database.ts';
import * as exported from '../db/exported.ts';
import { addressOf } from '../domain/people/address.ts';
import { type Part, partsOf } from '../domain/policy/group-parts.ts';
import type { PolicyDocument } from '../domain/policy/policy.ts';
import type { ExportDeps, ExportSpan } from './span.ts';

/** So many changes of the policy are read in one transaction. */
const PAGE = 500;
/** Decisions of neighbouring places are of few versions; the one seen longest ago is forgotten. */
const VERSIONS_MAX = 20;

type Groups = PolicyDocument['approver_groups'];
/** A moment, and the groups that are of interest then. */
export type MembersQuery = { readonly index: number; readonly at: Date; readonly groups: readonly string[] };
/** The members of each group of a query, in words: ids of people, and no addresses. */
export type ReadMembers = (queries: readonly MembersQuery[]) => Promise<readonly (readonly string[])[]>;

/** Reads the members of groups at places of the span. */
export async function membersOf({ transact, tenant_id }: ExportDeps, { end }: ExportSpan): Promise<ReadMembers> {
  const applied = await transact(tenant_id, (tx) => listApplied(tx, end));
  const known = new Map<number, Groups>();
  const groupsAt = async (tx: Tx, index: number): Promise<Groups> => {
    const number = applied.findLast((each) => each.index < index)?.number ?? (applied[0]?.number ?? 1) - 1;
    const found = known.get(number) ?? (await exported.readGroups(tx, number)) ?? {};
    known.delete(number);
    if (known.size >= VERSIONS_MAX) known.delete(known.keys().next().value ?? number);
    known.set(number, found);
    return found;
  };
  return (queries) =>
    transact(tenant_id, async (tx) => {
      const looked = [];
      for (const { index, at, groups } of queries) {
        const all = await groupsAt(tx, index);
        looked.push({ at, parts: groups.map((name) => partsOf(all, name)) });
      }
      const wanted = looked.flatMap(({ at, parts }) => addressesOf(parts.flat()).map((address) => ({ address, at })));
      const people = await exported.findPeople(tx, wanted);
      const idOf = new Map(wanted.map(({ address, at }, place) => [keyOf(address, at), people[place] ?? null]));
      return looked.map(({ at, parts }) =>
        parts.map((each) => wordsOf(each, (address) => idOf.get(keyOf(address, at)) ?? null)),
      );
    });
}

async function listApplied(tx: Tx, below: number): Promise<{ readonly index: number; readonly number: number }[]> {
  const applied: { readonly index: number; readonly number: number }[] = [];
  for (let from = 0, more = true; more; ) {
    const page = await exported.listApplied(tx, { from, below }, PAGE);
    for (const { index, leaf } of page)
      applied.push({ index, number: Number(JSON.parse(leaf.toString('utf8')).facts.number) });
    from = (page.at(-1)?.index ?? below) + 1;
    more = page.length === PAGE;
  }
  return applied;
}

function addressesOf(parts: readonly Part[]): string[] {
  return parts.flatMap(({ entry, source }) => (source.kind === 'listed' ? entry.members.map(addressOf) : []));
}

function keyOf(address: string, at: Date): string {
  return `${at.getTime()} ${address}`;
}

/** Ids of people; how many nobody knew yet; and where else members are asked for. */
function wordsOf(parts: readonly Part[], personOf: (address: string) => string | null): string {
  const people = addressesOf(parts).map(personOf);
  const known = [...new Set(people.filter((id) => id !== null))].sort();
  const unknown = people.filter((id) => id === null).length;
  const elsewhere = parts.flatMap(({ source }) => (source.kind === 'listed' ? [] : [`${source.kind} as asked then`]));
  const words = [...known, ...(unknown === 0 ? [] : [`${unknown} not known yet`]), ...elsewhere];
  return words.length === 0 ? 'nobody' : words.join(' ');
}
