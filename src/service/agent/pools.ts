// Who may count in each stage now, as far as the record and the answers of sources say. Changes nothing.

import * as absences from '../../db/absences.ts';
import * as addresses from '../../db/addresses.ts';
import type { Tx } from '../../db/database.ts';
import * as groups from '../../db/groups.ts';
import * as identities from '../../db/identities.ts';
import * as people from '../../db/people.ts';
import { answerOf, askedSource, type GroupPart, NOT_ASKED, type SourceAnswer } from '../../domain/people/membership.ts';
import type { PoolGroup, PoolStage } from '../../domain/request/reach.ts';
import type { AskedGroup, Stage } from '../../domain/request/request.ts';

type Asking = {
  readonly stages: readonly Stage[];
  readonly parts: readonly GroupPart[];
  /** A source without an answer may have anybody, and counts as enough. */
  readonly answers: readonly SourceAnswer[];
  /** Whom Slack listed at an earlier click counts no more where it has answered: an answer of the last minute may be older. */
  readonly are_answers_newest?: boolean;
  readonly excluded_people: readonly string[];
  /** So many people of each group at most. */
  readonly limit: number;
};

/** Who may count in each stage now. */
export async function poolsOf(tx: Tx, asking: Asking): Promise<readonly PoolStage[]> {
  const pools = await groupPools(tx, asking);
  const none: PoolGroup = { people: [], is_open: false };
  return asking.stages.map(({ approvers, quorum, each }) => ({
    groups: approvers.map(({ group_id }: AskedGroup) => pools.get(group_id) ?? none),
    quorum,
    is_each: each === true,
  }));
}

/** The people of each group. */
async function groupPools(tx: Tx, { parts, answers, ...of }: Asking): Promise<ReadonlyMap<string, PoolGroup>> {
  const group_ids = [...new Set(parts.map(({ group_id }) => group_id))];
  const answered = answers.flatMap(({ source, fault }) =>
    of.are_answers_newest === true && source.kind === 'slack_user_group' && fault !== NOT_ASKED ? [source.id] : [],
  );
  const listed = await groups.listEligible(tx, group_ids, { ...of, answered });
  const known = await eligibleOf(tx, answers, of.excluded_people);
  const present = await presentOf(tx, answers, { known, excluded_people: of.excluded_people });
  const isOpen = ({ source }: GroupPart) => {
    const elsewhere = askedSource(source);
    if (elsewhere === null) return false;
    const answer = answerOf(elsewhere, answers);
    return answer === null || answer.fault === NOT_ASKED;
  };
  const among = (part_id: string) => ({
    people: new Set(listed.flatMap((each) => (each.is_among && each.group_id === part_id ? [each.eligible] : []))),
    is_open: parts.some((part) => part.is_among && part.group_id === part_id && askedSource(part.source) !== null),
  });
  const peopleOf = (part: GroupPart): readonly string[] => {
    const elsewhere = askedSource(part.source);
    const answer = elsewhere === null ? null : answerOf(elsewhere, answers);
    const { members_then } = part;
    const members = (answer?.members ?? []).filter((member) => members_then === null || members_then.includes(member));
    const people = members.flatMap((member) => known(member) ?? []);
    if (elsewhere?.kind !== 'on_call') return people;
    const chosen = among(part.part_id);
    // Who is among the people of a source that is asked at the click alone is not known yet.
    return chosen.is_open ? people : people.filter((person) => chosen.people.has(person));
  };
  return new Map(
    group_ids.map((group_id) => {
      const own = parts.filter((part) => part.group_id === group_id && !part.is_among);
      const named = listed.filter((each) => each.group_id === group_id && !each.is_among).map((each) => each.eligible);
      // Once, of those whom the sources have: whom the policy lists is told with delegates already.
      const there = own.flatMap(peopleOf).flatMap((person) => present(person) ?? []);
      return [group_id, { people: [...new Set([...named, ...there])], is_open: own.some(isOpen) }];
    }),
  );
}

/** Who decides for somebody: they themselves, or while they are away their delegate; null where nobody does. */
async function presentOf(
  tx: Tx,
  answers: readonly SourceAnswer[],
  of: { readonly known: (member: string) => string | null; readonly excluded_people: readonly string[] },
): Promise<(person: string) => string | null> {
  const members = [...new Set(answers.flatMap(({ members }) => members).flatMap((member) => of.known(member) ?? []))];
  const away = members.length === 0 ? [] : await absences.listStandIns(tx, members);
  if (away.length === 0) return (person) => person;
  const excluded = await people.listPeople(tx, of.excluded_people);
  const barred = new Set(excluded.map(({ id }) => id));
  const delegates = new Map(away.map((each) => [each.person_id, each.delegate_person_id]));
  return (person) => {
    const delegate = delegates.get(person);
    if (delegate === undefined) return person;
    return delegate === null || barred.has(delegate) ? null : delegate;
  };
}

/**
 * Who a member that a source answered is: the person, or the account or address where nobody has been seen with it; null for
 * one who cannot count.
 */
export async function eligibleOf(
  tx: Tx,
  answers: readonly SourceAnswer[],
  excluded_people: readonly string[],
): Promise<(member: string) => string | null> {
  const members = [...new Set(answers.flatMap((answer) => answer.members))];
  if (members.length === 0) return () => null;
  const links = await identities.listLastLinks(tx, members);
  const owners = await addresses.findOwners(tx, members);
  const persons = new Map([
    ...links.map(({ subject, person_id }) => [subject, person_id] as const),
    ...owners.map(({ address, id }) => [address, id] as const),
  ]);
  const facts = await people.listPeople(tx, [...new Set([...persons.values(), ...excluded_people])]);
  const excluded = new Set(facts.flatMap(({ known_as, id }) => (excluded_people.includes(known_as) ? [id] : [])));
  const active = new Set(facts.flatMap(({ id, is_active }) => (is_active ? [id] : [])));
  return (member) => {
    const person_id = persons.get(member);
    if (person_id === undefined) return member;
    return active.has(person_id) && !excluded.has(person_id) ? person_id : null;
  };
}
