// The rule of the decision by examples: each refusal, what counts, and when there is a quorum.

import { describe, expect, test } from '@jest/globals';
import {
  type Attempt,
  canDecide,
  type DecisionRefusal,
  hasQuorum,
  isReason,
} from '../../src/domain/request/decision.ts';
import { currentStage, tally } from '../../src/domain/request/stages.ts';
import { approver, attempt, decision, NOW, requirement, type Subject, subject } from './decisions.ts';

const WITH = {
  reason: { ...requirement(1), reason: 'required' },
  confirm: { ...requirement(1), confirm: true },
} as const;

describe('an attempt is refused when', () => {
  const dba = approver('ann', { group_ids: ['g9'] });
  test.each<[title: string, refusal: DecisionRefusal, request: Partial<Subject>, attempted: Partial<Attempt>]>([
    ['the person is deactivated', 'inactive', {}, { approver: approver('ann', { is_active: false }) }],
    ['the person is the owner of the agent (INV-2)', 'is_requester', {}, { approver: approver('owner') }],
    ['the person is in no group of the stage', 'not_in_group', {}, { approver: dba }],
    [
      'the person is in a group of a later stage only',
      'not_in_group',
      { requirement: requirement(1, 1) },
      {
        approver: approver('ann', { group_ids: ['g1'] }),
      },
    ],
    ['nobody was required', 'not_in_group', { requirement: null }, {}],
    ['the screen showed another content', 'content_changed', {}, { shown_digest: 'sha256:other' }],
    ['the content was too long for the card and was not opened', 'review_first', { needs_review: true }, {}],
    ['only its name was shown, as in a list', 'review_first', {}, { shown: 'name' }],
    ['a reason is asked for and one click was made', 'review_first', { requirement: WITH.reason }, {}],
    [
      'an approval lacks the reason that is asked for',
      'reason_missing',
      { requirement: WITH.reason },
      { shown: 'confirmed' },
    ],
    ['a second look is asked for and one click was made', 'review_first', { requirement: WITH.confirm }, {}],
    [
      'a second look is asked for and there was none',
      'review_first',
      { requirement: WITH.confirm },
      { shown: 'whole', reason: 'looks right' },
    ],
    ['a denial has no reason', 'reason_missing', {}, { decision: 'deny' }],
    ['a denial has two characters of reason', 'reason_missing', {}, { decision: 'deny', reason: '  no ' }],
    ['its time is over to the millisecond', 'expired', { expires_at: NOW }, {}],
    ['it has expired', 'expired', { state: 'expired' }, {}],
    ['it was approved before', 'closed', { state: 'approved' }, {}],
    ['it was denied before', 'closed', { state: 'denied' }, {}],
    ['it was cancelled before', 'closed', { state: 'cancelled' }, {}],
  ])('%s', (_title, refusal, request, attempted) => {
    expect(canDecide(subject(request), [], attempt(attempted), NOW)).toEqual({ kind: 'refused', refusal });
  });

  test('the person has decided before, whichever way (INV-3)', () => {
    for (const earlier of [decision('ann'), decision('ann', { decision: 'deny' })]) {
      const verdict = canDecide(subject({ requirement: requirement(2) }), [earlier], attempt(), NOW);
      expect(verdict).toEqual({ kind: 'refused', refusal: 'already_counted' });
    }
  });
});

