// The rule of the decision: each refusal by a table, and INV-1 to INV-4 over random people, groups and attempts.

import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  type Approver,
  type Attempt,
  canDecide,
  currentStage,
  type Decision,
  hasQuorum,
  isReason,
  type RefusalKind,
  tally,
} from '../../src/domain/decision.ts';
import { isFinal, type RequestState, type Requirement, remindAt } from '../../src/domain/request.ts';

const DIGEST = 'sha256:right';
const NOW = new Date('2030-01-01T00:00:00Z');
const later = (seconds: number) => new Date(NOW.getTime() + seconds * 1_000);

const requirement = (...quorums: number[]): Requirement => ({
  stages: quorums.map((quorum, place) => ({ approvers: [{ group_id: `g${place}`, name: `group ${place}` }], quorum })),
});

type Subject = Parameters<typeof canDecide>[0];
const subject = (changes: Partial<Subject> = {}): Subject => ({
  state: 'pending',
  digest: DIGEST,
  excluded_people: ['owner'],
  requirement: requirement(1),
  needs_review: false,
  expires_at: later(600),
  ...changes,
});

const approver = (person_id: string, changes: Partial<Approver> = {}): Approver => ({
  person_id,
  is_active: true,
  group_ids: ['g0'],
  ...changes,
});

const attempt = (changes: Partial<Attempt> = {}): Attempt => ({
  approver: approver('ann'),
  decision: 'approve',
  reason: null,
  shown_digest: DIGEST,
  has_seen_all: false,
  ...changes,
});

const decision = (person_id: string, changes: Partial<Decision> = {}): Decision => ({
  id: `dec_${person_id}`,
  request_id: 'apr_1',
  stage: 0,
  person_id,
  decision: 'approve',
  reason: null,
  digest: DIGEST,
  decided_at: NOW,
  ...changes,
});

describe('an attempt is refused when', () => {
  const dba = approver('ann', { group_ids: ['g9'] });
  test.each<[title: string, why: RefusalKind, request: Partial<Subject>, attempted: Partial<Attempt>]>([
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
    ['a denial has no reason', 'reason_missing', {}, { decision: 'deny' }],
    ['a denial has two characters of reason', 'reason_missing', {}, { decision: 'deny', reason: '  no ' }],
    ['its time is over to the millisecond', 'expired', { expires_at: NOW }, {}],
    ['it has expired', 'expired', { state: 'expired' }, {}],
    ['it was approved before', 'closed', { state: 'approved' }, {}],
    ['it was denied before', 'closed', { state: 'denied' }, {}],
    ['it was cancelled before', 'closed', { state: 'cancelled' }, {}],
  ])('%s', (_title, why, request, attempted) => {
    expect(canDecide(subject(request), [], attempt(attempted), NOW)).toEqual({ kind: 'refused', why });
  });

  test('the person has decided before, whichever way (INV-3)', () => {
    for (const earlier of [decision('ann'), decision('ann', { decision: 'deny' })]) {
      const verdict = canDecide(subject({ requirement: requirement(2) }), [earlier], attempt(), NOW);
      expect(verdict).toEqual({ kind: 'refused', why: 'already_counted' });
    }
  });
});

