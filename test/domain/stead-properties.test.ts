// Delegates, groups that stand in and groups that were added, over random people and attempts: nobody counts twice, in whosever
// place, nobody who is excluded counts, and nothing lowers what is needed.

import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Attempt, canDecide, type Decision, hasQuorum } from '../../src/domain/request/decision.ts';
import { progressAt } from '../../src/domain/request/stages.ts';
import { DIGEST, decision, NOW, subject } from './decisions.ts';

const PEOPLE = ['p0', 'p1', 'p2', 'p3', 'p4', 'p5'];
const GROUPS = ['g0', 'g1', 'g2', 'g3'];
const groupsNamed = (ids: readonly string[]) => ids.map((group_id) => ({ group_id, name: group_id }));

const stages = fc.array(
  fc.record({
    groups: fc.subarray(GROUPS, { minLength: 1, maxLength: 2 }),
    quorum: fc.integer({ min: 1, max: 3 }),
    is_each: fc.boolean(),
    stand_in: fc.option(fc.constantFrom(...GROUPS), { freq: 3 }),
    added: fc.option(fc.constantFrom(...GROUPS), { freq: 3 }),
  }),
  { minLength: 1, maxLength: 2 },
);

/** Where everybody is, who is away, and whose delegate decides: the same through one story. */
const worlds = fc.record({
  memberships: fc.array(fc.subarray(GROUPS), { minLength: PEOPLE.length, maxLength: PEOPLE.length }),
  delegates: fc.array(fc.option(fc.constantFrom(...PEOPLE), { freq: 3 }), {
    minLength: PEOPLE.length,
    maxLength: PEOPLE.length,
  }),
  excluded: fc.subarray(PEOPLE, { maxLength: 1 }),
  stages,
  is_distinct: fc.constantFrom(true, true, false),
  clicks: fc.array(fc.constantFrom(...PEOPLE), { maxLength: 14 }),
});
type World = typeof worlds extends fc.Arbitrary<infer T> ? T : never;

function requirementOf(world: World) {
  return {
    stages: world.stages.map(({ groups, quorum, is_each, stand_in, added }) => ({
      approvers: groupsNamed(groups),
      quorum: is_each ? Math.max(quorum, groups.length) : quorum,
      ...(is_each ? { each: true as const } : {}),
      ...(stand_in === null
        ? {}
        : { stand_ins: { approvers: groupsNamed([stand_in]), for: groupsNamed(groups.slice(0, 1)) } }),
      ...(added === null ? {} : { added: groupsNamed([added]) }),
    })),
    ...(world.is_distinct ? {} : { distinct_stages: false as const }),
  };
}

const groupsOf = (world: World, person_id: string) => world.memberships[PEOPLE.indexOf(person_id)] ?? [];
const steadsOf = (world: World, person_id: string) =>
  PEOPLE.flatMap((away, place) =>
    world.delegates[place] === person_id ? [{ person_id: away, name: away, group_ids: groupsOf(world, away) }] : [],
  );
const approverOf = (world: World, person_id: string): Attempt['approver'] => ({
  ...{ person_id, via: 'slack', account: `T1/${person_id}`, is_active: true, was_behind: false },
  ...{ group_ids: groupsOf(world, person_id), steads: steadsOf(world, person_id) },
});

/** Each click approves what is open then, if the rule lets it. */
function play(world: World): { readonly decisions: readonly Decision[]; readonly is_approved: boolean } {
  const decisions: Decision[] = [];
  let state: 'pending' | 'approved' = 'pending';
  for (const person_id of world.clicks) {
    for (const shown_stage of [0, 1]) {
      const request = subject({ state, requirement: requirementOf(world), excluded_people: world.excluded });
      const attempt = {
        approver: approverOf(world, person_id),
        decision: 'approve',
        reason: null,
        shown_digest: DIGEST,
        shown_stage,
        shown: 'whole',
      } as const;
      const verdict = canDecide(request, decisions, attempt, NOW);
      if (verdict.kind === 'refused') continue;
      const { stage, group_ids, stands_in_for } = verdict;
      decisions.push(decision(person_id, { stage, decision: 'approve', digest: DIGEST, group_ids, stands_in_for }));
      if (verdict.state === 'approved') state = 'approved';
      break;
    }
  }
  return { decisions, is_approved: state === 'approved' };
}

