// Random programs: which requests there are, and what each of several lanes does to them at the same time.

import fc from 'fast-check';
import { ACCOUNTS, ACTIONS, type Account, type AgentName, type Body, type Person, type Policy } from './calls.ts';
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
  | (About & { readonly kind: 'review' | 'deny'; readonly who: Account })
  | { readonly kind: 'apply'; readonly policy: Policy }
  | { readonly kind: 'rotate'; readonly agent: AgentName; readonly is_at_once: boolean }
  | { readonly kind: 'revoke'; readonly agent: AgentName }
  | { readonly kind: 'account'; readonly who: Account; readonly is_off: boolean }
  | { readonly kind: 'members'; readonly group: 'S1' | 'S2'; readonly accounts: readonly Account[] };

export type Program = { readonly plans: readonly Plan[]; readonly lanes: readonly (readonly Move[])[] };

/** Few requests, so that lanes meet at them. */
const PLANS = 3;
const LANES = 4;
const STEPS_MIN = 4;
const STEPS_MAX = 10;

/** Once in ten times; no edge of its range, since those come more often. */
const rarely = fc.integer({ min: 0, max: 9 }).map((number) => number === 7);
const slot = fc.nat({ max: PLANS - 1 });
const agent = fc.constantFrom<AgentName[]>('one', 'one', 'one', 'two');
/** Those whose clicks may count come more often. */
const LIKELY: readonly Account[] = ['ann', 'ann', 'ben', 'ben', 'beh', 'cyd'];
const who = fc.constantFrom<Account[]>(...LIKELY, ...LIKELY, ...ACCOUNTS);

const body: fc.Arbitrary<Body> = fc.record({
  action: fc.constantFrom<Body['action'][]>('two', 'two', 'both', 'both', 'dba', ...ACTIONS),
  is_long: rarely,
  is_for_beh: rarely,
  seconds: fc.constantFrom(null, null, 1, 2),
  credential: fc.constantFrom<Body['credential'][]>(null, null, null, null, 'less', 'more'),
});

const policy: fc.Arbitrary<Policy> = fc.record({
  pay: fc.subarray<Person>(['ann', 'ben', 'own', 'beh', 'mel', 'gus', 'gon'], { minLength: 2 }),
  dba: fc.constantFrom<Policy['dba'][]>('S1', 'S1', 'S2', 'listed', 'gone'),
  quorum: fc.integer({ min: 1, max: 3 }),
  vary: fc.constantFrom<Policy['vary'][]>('allow', 'deny', 'require'),
  accounts: fc.subarray<Account>(['ann', 'ann2', 'ben', 'ben2', 'gus']),
});

const calling = { slot, is_other_agent: rarely, is_first_key: rarely };
const has_worked = fc.boolean();
const accounts = fc.subarray<Account>(['ben', 'ben2', 'cyd', 'mel', 'own']);
const often = rarely.map((is) => !is);

const times = rarely.map((is) => (is ? 2 : 1) as 1 | 2);
const number = rarely.map((is) => (is ? 1 : 0) as 0 | 1);
const is = <T extends Move['kind']>(...kinds: T[]) => fc.constantFrom(...kinds);

const move: fc.Arbitrary<Move> = fc.oneof(
  { weight: 16, arbitrary: fc.record({ kind: is('approve'), slot, who, times }) },
  { weight: 8, arbitrary: fc.record({ kind: is('review', 'review', 'deny'), slot, who }) },
  { weight: 5, arbitrary: fc.record({ kind: is('create'), ...calling, body: number }) },
  { weight: 5, arbitrary: fc.record({ kind: is('get', 'wait', 'list'), ...calling }) },
  { weight: 2, arbitrary: fc.record({ kind: is('cancel'), ...calling }) },
  { weight: 4, arbitrary: fc.record({ kind: is('claim'), ...calling }) },
  { weight: 2, arbitrary: fc.record({ kind: is('report'), ...calling, has_worked }) },
  { weight: 3, arbitrary: fc.record({ kind: is('use'), slot, is_right_digest: often, is_own: often }) },
  { weight: 2, arbitrary: fc.record({ kind: is('tool_report'), slot, has_worked, is_own: often }) },
  // People come back with the file that the program began with.
  { weight: 4, arbitrary: fc.record({ kind: is('apply'), policy: fc.oneof(policy, fc.constant(FIRST_POLICY)) }) },
  { weight: 1, arbitrary: fc.record({ kind: is('rotate'), agent, is_at_once: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ kind: is('revoke'), agent: fc.constant('two' as const) }) },
  { weight: 3, arbitrary: fc.record({ kind: is('account'), who, is_off: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ kind: is('members'), group: fc.constantFrom('S1', 'S2'), accounts }) },
);

/** The whole way of a request, in one lane: what comes late is reached too. */
const whole: fc.Arbitrary<readonly Move[]> = fc.record({ slot, has_worked }).map(({ slot, has_worked }) => {
  const calling = { slot, is_other_agent: false, is_first_key: false };
  const clicking = { slot, times: 1 } as const;
  return [
    { kind: 'approve', ...clicking, who: 'ann' },
    { kind: 'approve', ...clicking, who: 'ben' },
    { kind: 'approve', ...clicking, who: 'cyd' },
    { kind: 'claim', ...calling },
    { kind: 'use', slot, is_right_digest: true, is_own: true },
    { kind: 'tool_report', slot, has_worked, is_own: true },
  ];
});

const lane = fc
  .array(fc.oneof({ weight: 9, arbitrary: move.map((one) => [one]) }, { weight: 1, arbitrary: whole }), {
    minLength: STEPS_MIN,
    maxLength: STEPS_MAX,
    size: 'max',
  })
  .map((steps) => steps.flat());

/** Programs of a few requests and four lanes. */
export const programs: fc.Arbitrary<Program> = fc.record({
  plans: fc.array(fc.record({ agent, bodies: fc.tuple(body, body) }), { minLength: PLANS, maxLength: PLANS }),
  lanes: fc.array(lane, { minLength: LANES, maxLength: LANES }),
});