describe('an attempt counts', () => {
  test('one approval of one is approved', () => {
    expect(canDecide(subject(), [], attempt(), NOW)).toEqual({
      kind: 'counted',
      stage: 0,
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

  test('a denial needs no look at the whole content, an approval that has seen it all counts', () => {
    const long = subject({ needs_review: true });
    expect(canDecide(long, [], attempt({ decision: 'deny', reason: 'too much' }), NOW)).toMatchObject({
      state: 'denied',
    });
    expect(canDecide(long, [], attempt({ has_seen_all: true }), NOW)).toMatchObject({ state: 'approved' });
  });

  test('the last stage approves, an earlier one does not', () => {
    const staged = subject({ requirement: requirement(1, 1) });
    expect(canDecide(staged, [], attempt(), NOW)).toMatchObject({ stage: 0, state: 'pending' });
    const second = attempt({ approver: approver('ben', { group_ids: ['g1'] }) });
    expect(canDecide(staged, [decision('ann')], second, NOW)).toMatchObject({ stage: 1, state: 'approved' });
  });
});

type Move = { readonly attempt: Attempt; readonly seconds: number; readonly cancels: boolean };

const PEOPLE = ['p0', 'p1', 'p2', 'p3', 'p4', 'p5'];
const GROUPS = ['g0', 'g1', 'g2'];

const requirements = fc.array(
  fc.record({
    approvers: fc
      .subarray(GROUPS, { minLength: 1 })
      .map((ids) => ids.map((group_id) => ({ group_id, name: group_id }))),
    quorum: fc.integer({ min: 1, max: 3 }),
  }),
  { minLength: 1, maxLength: 2 },
);

const moves: fc.Arbitrary<Move> = fc.record({
  attempt: fc.record({
    approver: fc.record({
      person_id: fc.constantFrom(...PEOPLE),
      is_active: fc.boolean(),
      group_ids: fc.subarray(GROUPS),
    }),
    decision: fc.constantFrom<('approve' | 'deny')[]>('approve', 'approve', 'approve', 'deny'),
    reason: fc.constantFrom(null, 'no', 'not today'),
    shown_digest: fc.constantFrom(DIGEST, DIGEST, 'sha256:other'),
    has_seen_all: fc.boolean(),
  }),
  seconds: fc.integer({ min: 0, max: 120 }),
  cancels: fc.integer({ min: 0, max: 30 }).map((number) => number === 0),
});

const stories = fc.record({
  stages: requirements,
  excluded: fc.subarray(PEOPLE, { maxLength: 2 }),
  needs_review: fc.boolean(),
  moves: fc.array(moves, { maxLength: 40 }),
});

type Story = typeof stories extends fc.Arbitrary<infer T> ? T : never;
type Counted = { readonly decision: Decision; readonly attempt: Attempt; readonly at: Date };

/** Plays attempts as a door would: commits what counts, nothing else. */
function play(story: Story): { states: RequestState[]; counted: Counted[]; late: number } {
  const states: RequestState[] = ['pending'];
  const counted: Counted[] = [];
  let late = 0;
  let now = NOW;
  for (const move of story.moves) {
    now = new Date(now.getTime() + move.seconds * 1_000);
    const state = states.at(-1) ?? 'pending';
    if (move.cancels && state === 'pending') states.push('cancelled');
    const request = subject({
      state: states.at(-1) ?? 'pending',
      requirement: { stages: story.stages },
      excluded_people: story.excluded,
      needs_review: story.needs_review,
    });
    const earlier = counted.map((one) => one.decision);
    const verdict = canDecide(request, earlier, move.attempt, now);
    if (verdict.kind === 'refused') {
      late += 1;
      continue;
    }
    const { approver: person, decision: choice, reason, shown_digest: digest } = move.attempt;
    const made = { stage: verdict.stage, decision: choice, reason, digest, decided_at: now };
    counted.push({ decision: decision(person.person_id, made), attempt: move.attempt, at: now });
    states.push(verdict.state);
  }
  return { states, counted, late };
}

describe('over random people, groups and attempts', () => {
  const check = (holds: (story: Story, played: ReturnType<typeof play>) => boolean) =>
    fc.assert(
      fc.property(stories, (story) => holds(story, play(story))),
      { numRuns: 2_000 },
    );

  test('approved means a quorum of distinct, active members in every stage, for this very digest (INV-1)', () => {
    let approvals = 0;
    check((story, { states, counted }) => {
      if (states.at(-1) !== 'approved') return true;
      approvals += 1;
      return story.stages.every((stage, index) => {
        const people = counted.filter(
          ({ decision: made, attempt: by }) =>
            made.stage === index &&
            made.decision === 'approve' &&
            by.shown_digest === DIGEST &&
            by.approver.is_active &&
            stage.approvers.some((group) => by.approver.group_ids.includes(group.group_id)),
        );
        return new Set(people.map(({ decision: made }) => made.person_id)).size >= stage.quorum;
      });
    });
    // The stories must reach approvals, or the property says nothing.
    expect(approvals).toBeGreaterThan(100);
  });

  test('nobody who is excluded ever counts (INV-2)', () => {
    check((story, { counted }) => counted.every((one) => !story.excluded.includes(one.decision.person_id)));
  });

  test('one person counts once, and a counted decision is never followed by another of theirs (INV-3)', () => {
    check((_story, { counted }) => {
      const people = counted.map((one) => one.decision.person_id);
      return new Set(people).size === people.length;
    });
  });

  test('a final state is the last one, and no attempt after it counts (INV-3, INV-4)', () => {
    check((_story, { states }) => states.slice(0, -1).every((state) => !isFinal(state)));
  });

  test('nothing counts once the time is over, and silence never approves (INV-4)', () => {
    check((_story, { states, counted }) => {
      const inTime = counted.every((one) => one.at.getTime() < later(600).getTime());
      return inTime && (counted.length > 0 || states.at(-1) !== 'approved');
    });
  });

  test('one denial with a reason denies, and every denial has a reason', () => {
    check((_story, { states, counted }) => {
      const denials = counted.filter((one) => one.decision.decision === 'deny');
      const hasReasons = denials.every((one) => isReason(one.decision.reason));
      return hasReasons && denials.length <= 1 && (denials.length === 1) === (states.at(-1) === 'denied');
    });
  });

  test('what is too long for the card is approved only by who has seen all of it', () => {
    check((story, { counted }) =>
      counted.every((one) => !story.needs_review || one.decision.decision === 'deny' || one.attempt.has_seen_all),
    );
  });

  test('the quorum at the claim holds exactly while the same people are still eligible (INV-1)', () => {
    check((story, { states, counted }) => {
      if (states.at(-1) !== 'approved') return true;
      const decisions = counted.map((one) => one.decision);
      const people = counted.map((one) => one.attempt.approver);
      const asked = (excluded_people: readonly string[]) =>
        subject({ requirement: { stages: story.stages }, excluded_people });
      const inactive = people.map((person) => ({ ...person, is_active: false }));
      const moved = people.map((person) => ({ ...person, group_ids: [] }));
      const everyone = people.map((person) => person.person_id);
      return (
        hasQuorum(asked(story.excluded), decisions, people) &&
        !hasQuorum(asked(story.excluded), decisions, inactive) &&
        !hasQuorum(asked(story.excluded), decisions, moved) &&
        !hasQuorum(asked(everyone), decisions, people)
      );
    });
  });
});

test('a requirement without stages is never met (INV-1)', () => {
  expect(hasQuorum(subject({ requirement: { stages: [] } }), [], [])).toBe(false);
  expect(hasQuorum(subject({ requirement: null }), [], [])).toBe(false);
  expect(canDecide(subject({ requirement: { stages: [] } }), [], attempt(), NOW)).toMatchObject({ kind: 'refused' });
});

test('one person with two approvals in the record counts once towards the quorum (INV-1)', () => {
  const twice = [decision('ann'), { ...decision('ann'), id: 'dec_2' }];
  expect(hasQuorum(subject({ requirement: requirement(2) }), twice, [approver('ann'), approver('ann')])).toBe(false);
  expect(tally(requirement(2), twice)).toEqual({ approvals: 1, quorum: 2 });
  expect(currentStage(requirement(2), twice)).toBe(0);
});

test('approvals of another digest make no quorum, and a denial unmakes one (INV-1)', () => {
  const people = [approver('ann'), approver('ben')];
  expect(hasQuorum(subject(), [decision('ann')], people)).toBe(true);
  expect(hasQuorum(subject(), [decision('ann', { digest: 'sha256:other' })], people)).toBe(false);
  expect(hasQuorum(subject(), [decision('ann'), decision('ben', { decision: 'deny' })], people)).toBe(false);
});

test('the tally of a finished request is that of its last stage', () => {
  const decisions = [decision('ann'), decision('ben', { stage: 1 }), decision('cat', { stage: 1 })];
  expect(tally(requirement(1, 2), decisions)).toEqual({ approvals: 2, quorum: 2 });
});

test('the one reminder is due at half time, and never for what did not wait', () => {
  expect(remindAt({ created_at: NOW, expires_at: later(600) })).toEqual(later(300));
  expect(remindAt({ created_at: NOW, expires_at: null })).toBeNull();
});