const check = (holds: (world: World, played: ReturnType<typeof play>) => boolean) =>
  fc.assert(
    fc.property(worlds, (world) => holds(world, play(world))),
    { numRuns: 2_000 },
  );
const stoodFor = (decisions: readonly Decision[]) =>
  decisions.flatMap(({ stands_in_for }) => (stands_in_for ?? []).map(({ person_id }) => person_id));

describe('over random people who are away and groups that stand in', () => {
  test('no human has two voices, its own or in whosever place (INV-1)', () => {
    let steads = 0;
    check(({ is_distinct }, { decisions: all }) => {
      const voices = is_distinct ? [all] : [0, 1].map((stage) => all.filter((made) => made.stage === stage));
      return voices.every((decisions) => {
        const away = stoodFor(decisions);
        steads += away.length;
        const deciding = decisions.map(({ person_id }) => person_id);
        const isOnce = new Set(deciding).size === deciding.length && new Set(away).size === away.length;
        return isOnce && !away.some((person_id) => deciding.includes(person_id));
      });
    });
    expect(steads).toBeGreaterThan(100);
  });

  test('nobody who is excluded decides, nor does anybody in that place (INV-2)', () => {
    check(({ excluded }, { decisions }) =>
      [...decisions.map(({ person_id }) => person_id), ...stoodFor(decisions)].every((id) => !excluded.includes(id)),
    );
  });

  test('approved means as many distinct people as each stage needs, whoever was added or stood in (INV-1)', () => {
    let approved = 0;
    check((world, { decisions, is_approved }) => {
      if (!is_approved) return true;
      approved += 1;
      return requirementOf(world).stages.every(({ quorum }, stage) => {
        const here = decisions.filter((made) => made.stage === stage);
        return new Set(here.map(({ person_id }) => person_id)).size >= quorum;
      });
    });
    expect(approved).toBeGreaterThan(100);
  });

  test('groups that were added lower nothing: without their people the stage needs as many (INV-1)', () => {
    check((world, { decisions }) => {
      const request = subject({ requirement: requirementOf(world), excluded_people: world.excluded });
      const without = {
        ...request.requirement,
        stages: request.requirement?.stages.map(({ added: _added, ...stage }) => stage) ?? [],
      };
      return without.stages.every((stage, index) => {
        const escalated = progressAt(request, decisions, index);
        const plain = progressAt({ ...request, requirement: without }, decisions, index);
        // Whoever is in the first groups counts the same, and the shares of groups are theirs alone.
        return escalated.quorum === stage.quorum && escalated.approvals >= plain.approvals;
      });
    });
  });

  test('at the claim both are looked at: who decided, and in whose place (INV-1)', () => {
    let checked = 0;
    check((world, { decisions, is_approved }) => {
      const away = stoodFor(decisions);
      if (!is_approved || away.length === 0) return true;
      checked += 1;
      const request = subject({ requirement: requirementOf(world), excluded_people: world.excluded });
      const people = PEOPLE.map((id) => approverOf(world, id));
      const delegations = PEOPLE.flatMap((person_id, place) => {
        const delegate_person_id = world.delegates[place];
        return typeof delegate_person_id === 'string' ? [{ person_id, delegate_person_id }] : [];
      });
      const gone = people.map((person) => (away.includes(person.person_id) ? { ...person, is_active: false } : person));
      const isAnyBoth = decisions.some(({ person_id }) => away.includes(person_id));
      const isStanding = hasQuorum(request, decisions, people, delegations);
      // In another stage than their delegate's they may have decided themselves.
      if (isAnyBoth) return isStanding;
      // Without them it is as if only those had decided who had a right of their own.
      const own = decisions.filter(({ stands_in_for }) => (stands_in_for ?? null) === null);
      const left = hasQuorum(request, own, people, delegations);
      return (
        isStanding &&
        hasQuorum(request, decisions, gone, delegations) === left &&
        hasQuorum(request, decisions, people, []) === left
      );
    });
    expect(checked).toBeGreaterThan(50);
  });
});
