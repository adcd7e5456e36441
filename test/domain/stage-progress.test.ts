// How far a stage is: distinct people, and one of its own for each group that has a say.

import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type StageApproval, type StageDemand, stageProgress } from '../../src/domain/request/stage-progress.ts';

const demand = (changes: Partial<StageDemand> = {}): StageDemand => ({
  group_ids: ['payments', 'dba'],
  added_group_ids: [],
  quorum: 2,
  is_each: false,
  ...changes,
});
const by = (person_id: string, ...group_ids: string[]): StageApproval => ({ person_id, group_ids });

describe('a stage is full (INV-1)', () => {
  test.each<
    [title: string, demand: StageDemand, approvals: readonly StageApproval[], full: boolean, waiting: string[]]
  >([
    ['by two people of one group', demand(), [by('ann', 'dba'), by('ben', 'dba')], true, []],
    ['not by one person in both groups', demand(), [by('ann', 'dba', 'payments')], false, []],
    ['not by one person who approved twice', demand(), [by('ann', 'dba'), by('ann', 'payments')], false, []],
    ['not by somebody of another group', demand({ quorum: 1 }), [by('ann', 'sre')], false, []],
    ['not without a group, whatever the quorum', demand({ group_ids: [], quorum: 0 }), [], false, []],
    [
      'with each: not by two of one group',
      demand({ is_each: true }),
      [by('ann', 'dba'), by('ben', 'dba')],
      false,
      ['payments'],
    ],
    ['with each: by one of either', demand({ is_each: true }), [by('ann', 'dba'), by('ben', 'payments')], true, []],
    [
      'with each: whoever is in both stands for the one that nobody else is in',
      demand({ is_each: true }),
      [by('ann', 'dba', 'payments'), by('ben', 'payments')],
      true,
      [],
    ],
    [
      'with each: not by one in both',
      demand({ is_each: true, quorum: 1 }),
      [by('ann', 'dba', 'payments')],
      false,
      ['dba'],
    ],
    [
      'with each: an added group fills the quorum, not a share',
      demand({ is_each: true, added_group_ids: ['leads'] }),
      [by('ann', 'dba'), by('lea', 'leads')],
      false,
      ['payments'],
    ],
    [
      'an added group fills the quorum',
      demand({ added_group_ids: ['leads'] }),
      [by('ann', 'dba'), by('lea', 'leads')],
      true,
      [],
    ],
    [
      'with each: a quorum above the number of groups is still needed',
      demand({ is_each: true, quorum: 3 }),
      [by('ann', 'dba'), by('ben', 'payments')],
      false,
      [],
    ],
  ])('%s', (_title, asks, approvals, is_full, waiting_group_ids) => {
    expect(stageProgress(asks, approvals)).toMatchObject({ is_full, waiting_group_ids });
  });
});

const GROUPS = ['a', 'b', 'c', 'd'];
const approvals = fc.array(
  fc.record({ person_id: fc.constantFrom('p', 'q', 'r', 's', 't'), group_ids: fc.subarray([...GROUPS, 'other']) }),
  { maxLength: 8 },
);
const demands = fc.record({
  group_ids: fc.subarray(GROUPS, { minLength: 1 }),
  added_group_ids: fc.subarray(['other']),
  quorum: fc.integer({ min: 1, max: 4 }),
  is_each: fc.boolean(),
});

/** Every way of giving each group a person of its own, tried. */
function canRepresent(groups: readonly string[], all: readonly StageApproval[], taken: ReadonlySet<string>): boolean {
  const [group, ...rest] = groups;
  if (group === undefined) return true;
  return all.some(
    ({ person_id, group_ids }) =>
      group_ids.includes(group) && !taken.has(person_id) && canRepresent(rest, all, new Set([...taken, person_id])),
  );
}

test('a stage is full exactly when there are enough people, and each group can have one that no other has', () => {
  fc.assert(
    fc.property(demands, approvals, (asks, all) => {
      const groups = [...asks.group_ids, ...asks.added_group_ids];
      const people = new Set(
        all.filter(({ group_ids }) => group_ids.some((id) => groups.includes(id))).map((one) => one.person_id),
      );
      const isFull = people.size >= asks.quorum && (!asks.is_each || canRepresent(asks.group_ids, all, new Set()));
      expect(stageProgress(asks, all)).toMatchObject({ approvals: people.size, is_full: isFull });
    }),
    { numRuns: 3_000 },
  );
});

test('one more approval never makes a full stage less than full', () => {
  fc.assert(
    fc.property(demands, approvals, approvals, (asks, some, more) => {
      if (stageProgress(asks, some).is_full) expect(stageProgress(asks, [...more, ...some]).is_full).toBe(true);
    }),
    { numRuns: 2_000 },
  );
});
