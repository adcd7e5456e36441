// Stages by examples: their order, who counts in which, what ends them, and what people turn out to be afterwards.

import { describe, expect, test } from '@jest/globals';
import { type Attempt, canDecide, type Decision, hasQuorum } from '../../src/domain/request/decision.ts';
import type { Requirement } from '../../src/domain/request/request.ts';
import { currentStage, isMet, openSince, tally } from '../../src/domain/request/stages.ts';
import { approver, attempt, decision, later, NOW, requirement, subject } from './decisions.ts';

const BOTH = ['g0', 'g1'];
const inBoth = (name: string, changes: Partial<Attempt> = {}) =>
  attempt({ approver: approver(name, { group_ids: BOTH }), ...changes });
const ofSecond = (name: string) => attempt({ approver: approver(name, { group_ids: ['g1'] }) });
const staged = (more: Partial<Requirement> = {}) => subject({ requirement: { ...requirement(1, 1), ...more } });
const refused = (refusal: string) => ({ kind: 'refused', refusal });

describe('in order', () => {
  test('a later stage decides nothing before the one before is full, and the last one approves', () => {
    const request = subject({ requirement: requirement(2, 1) });
    expect(canDecide(request, [], ofSecond('cat'), NOW)).toEqual(refused('not_in_group'));
    expect(canDecide(request, [decision('ann')], ofSecond('cat'), NOW)).toEqual(refused('not_in_group'));
    const full = [decision('ann'), decision('ben')];
    expect(canDecide(request, full, ofSecond('cat'), NOW)).toMatchObject({
      stage: 1,
      group_ids: ['g1'],
      state: 'approved',
    });
  });

  test('one denial of the open stage ends it, whatever was approved before', () => {
    const denial = { ...ofSecond('cat'), decision: 'deny', reason: 'Not now.' } as const;
    expect(canDecide(staged(), [], denial, NOW)).toEqual(refused('not_in_group'));
    expect(canDecide(staged(), [decision('ann')], denial, NOW)).toMatchObject({ stage: 1, state: 'denied' });
  });

  test('a stage is open since the last approval of those before it', () => {
    const request = { ...staged(), created_at: NOW };
    expect(openSince(request, [], 0)).toEqual(NOW);
    expect(openSince(request, [decision('ann', { decided_at: later(30) })], 1)).toEqual(later(30));
  });
});

describe('nobody counts twice (INV-1)', () => {
  test('whoever approved one stage approves no other one', () => {
    expect(canDecide(staged(), [decision('ann', { group_ids: BOTH })], inBoth('ann'), NOW)).toEqual(
      refused('already_counted'),
    );
  });

  test('the same account approves no other one, whoever has it by then', () => {
    const moved = inBoth('eve', { approver: approver('eve', { account: 'T1/ann', group_ids: BOTH }) });
    expect(canDecide(staged(), [decision('ann')], moved, NOW)).toEqual(refused('already_counted'));
  });

  test('where stages are not distinct, one may approve each of them, once, on a screen that asked for it', () => {
    const request = staged({ distinct_stages: false });
    const first = [decision('ann', { group_ids: BOTH })];
    expect(canDecide(request, first, inBoth('ann', { shown_stage: 1 }), NOW)).toMatchObject({
      stage: 1,
      state: 'approved',
    });
    // The second half of a double click was for the stage that is over.
    expect(canDecide(request, first, inBoth('ann', { shown_stage: 0 }), NOW)).toEqual(refused('already_counted'));
    const two = subject({ requirement: { ...requirement(1, 2), distinct_stages: false } });
    const second = decision('ann', { stage: 1, group_ids: BOTH });
    expect(canDecide(two, [...first, second], inBoth('ann', { shown_stage: 1 }), NOW)).toEqual(
      refused('already_counted'),
    );
  });

  test('people who turn out to be one count in the earlier stage alone', () => {
    const decisions = [decision('ann'), decision('ann', { id: 'dec_2', stage: 1, account: 'T1/ann2' })];
    expect(isMet(staged(), decisions)).toBe(false);
    expect(currentStage(staged(), decisions)).toBe(1);
    expect(hasQuorum(staged(), decisions, [approver('ann', { group_ids: BOTH })])).toBe(false);
    expect(isMet(staged({ distinct_stages: false }), decisions)).toBe(true);
  });
});

