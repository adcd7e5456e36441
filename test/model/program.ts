// Random programs: which requests there are, and what each of several lanes does to them at the same time.

import fc from 'fast-check';
import {
  ACCOUNTS,
  ACTIONS,
  type Account,
  type AgentName,
  type Body,
  type OverlapSeconds,
  type Person,
  type Policy,
  type SharedCall,
} from './calls.ts';
import { FIRST_POLICY } from './world.ts';

/** A request as it is planned: by which agent, and the two bodies that are sent under its key. */
export type Plan = { readonly agent: AgentName; readonly bodies: readonly [Body, Body] };

type About = { readonly slot: number };
type Calling = About & { readonly is_other_agent: boolean; readonly is_first_key: boolean };

export type Move =
  | (Calling & { readonly kind: 'create'; readonly body: 0 | 1 })
  | (Calling & { readonly kind: 'get' | 'wait' | 'list' | 'cancel' | 'claim' })
  | (Calling & { readonly kind: 'report'; readonly has_worked: boolean })
  | (About & { readonly kind: 'use'; readonly is_right_digest: boolean; readonly is_own: boolean })
  | (About & { readonly kind: 'tool_report'; readonly has_worked: boolean; readonly is_own: boolean })
  | (About & { readonly kind: 'approve'; readonly who: Account; readonly times: 1 | 2 })
  | (About & { readonly kind: 'review' | 'deny'; readonly who: Account; readonly is_altered: boolean })
  /** Nothing is done until the time of a short request is over. */
  | (About & { readonly kind: 'rest' })
  /** The time to claim or to use is over now; nothing else of these times would come within a program. */
  | (About & { readonly kind: 'end_claim_window' | 'end_lease' })
  /** Nothing is done until keys that were rotated out work no longer. */
  | { readonly kind: 'rest_keys'; readonly agent: AgentName }
  | SharedCall;

export type Program = {
  readonly plans: readonly Plan[];
  readonly lanes: readonly (readonly Move[])[];
  /** The worker stands still while the lanes run: time passes, and no row says so. */
  readonly is_worker_away: boolean;
};

/** Few requests, so that lanes meet at them. */
const PLANS = 4;
/** So many are there when the lanes begin; those left to the lanes meet policies of their own, and their own repeats. */
export const PLANS_BEFORE = 2;
const LANES = 4;
const STEPS_MIN = 4;
const STEPS_MAX = 8;
const ENDINGS = { minLength: 1, maxLength: 4, size: 'max' } as const;

/** Once in ten times; no edge of its range, since those come more often. */
const rarely = fc.integer({ min: 0, max: 9 }).map((number) => number === 7);
const slot = fc.nat({ max: PLANS - 1 });
const agent = fc.constantFrom<AgentName[]>('one', 'one', 'one', 'two');
/** Those whose clicks may count come more often. */
const LIKELY: readonly Account[] = ['ann', 'ben', 'cyd', 'beh', 'ann', 'ben'];
const who = fc.constantFrom<Account[]>(...LIKELY, ...LIKELY, ...ACCOUNTS);

const body: fc.Arbitrary<Body> = fc.record({
  action: fc.constantFrom<Body['action'][]>('two', 'two', 'both', 'both', 'dba', ...ACTIONS),
  is_long: rarely,
  is_for_beh: rarely,
  seconds: fc.constantFrom(null, null, null, 1, 2),
  credential: fc.constantFrom<Body['credential'][]>(null, null, null, null, 'less', 'more'),
});

const policy: fc.Arbitrary<Policy> = fc.record({
  pay: fc.subarray<Person>(['ann', 'ben', 'own', 'beh', 'mel', 'gus', 'gon'], { minLength: 2 }),
  dba: fc.constantFrom<Policy['dba'][]>('S1', 'S1', 'S2', 'listed', 'gone'),
  quorum: fc.integer({ min: 1, max: 3 }),
  vary: fc.constantFrom<Policy['vary'][]>('allow', 'deny', 'require'),
  accounts: fc.subarray<Account>(['ann', 'ann2', 'ben', 'ben2', 'gus']),
});

const often = rarely.map((is) => !is);
const mostly = fc.integer({ min: 0, max: 4 }).map((number) => number !== 3);
const seldom = mostly.map((is) => !is);

const calling = { slot, is_other_agent: rarely, is_first_key: seldom };
const has_worked = fc.boolean();
const accounts = fc.subarray<Account>(['ben', 'ben2', 'cyd', 'mel', 'own']);

const times = rarely.map((is) => (is ? 2 : 1) as 1 | 2);
const number = rarely.map((is) => (is ? 1 : 0) as 0 | 1);
const overlap_seconds = fc.constantFrom<OverlapSeconds[]>(0, 1, 3_600);
const is = <T extends Move['kind']>(...kinds: T[]) => fc.constantFrom(...kinds);