describe('an attempt counts', () => {
  test('one approval of one is approved', () => {
    expect(canDecide(subject(), [], attempt(), NOW)).toEqual({
      kind: 'counted',
      stage: 0,
      group_ids: ['g0'],
      stands_in_for: null,
      state: 'approved',
      tally: { approvals: 1, quorum: 1 },
    });
  });

  test('the first approval of two leaves it pending, the second of another person approves (INV-1)', () => {
    const two = subject({ requirement: requirement(2) });
    expect(canDecide(two, [], attempt(), NOW)).toMatchObject({ state: 'pending', tally: { approvals: 1, quorum: 2 } });
    const second = attempt({ approver: approver('ben') });
    expect(canDecide(two, [decision('ann')], second, NOW)).toMatchObject({ state: 'approved' });
  });

  test('a denial with a reason ends it at once, whatever was approved before', () => {
    const denial = attempt({ approver: approver('ben'), decision: 'deny', reason: 'too much' });
    const verdict = canDecide(subject({ requirement: requirement(3) }), [decision('ann')], denial, NOW);
    expect(verdict).toMatchObject({ kind: 'counted', state: 'denied' });
  });

  test('a denial needs no look at the content, an approval that was shown the whole counts', () => {
    const long = subject({ needs_review: true });
    expect(canDecide(long, [], attempt({ decision: 'deny', reason: 'too much', shown: 'name' }), NOW)).toMatchObject({
      state: 'denied',
    });
    expect(canDecide(long, [], attempt({ shown: 'whole' }), NOW)).toMatchObject({ state: 'approved' });
  });

  test('an approval counts with the reason and the second look that were asked for', () => {
    const both = subject({ requirement: { ...WITH.reason, ...WITH.confirm } });
    const whole = attempt({ shown: 'confirmed', reason: 'looks right' });
    expect(canDecide(both, [], whole, NOW)).toMatchObject({ state: 'approved' });
    const seen = attempt({ shown: 'whole', reason: 'looks right' });
    expect(canDecide(subject({ requirement: WITH.reason }), [], seen, NOW)).toMatchObject({ state: 'approved' });
  });

  test('the last stage approves, an earlier one does not', () => {
    const staged = subject({ requirement: requirement(1, 1) });
    expect(canDecide(staged, [], attempt(), NOW)).toMatchObject({ stage: 0, state: 'pending' });
    const second = attempt({ approver: approver('ben', { group_ids: ['g1'] }) });
    expect(canDecide(staged, [decision('ann')], second, NOW)).toMatchObject({ stage: 1, state: 'approved' });
  });
});

test.each([
  ['three characters', 'abc', true],
  ['500 characters between spaces', ` ${'x'.repeat(500)} `, true],
  ['500 characters of two code units each', '😀'.repeat(500), true],
  ['none', null, false],
  ['two characters', 'no', false],
  ['two characters and spaces', ' no  ', false],
  ['501 characters', 'x'.repeat(501), false],
])('a reason is 3 to 500 characters: %s', (_what, reason, is_reason) => {
  expect(isReason(reason)).toBe(is_reason);
});

test('a requirement without stages is never met (INV-1)', () => {
  expect(hasQuorum(subject({ requirement: { stages: [] } }), [], [])).toBe(false);
  expect(hasQuorum(subject({ requirement: null }), [], [])).toBe(false);
  expect(canDecide(subject({ requirement: { stages: [] } }), [], attempt(), NOW)).toMatchObject({ kind: 'refused' });
});

test('one person with two approvals in the record counts once towards the quorum (INV-1)', () => {
  const twice = [decision('ann'), { ...decision('ann'), id: 'dec_2' }];
  expect(hasQuorum(subject({ requirement: requirement(2) }), twice, [approver('ann'), approver('ann')])).toBe(false);
  expect(tally(subject({ requirement: requirement(2) }), twice)).toEqual({ approvals: 1, quorum: 2 });
  expect(currentStage(subject({ requirement: requirement(2) }), twice)).toBe(0);
});

test('approvals of another digest make no quorum, and a denial unmakes one (INV-1)', () => {
  const people = [approver('ann'), approver('ben')];
  expect(hasQuorum(subject(), [decision('ann')], people)).toBe(true);
  expect(hasQuorum(subject(), [decision('ann', { digest: 'sha256:other' })], people)).toBe(false);
  expect(hasQuorum(subject(), [decision('ann'), decision('ben', { decision: 'deny' })], people)).toBe(false);
});

test('the tally of a finished request is that of its last stage', () => {
  const decisions = [decision('ann'), decision('ben', { stage: 1 }), decision('cat', { stage: 1 })];
  expect(tally(subject({ requirement: requirement(1, 2) }), decisions)).toEqual({ approvals: 2, quorum: 2 });
});
