// Which people are in which groups of a request, by what the record lists and what the sources answered for this very click or
// claim. No answer is kept for another one.

import * as addresses from '../db/addresses.ts';
import type { Tx } from '../db/database.ts';
import * as groups from '../db/groups.ts';
import * as identities from '../db/identities.ts';
import { inOrder } from '../db/in-order.ts';
import type * as policies from '../db/policies.ts';
import {
  type AskedSource,
  askedSource,
  type Evidence,
  type GroupPart,
  membershipsBy,
  type SourceAnswer,
  sourceKey,
} from '../domain/people/membership.ts';

/** The sources that have to be asked before people are judged, and about which accounts. */
export type SourcesToAsk = { readonly sources: readonly AskedSource[]; readonly accounts: readonly string[] };

/**
 * Asks sources about accounts: of a channel's members only these are told, and no guest or bot among them; with null all.
 * Throws `unavailable` when the chat cannot be asked; another source that fails has nobody, and says why.
 */
export type AskSources = (
  sources: readonly AskedSource[],
  accounts: readonly string[] | null,
) => Promise<readonly SourceAnswer[]>;

type Asking = { readonly parts: readonly GroupPart[]; readonly answers: readonly SourceAnswer[] };

/** Of whom, in one go. */
type Judged = Asking & { readonly person_ids: readonly string[] };

export type KnownMembership = groups.Membership & { readonly answer: SourceAnswer | null };

/** The groups that these people are in now. A source without an answer has nobody. */
export async function membershipsNow(
  tx: Tx,
  { parts, answers, person_ids }: Judged,
): Promise<readonly KnownMembership[]> {
  const group_ids = [...new Set(parts.map(({ group_id }) => group_id))];
  const isAsked = parts.some(({ source }) => askedSource(source) !== null);
  // Sent together: the request's lock is held meanwhile.
  const [listed, accounts, owned] = await inOrder(tx, [
    (tx) => groups.listMemberships(tx, group_ids, person_ids),
    isAsked ? (tx) => identities.listAccounts(tx, person_ids) : null,
    isAsked ? (tx) => addresses.listOwned(tx, person_ids) : null,
  ]);
  const people = person_ids.map((person_id) => ({
    person_id,
    accounts: (accounts ?? []).flatMap((account) => (account.person_id === person_id ? [account.subject] : [])),
    addresses: (owned ?? []).flatMap((each) => (each.person_id === person_id ? [each.address] : [])),
  }));
  const found = membershipsBy({ parts, listed, answers }, people);
  const own = listed.filter(({ is_among }) => !is_among);
  return [...own.map((each) => ({ ...each, answer: null })), ...found];
}

/** Keeps who was a member by a source when it was asked, for whoever looks at the group; nothing is judged by that. */
export async function keepAsked(
  tx: Tx,
  { parts, answers, person_ids }: Judged,
  memberships: readonly KnownMembership[],
): Promise<void> {
  const found = memberships.filter(({ answer }) => answer !== null);
  const answered = new Set(answers.map(({ source }) => sourceKey(source)));
  // In one order for all, or two claims at once would wait for each other's rows.
  const ids = [...new Set(person_ids)].sort();
  const own = [...parts].sort((one, other) => (one.group_id < other.group_id ? -1 : 1));
  const kept = own.flatMap(({ group_id, part_id, source }) => {
    const known = askedSource(source);
    if (group_id !== part_id || known === null || !answered.has(sourceKey(known))) return [];
    const isIn = (id: string) => found.some((each) => each.group_id === group_id && each.person_id === id);
    return ids.map((person_id) => ({ group_id, person_id, is_member: isIn(person_id) }));
  });
  await inOrder(
    tx,
    kept.map((one) => (tx: Tx) => groups.setClicked(tx, one)),
  );
}

/** From what it is known that somebody is in these groups: each source that says so, when it was asked, what it answered. */
export function evidenceOf(
  memberships: readonly KnownMembership[],
  policy: policies.PolicyDigest | null,
  now: Date,
): readonly Evidence[] {
  return memberships.map(({ group_id, answer }) =>
    answer === null
      ? {
          group_id,
          kind: 'listed' as const,
          source: policy?.id ?? '',
          asked_at: now.toISOString(),
          digest: policy?.digest ?? '',
        }
      : {
          group_id,
          kind: answer.source.kind,
          source: answer.source.kind === 'on_call' ? answer.source.url : answer.source.id,
          asked_at: answer.asked_at.toISOString(),
          digest: answer.digest,
        },
  );
}

/** Whether every source that these parts need was asked. */
export function isAnswered(sources: readonly AskedSource[], answers: readonly SourceAnswer[]): boolean {
  const answered = new Set(answers.map(({ source }) => sourceKey(source)));
  return sources.every((source) => answered.has(sourceKey(source)));
}

/** The one source that failed, where somebody might have counted by it; null where all answered. */
export function faultIn(answers: readonly SourceAnswer[]): string | null {
  return answers.find(({ fault }) => fault !== null)?.fault ?? null;
}
