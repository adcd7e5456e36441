// Ways of several moves in one lane: what moves drawn one by one would hardly ever reach.

import fc from 'fast-check';
import type { Account, Policy } from './calls.ts';
import {
  agent,
  has_worked,
  is,
  type Move,
  mostly,
  often,
  PLANS,
  policy,
  rarely,
  seldom,
  slot,
  times,
  who,
} from './move.ts';
import { FIRST_POLICY } from './world.ts';

const ENDINGS = { minLength: 1, maxLength: 4, size: 'max' } as const;

const sometimes = <T>(arbitrary: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 3, arbitrary: fc.constant(null) }, { weight: 1, arbitrary });

/** What an agent and its tool do with a credential, in any order. */
const ending = (slot: number): fc.Arbitrary<Move> => {
  const calling = { slot: fc.constant(slot), is_other_agent: rarely, is_first_key: seldom };
  const at = { slot: fc.constant(slot) };
  return fc.oneof(
    { weight: 10, arbitrary: fc.record({ kind: is('use'), ...at, is_right_digest: mostly, is_own: often }) },
    { weight: 4, arbitrary: fc.record({ kind: is('tool_report'), ...at, has_worked, is_own: often }) },
    { weight: 4, arbitrary: fc.record({ kind: is('report'), ...calling, has_worked }) },
    { weight: 4, arbitrary: fc.record({ kind: is('claim', 'claim', 'get', 'cancel'), ...calling }) },
    { weight: 2, arbitrary: fc.record({ kind: is('give_back'), ...calling }) },
    { weight: 1, arbitrary: fc.record({ kind: is('end_lease'), ...at }) },
  );
};

/** A credential is used right after its end, when nothing but the clock says so. */
const overIn = (slot: number): readonly Move[] => [
  { kind: 'end_lease', slot },
  { kind: 'use', slot, is_right_digest: true, is_own: true },
];

/** The whole way of a request, in one lane: what comes late is reached too. Now and then people leave on the way. */
export const whole: fc.Arbitrary<readonly Move[]> = slot.chain((slot) =>
  fc
    .record({
      left: sometimes(policy),
      is_late: seldom,
      is_over: fc.constantFrom(true, false, false),
      endings: fc.array(ending(slot), ENDINGS),
    })
    .map(({ left, is_late, is_over, endings }): readonly Move[] => [
      ...(['ann', 'ben', 'cyd'] as const).map((who): Move => ({ kind: 'approve', slot, times: 1, who })),
      ...(left === null ? [] : [{ kind: 'apply', policy: left } as const]),
      ...(is_late ? [{ kind: 'end_claim_window', slot } as const] : []),
      { kind: 'claim', slot, is_other_agent: false, is_first_key: false },
      ...(is_over ? overIn(slot) : []),
      ...endings,
    ]),
);

/** Around the end of a request's time, and after it. */
export const late: fc.Arbitrary<readonly Move[]> = slot.chain((slot) => {
  const clicking = fc.record({ kind: is('approve'), slot: fc.constant(slot), who, times });
  const asking = fc.record({ kind: is('review', 'deny'), slot: fc.constant(slot), who, is_altered: rarely });
  const calls = fc.array(fc.oneof(clicking, clicking, asking, ending(slot)), ENDINGS);
  return calls.map((moves): readonly Move[] => [{ kind: 'rest', slot }, ...moves]);
});

/** A key beyond the end of its overlap, and the one after it. */
export const rotated: fc.Arbitrary<readonly Move[]> = fc.tuple(agent, slot).map(([agent, slot]): readonly Move[] => {
  const calling = { slot, is_other_agent: false };
  return [
    { kind: 'rotate', agent, overlap_seconds: 1 },
    { kind: 'get', ...calling, is_first_key: true },
    { kind: 'rest_keys', agent },
    { kind: 'get', ...calling, is_first_key: true },
    { kind: 'get', ...calling, is_first_key: false },
  ];
});

/** Whom the file knows by both accounts of ann, and cyd, who is one of those who decide. */
const BEFORE_THE_MOVE: Policy = {
  ...FIRST_POLICY,
  pay: ['ann', 'ben', 'cyd', 'own', 'beh'],
  accounts: ['ann', 'ann2', 'cyd'],
};

/** A second account that decides, becomes another person's, and decides again: on the same request, and on the next. */
export const moved: fc.Arbitrary<readonly Move[]> = fc
  .tuple(slot, fc.boolean())
  .map(([slot, isKnown]): readonly Move[] => {
    const approve = (who: Account, at = slot): Move => ({ kind: 'approve', slot: at, who, times: 1 });
    const next = (slot + 1) % PLANS;
    return [
      { kind: 'apply', policy: BEFORE_THE_MOVE },
      approve('ann2'),
      { kind: 'move' },
      // While it shows ann's address it is neither's.
      ...(isKnown ? [approve('ann2', next)] : []),
      { kind: 'rename', who: 'ann2', is_new: true },
      approve('ann2'),
      approve('ann2', next),
      approve('ann'),
      approve('cyd'),
      { kind: 'claim', slot, is_other_agent: false, is_first_key: false },
    ];
  });

/** Two people who turn out to be one, said twice; the first of the two has decided before. */
export const merged: fc.Arbitrary<readonly Move[]> = slot.map((slot): readonly Move[] => [
  { kind: 'apply', policy: BEFORE_THE_MOVE },
  { kind: 'approve', slot, times: 1, who: 'ben' },
  { kind: 'merge' },
  { kind: 'merge' },
]);

/** A person whose address in Slack changes clicks before the file follows, and then shows the old one again. */
export const renamed: fc.Arbitrary<readonly Move[]> = slot.map((slot): readonly Move[] => [
  { kind: 'rename', who: 'ann', is_new: true },
  { kind: 'approve', slot, times: 1, who: 'ann' },
  { kind: 'rename', who: 'ann', is_new: false },
]);
