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
const MOVES_MIN = 4;
const MOVES_MAX = 10;

const rarely = fc.integer({ min: 0, max: 9 }).map((number) => number === 0);
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
const often = rarely.map((is) => !is);

const move: fc.Arbitrary<Move> = fc.oneof(
  { weight: 16, arbitrary: fc.record({ kind: fc.constant('approve' as const), slot, who, times: times() }) },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('review' as const), slot, who }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('deny' as const), slot, who }) },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('create' as const), ...calling, body: bodyNumber() }) },
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constantFrom('get' as const, 'wait' as const, 'list' as const), ...calling }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('cancel' as const), ...calling }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('claim' as const), ...calling }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('report' as const), ...calling, has_worked }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('use' as const), slot, is_right_digest: often, is_own: often }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('tool_report' as const), slot, has_worked, is_own: often }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('apply' as const), policy: fc.oneof(policy, back()) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('rotate' as const), agent, is_at_once: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('account' as const), who, is_off: fc.boolean() }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('members' as const),
      group: fc.constantFrom('S1' as const, 'S2' as const),
      accounts: fc.subarray<Account>(['ben', 'ben2', 'cyd', 'mel', 'own']),
    }),
  },
  {
    weight: 1,
    arbitrary: rarely.map((is) => ({ kind: is ? 'revoke' : 'rotate', agent: 'two', is_at_once: true }) as const),
  },
);

function times(): fc.Arbitrary<1 | 2> {
  return rarely.map((is) => (is ? 2 : 1));
}

function bodyNumber(): fc.Arbitrary<0 | 1> {
  return rarely.map((is) => (is ? 1 : 0));
}

/** The file that the program began with: people come back. */
function back(): fc.Arbitrary<Policy> {
  return fc.constant(FIRST_POLICY);
}

/** Programs of a few requests and four lanes. */
export const programs: fc.Arbitrary<Program> = fc.record({
  plans: fc.array(fc.record({ agent, bodies: fc.tuple(body, body) }), { minLength: PLANS, maxLength: PLANS }),
  lanes: fc.array(fc.array(move, { minLength: MOVES_MIN, maxLength: MOVES_MAX, size: 'max' }), {
    minLength: LANES,
    maxLength: LANES,
  }),
});