describe('a stage that opens again', () => {
  const CAT = decision('cat', { stage: 1 });
  test('is filled by others, and what stands in the later one still counts', () => {
    const moved = decision('ann', { account_moved_at: later(1) });
    const request = subject({ requirement: requirement(1, 1, 1) });
    expect(currentStage(request, [moved, CAT])).toBe(0);
    const ben = attempt({ approver: approver('ben') });
    expect(canDecide(request, [moved, CAT], ben, NOW)).toMatchObject({ stage: 0, state: 'pending' });
    expect(currentStage(request, [moved, CAT, decision('ben')])).toBe(2);
    // Were it the last that was missing, its approval approves.
    expect(canDecide(staged(), [moved, CAT], ben, NOW)).toMatchObject({ stage: 0, state: 'approved' });
  });
});

describe('one of every group', () => {
  const EACH: Requirement = {
    stages: [{ approvers: BOTH.map((group_id) => ({ group_id, name: group_id })), quorum: 2, each: true }],
  };
  const request = subject({ requirement: EACH });
  test('two of one group are not enough, and the one of the other approves', () => {
    const two = [decision('ann', { group_ids: ['g0'] }), decision('ben', { group_ids: ['g0'] })];
    expect(isMet(request, two)).toBe(false);
    expect(tally(request, two)).toEqual({ approvals: 2, quorum: 2 });
    expect(canDecide(request, two, ofSecond('cat'), NOW)).toMatchObject({ state: 'approved' });
  });

  test('at the claim it goes by the groups that people are in then', () => {
    const decisions: Decision[] = [decision('ann', { group_ids: ['g0'] }), decision('cat', { group_ids: ['g1'] })];
    const people = (ofAnn: string[]) => [approver('ann', { group_ids: ofAnn }), approver('cat', { group_ids: ['g1'] })];
    expect(hasQuorum(request, decisions, people(['g0']))).toBe(true);
    expect(hasQuorum(request, decisions, people(['g1']))).toBe(false);
    expect(hasQuorum(request, decisions, people([]))).toBe(false);
  });
});

/** What is wrong with how others count; each of these would be an approval there. */
describe('what other products let through is no quorum here (INV-1)', () => {
  const five = ['g0', 'g1', 'g2', 'g3', 'g4'];
  const requires = (quorum: number) =>
    subject({
      requirement: { stages: [{ approvers: five.map((group_id) => ({ group_id, name: group_id })), quorum }] },
    });

  test('one member of five groups is one person, not five groups that approved', () => {
    expect(isMet(requires(2), [decision('ann', { group_ids: five })])).toBe(false);
    const again = attempt({ approver: approver('ann', { group_ids: five }) });
    expect(canDecide(requires(2), [decision('ann', { group_ids: five })], again, NOW)).toEqual(
      refused('already_counted'),
    );
  });

  test('more approvals than needed never strand a request: full is enough or more, not exactly enough', () => {
    const decisions = ['ann', 'ben', 'cat'].map((name) => decision(name, { group_ids: five }));
    expect(isMet(requires(2), decisions)).toBe(true);
    const fourth = attempt({ approver: approver('dan', { group_ids: five }) });
    expect(canDecide(requires(2), decisions, fourth, NOW)).toEqual(refused('not_in_group'));
  });

  test('an approval against a denial: the denial stands, whichever came last', () => {
    const denial = decision('ben', { decision: 'deny', group_ids: five });
    expect(hasQuorum(requires(1), [denial, decision('ann', { group_ids: five })], [approver('ann')])).toBe(false);
    expect(hasQuorum(requires(1), [decision('ann', { group_ids: five }), denial], [approver('ann')])).toBe(false);
  });

  test('silence in a stage never passes it: no time fills one', () => {
    expect(currentStage(staged(), [])).toBe(0);
    expect(canDecide(staged(), [], ofSecond('cat'), later(599))).toEqual(refused('not_in_group'));
    expect(canDecide(staged(), [], attempt(), later(600))).toEqual(refused('expired'));
  });
});
