// What one lane may do next: each move alone, with how often it comes.

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

type About = { readonly slot: number };
type Calling = About & { readonly is_other_agent: boolean; readonly is_first_key: boolean };

export type Move =
  | (Calling & { readonly kind: 'create'; readonly body: 0 | 1 })
  | (Calling & { readonly kind: 'get' | 'wait' | 'list' | 'cancel' | 'claim' | 'give_back' })
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

/** Few requests, so that lanes meet at them. */
export const PLANS = 4;

/** Once in ten times; no edge of its range, since those come more often. */
export const rarely = fc.integer({ min: 0, max: 9 }).map((number) => number === 7);
export const slot = fc.nat({ max: PLANS - 1 });
export const agent = fc.constantFrom<AgentName[]>('one', 'one', 'one', 'two');
/** Those whose clicks may count come more often. */
export const LIKELY: readonly Account[] = ['ann', 'ben', 'cyd', 'beh', 'ann', 'ben'];
export const who = fc.constantFrom<Account[]>(...LIKELY, ...LIKELY, ...ACCOUNTS);

export const body: fc.Arbitrary<Body> = fc.record({
  action: fc.constantFrom<Body['action'][]>('two', 'two', 'both', 'both', 'dba', ...ACTIONS),
  is_long: rarely,
  is_for_beh: rarely,
  seconds: fc.constantFrom(null, null, null, 1, 2),
  credential: fc.constantFrom<Body['credential'][]>(null, null, null, null, 'less', 'more'),
});

export const policy: fc.Arbitrary<Policy> = fc.record({
  pay: fc.subarray<Person>(['ann', 'ben', 'own', 'beh', 'mel', 'gus', 'gon'], { minLength: 2 }),
  dba: fc.constantFrom<Policy['dba'][]>('S1', 'S1', 'S2', 'listed', 'gone'),
  quorum: fc.integer({ min: 1, max: 3 }),
  vary: fc.constantFrom<Policy['vary'][]>('allow', 'deny', 'require'),
  accounts: fc.subarray<Account>(['ann', 'ann2', 'ben', 'ben2', 'gus']),
});

export const often = rarely.map((is) => !is);
export const mostly = fc.integer({ min: 0, max: 4 }).map((number) => number !== 3);
export const seldom = mostly.map((is) => !is);

const calling = { slot, is_other_agent: rarely, is_first_key: seldom };
export const has_worked = fc.boolean();
const accounts = fc.subarray<Account>(['ben', 'ben2', 'cyd', 'mel', 'own']);

export const times = rarely.map((is) => (is ? 2 : 1) as 1 | 2);
const number = rarely.map((is) => (is ? 1 : 0) as 0 | 1);
const overlap_seconds = fc.constantFrom<OverlapSeconds[]>(0, 1, 3_600);
export const is = <T extends Move['kind']>(...kinds: T[]) => fc.constantFrom(...kinds);

export const move: fc.Arbitrary<Move> = fc.oneof(
  { weight: 16, arbitrary: fc.record({ kind: is('approve'), slot, who, times }) },
  { weight: 8, arbitrary: fc.record({ kind: is('review', 'review', 'deny'), slot, who, is_altered: seldom }) },
  { weight: 7, arbitrary: fc.record({ kind: is('create'), ...calling, body: number }) },
  { weight: 5, arbitrary: fc.record({ kind: is('get', 'wait', 'list'), ...calling }) },
  { weight: 2, arbitrary: fc.record({ kind: is('cancel', 'cancel', 'give_back'), ...calling }) },
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
