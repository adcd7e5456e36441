// Small histories written by hand: one request, a few people, each call in its own interval.

import type { Account, Body, Call, Event, Slot, TimeCall } from './calls.ts';
import { viewOf } from './doors.ts';
import type { History } from './history.ts';
import type { Decision, Request } from './world.ts';

const SLOT: Slot = { agent: 'one', slot: 0 };
const BY = { ...SLOT, by: 'one', key: 0 } as const;

export const BODY: Body = { action: 'two', is_long: false, is_for_beh: false, seconds: null, credential: null };

/** A pending request of the body above under the first policy, with what the history changes. */
export function request(changes: Partial<Request> = {}): Request {
  return {
    body: BODY,
    state: 'pending',
    effect: 'require',
    rule: 'two',
    policy_number: 1,
    groups: ['pay'],
    quorum: 2,
    seconds: 600,
    excluded: ['own'],
    credential: 'whole',
    decisions: [],
    was_ann2_behind: false,
    seen: [],
    lease: null,
    is_revoked: false,
    is_claim_window_over: false,
    is_lease_over: false,
    result: null,
    ...changes,
  };
}

/** An approval as a request shows it. */
export function approval(person: Decision['person']): Decision {
  return { person, account: person, choice: 'approve', reason: null, has_moved: false };
}

type Heard = readonly [call: Call, answer: string, interval?: readonly [number, number]];

/** A history of one lane per call: one after the other, or at the interval that is given. */
export function history(heard: readonly Heard[], expires_at_ms: number | null = null): History {
  const events = heard.map(([call, answer, interval], index): Event => {
    const [begin, end] = interval ?? [index * 1_000, index * 1_000 + 500];
    return { lane: `call ${index}`, call, begin, end, answer };
  });
  return { events, known: [{ ...SLOT, expires_at_ms, is_about_dba: false }] };
}

export const created = (body: Body = BODY): Heard => {
  const { action, seconds } = body;
  const quorum = action === 'two' ? 2 : 1;
  return [{ ...BY, kind: 'create', body }, viewOf(request({ body, rule: action, quorum, seconds: seconds ?? 600 }))];
};
export const got = (now: Request, key = 0): Heard => [{ ...BY, key, kind: 'get' }, viewOf(now)];
export const claimed = (answer = 'claimed'): Heard => [{ ...BY, kind: 'claim' }, answer];
export const used = (answer = 'used'): Heard => [{ ...SLOT, kind: 'use', is_right_digest: true, is_own: true }, answer];
export const ended = (kind: TimeCall['kind']): Heard => [{ ...SLOT, kind }, 'ended'];
export const failed = (): Heard => {
  const result = { status: 'failed', detail: 'it broke' } as const;
  return [{ ...BY, kind: 'report', result }, JSON.stringify(result)];
};
export const cancelled = (answer: string): Heard => [{ ...BY, kind: 'cancel' }, answer];
export const givenBack = (answer: string): Heard => [{ ...BY, kind: 'give_back' }, answer];
export const approved = (who: Account, answer: string): Heard => [{ ...SLOT, kind: 'approve', who }, answer];
export const denied = (who: Account, answer: string, is_altered = false): Heard => [
  { ...SLOT, kind: 'submit', who, modal: 'deny', reason: 'not now', is_altered },
  answer,
];

/** The same call at another interval. */
export const during = (begin: number, end: number, [call, answer]: Heard): Heard => [call, answer, [begin, end]];

export const COUNTS_1_OF_2 = 'Your approval counts. That makes 1 of 2; it needs 1 more of pay.';
export const COUNTS_WITH_ANN = 'Your approval counts. Approved by ann (@ann) at T, ben (@ben) at T.';
