// What became of a tool call, as data: for the program, and for the model. A no is no failure, and each kind of no is its own.
import type { ApprovalRequest } from './types.ts';

/** All that has to be kept of a call that waits, anywhere: it says where to look, is no secret and decides nothing. */
export type CallReference = { readonly id: string; readonly digest: string };

/** What the model is told of a call that did not run now. `retry` says whether the same may be wanted again. */
export type CallAnswer =
  | {
      readonly denied: true;
      readonly by: readonly string[];
      readonly reason: string | null;
      readonly retry: false;
    }
  | { readonly expired: true; readonly reason: string; readonly retry: false }
  | { readonly cancelled: true; readonly by: readonly string[]; readonly reason: string | null; readonly retry: false }
  | { readonly lapsed: true; readonly reason: string; readonly retry: true }
  | {
      readonly already_executed: true;
      readonly status: 'succeeded' | 'failed';
      readonly reported_at: string;
      readonly retry: false;
    }
  | { readonly unreported: true; readonly reason: string; readonly retry: false }
  | { readonly pending: true; readonly approval_request_id: string; readonly retry: false };

type NotRun<State> = State extends string
  ? { readonly state: State; readonly reference: CallReference; readonly answer: CallAnswer }
  : never;

/**
 * `lapsed`: approved, and the approval did not hold until the call would have run. `unreported`: begun before, and nobody knows
 * how it went, so that a person has to look.
 */
export type CallOutcome<Result = unknown> =
  | { readonly state: 'ran'; readonly reference: CallReference; readonly result: Result }
  | NotRun<'pending' | 'denied' | 'expired' | 'cancelled' | 'lapsed' | 'already_executed' | 'unreported'>;

/** Of a call that people still decide on. */
export function pendingOutcome(reference: CallReference): CallOutcome<never> {
  return { state: 'pending', reference, answer: { pending: true, approval_request_id: reference.id, retry: false } };
}

/** What the model is told of a request that has ended without approval; null of one that is pending or approved. */
export function answerOf(request: ApprovalRequest): CallAnswer | null {
  if (request.state === 'pending' || request.state === 'approved') return null;
  const { id, digest } = request;
  const outcome = notRun(request, { id, digest });
  return outcome.state === 'ran' ? null : outcome.answer;
}

/** Of a call that ended without running now; `code` is why an approval does not hold. */
export function notRun(request: ApprovalRequest, reference: CallReference, code?: string): CallOutcome<never> {
  const { state, outcome } = request;
  const { by = [], reason = null, result = null } = outcome ?? {};
  switch (state) {
    case 'denied':
      return { state, reference, answer: { denied: true, by, reason, retry: false } };
    case 'expired':
      return { state, reference, answer: { expired: true, reason: 'Nobody decided in time.', retry: false } };
    case 'cancelled':
      return { state, reference, answer: { cancelled: true, by, reason, retry: false } };
    case 'approved':
      break;
    default:
      throw new TypeError(`a request cannot be ${state} here`);
  }
  if (result !== null) {
    const { status, reported_at } = result;
    return {
      state: 'already_executed',
      reference,
      answer: { already_executed: true, status, reported_at, retry: false },
    };
  }
  const lapsed = LAPSED.get(code);
  if (lapsed !== undefined) {
    return { state: 'lapsed', reference, answer: { lapsed: true, reason: lapsed, retry: true } };
  }
  return { state: 'unreported', reference, answer: { unreported: true, reason: UNREPORTED, retry: false } };
}

const LAPSED: ReadonlyMap<string | undefined, string> = new Map([
  ['claim_expired', 'It was approved, and not run in the time that an approval holds.'],
  ['quorum_lost', 'It was approved by people who may not approve it any more.'],
  ['denied_by_policy', 'It was approved, and a rule of the policy denies it by now.'],
]);

const UNREPORTED = 'It was begun before and nobody reported how it went: a person has to look whether it ran.';