const move: fc.Arbitrary<Move> = fc.oneof(
  { weight: 16, arbitrary: fc.record({ kind: is('approve'), slot, who, times }) },
  { weight: 8, arbitrary: fc.record({ kind: is('review', 'review', 'deny'), slot, who, is_altered: seldom }) },
  { weight: 7, arbitrary: fc.record({ kind: is('create'), ...calling, body: number }) },
  { weight: 5, arbitrary: fc.record({ kind: is('get', 'wait', 'list'), ...calling }) },
  { weight: 2, arbitrary: fc.record({ kind: is('cancel'), ...calling }) },
  { weight: 4, arbitrary: fc.record({ kind: is('claim'), ...calling }) },
  { weight: 2, arbitrary: fc.record({ kind: is('report'), ...calling, has_worked }) },
  { weight: 3, arbitrary: fc.record({ kind: is('use'), slot, is_right_digest: often, is_own: often }) },
  { weight: 2, arbitrary: fc.record({ kind: is('tool_report'), slot, has_worked, is_own: often }) },
  // People come back with the file that the program began with.
  { weight: 4, arbitrary: fc.record({ kind: is('apply'), policy: fc.oneof(policy, fc.constant(FIRST_POLICY)) }) },
  { weight: 2, arbitrary: fc.record({ kind: is('rotate'), agent, overlap_seconds }) },
  { weight: 1, arbitrary: fc.record({ kind: is('end_claim_window', 'end_lease'), slot }) },
  { weight: 1, arbitrary: fc.record({ kind: is('revoke'), agent: fc.constant('two' as const) }) },
  { weight: 3, arbitrary: fc.record({ kind: is('account'), who, is_off: fc.boolean() }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: is('rename'), who: fc.constantFrom('ann', 'ann2'), is_new: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.record({ kind: is('second_address') }) },
  { weight: 2, arbitrary: fc.record({ kind: is('merge') }) },
  { weight: 1, arbitrary: fc.record({ kind: is('move') }) },
  { weight: 3, arbitrary: fc.record({ kind: is('members'), group: fc.constantFrom('S1', 'S2'), accounts }) },
);

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
    { weight: 1, arbitrary: fc.record({ kind: is('end_lease'), ...at }) },
  );
};

/** A credential is used right after its end, when nothing but the clock says so. */
const overIn = (slot: number): readonly Move[] => [
  { kind: 'end_lease', slot },
  { kind: 'use', slot, is_right_digest: true, is_own: true },
];

/** The whole way of a request, in one lane: what comes late is reached too. Now and then people leave on the way. */
const whole: fc.Arbitrary<readonly Move[]> = slot.chain((slot) =>
  fc
    .record({
      left: sometimes(policy),
      is_late: rarely,
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
const late: fc.Arbitrary<readonly Move[]> = slot.chain((slot) => {
  const clicking = fc.record({ kind: is('approve'), slot: fc.constant(slot), who, times });
  const asking = fc.record({ kind: is('review', 'deny'), slot: fc.constant(slot), who, is_altered: rarely });
  const calls = fc.array(fc.oneof(clicking, clicking, asking, ending(slot)), ENDINGS);
  return calls.map((moves): readonly Move[] => [{ kind: 'rest', slot }, ...moves]);
});

/** A key beyond the end of its overlap, and the one after it. */
const rotated: fc.Arbitrary<readonly Move[]> = fc.tuple(agent, slot).map(([agent, slot]): readonly Move[] => {
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
const moved: fc.Arbitrary<readonly Move[]> = fc.tuple(slot, fc.boolean()).map(([slot, isKnown]): readonly Move[] => {
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

const lane = fc
  .array(
    fc.oneof(
      { weight: 48, arbitrary: move.map((one) => [one]) },
      { weight: 9, arbitrary: whole },
      { weight: 6, arbitrary: late },
      { weight: 1, arbitrary: rotated },
      { weight: 2, arbitrary: moved },
    ),
    { minLength: STEPS_MIN, maxLength: STEPS_MAX, size: 'max' },
  )
  .map((steps) => steps.flat());

/** While the worker is away one request ends by the clock alone, and each lane meets its end. */
function withEnd(program: Program): Program {
  const [first, ...others] = program.plans;
  if (!program.is_worker_away || first === undefined) return program;
  const [body, repeated] = first.bodies;
  const plans: readonly Plan[] = [{ ...first, bodies: [{ ...body, seconds: 2 }, repeated] }, ...others];
  const lanes = program.lanes.map((moves, index): readonly Move[] => {
    const late: Move = { kind: 'approve', slot: 0, times: 1, who: LIKELY[index] ?? 'ann' };
    return [...moves.slice(0, STEPS_MIN), { kind: 'rest', slot: 0 }, late, ...moves.slice(STEPS_MIN)];
  });
  return { ...program, plans, lanes };
}

/** Programs of a few requests and four lanes. */
export const programs: fc.Arbitrary<Program> = fc
  .record({
    plans: fc.array(fc.record({ agent, bodies: fc.tuple(body, body) }), { minLength: PLANS, maxLength: PLANS }),
    lanes: fc.array(lane, { minLength: LANES, maxLength: LANES }),
    is_worker_away: seldom,
  })
  .map(withEnd);
