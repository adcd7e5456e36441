// Who could decide under a document before it is applied: its groups as it names them, and who sources say is in them now.

import * as addresses from '../../db/addresses.ts';
import type { Tx } from '../../db/database.ts';
import { addressOf } from '../../domain/people/address.ts';
import {
  type AskedSource,
  answerOf,
  askedSource,
  type SourceAnswer,
  sourcesToAsk,
} from '../../domain/people/membership.ts';
import { amongOf, type Part, partsOf } from '../../domain/policy/group-parts.ts';
import type { PolicyDocument, Rule } from '../../domain/policy/policy.ts';
import { stagesOf } from '../../domain/policy/rule-stages.ts';
import { canFill, type PoolGroup, withHelp } from '../../domain/request/reach.ts';
import { eligibleOf } from '../agent/pools.ts';

/** How many people could fill a stage, each counted once in it. */
export type StageReach = {
  readonly rule: string;
  readonly stage: number;
  readonly stages: number;
  readonly quorum: number;
  readonly people: number;
  /** How many of them nobody lists: a source named them. */
  readonly from_sources: number;
  /** Whether the stage can be filled beside those before it. */
  readonly is_enough: boolean;
  /** Whether it is enough only since others stand in for who is missing. */
  readonly by_fallback: boolean;
};

type Reaching = {
  readonly document: PolicyDocument;
  readonly rules: readonly Rule[];
  readonly answers: readonly SourceAnswer[];
};

/** Every source that these rules rest on. */
export function sourcesUnder(
  { approver_groups, fallback = [] }: PolicyDocument,
  rules: readonly Rule[],
): readonly AskedSource[] {
  const names = [
    ...new Set(rules.flatMap((rule) => stagesOf(rule).flatMap(({ approvers }) => approvers)).concat(fallback)),
  ];
  const parts = names.flatMap((name) => partsOf(approver_groups, name));
  return sourcesToAsk(parts.flatMap((part) => [part, ...amongOf(approver_groups, part.name)]));
}

/** Each stage of these rules; every source that they rest on has its answer. */
export async function reachUnder(tx: Tx, { document, rules, answers }: Reaching): Promise<readonly StageReach[]> {
  const { approver_groups, fallback = [] } = document;
  const listed = await activePeople(tx, document);
  const known = await eligibleOf(tx, answers, []);
  const peopleOf = ({ name, entry, source }: Part): readonly string[] => {
    const elsewhere = askedSource(source);
    if (elsewhere === null) return entry.members.flatMap((each) => listed(each) ?? []);
    const named = (answerOf(elsewhere, answers)?.members ?? []).flatMap((member) => known(member) ?? []);
    if (elsewhere.kind !== 'on_call') return named;
    const among = new Set(amongOf(approver_groups, name).flatMap(peopleOf));
    return named.filter((person) => among.has(person));
  };
  const poolOf = (name: string): PoolGroup => ({
    people: [...new Set(partsOf(approver_groups, name).flatMap(peopleOf))],
    is_open: false,
  });
  const help = fallback.map(poolOf);
  return rules.flatMap((rule) => {
    const is_distinct = rule.distinct_stages !== false;
    const stages = stagesOf(rule);
    const pools = stages.map(({ approvers, quorum, each = false }) => {
      return { groups: approvers.map(poolOf), quorum, is_each: each };
    });
    const filled = pools.map((pool) => withHelp(pool, help));
    return stages.map(({ approvers, quorum }, stage) => {
      const people = new Set(pools[stage]?.groups.flatMap((group) => group.people));
      const parts = approvers.flatMap((name) => partsOf(approver_groups, name));
      const own = new Set(parts.flatMap(({ entry }) => entry.members.flatMap((each) => listed(each) ?? [])));
      const by_itself = canFill(pools, stage, is_distinct);
      const by_fallback = !by_itself && fallback.length > 0 && canFill(filled, stage, is_distinct);
      return {
        ...{ rule: rule.name, stage, stages: stages.length, quorum, people: people.size },
        from_sources: [...people].filter((person) => !own.has(person)).length,
        ...{ is_enough: by_itself || by_fallback, by_fallback },
      };
    });
  });
}

/** Whoever is behind a listed address, unless they are deactivated; an address that nobody has yet counts as somebody. */
async function activePeople(tx: Tx, { approver_groups }: PolicyDocument): Promise<(email: string) => string | null> {
  const every = [...new Set(Object.values(approver_groups).flatMap(({ members }) => members.map(addressOf)))];
  const owners = await addresses.findOwners(tx, every);
  const known = new Map(owners.map((owner) => [owner.address, owner] as const));
  return (email) => {
    const owner = known.get(addressOf(email));
    if (owner === undefined) return addressOf(email);
    return owner.is_active ? owner.id : null;
  };
}
