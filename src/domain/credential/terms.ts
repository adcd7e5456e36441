// The terms of a credential: how often the action may run under one approval, until when, and who may use it. Settled with the
// request, and never changed after. Pure.

import type { JwtCredential } from '../request/request.ts';

/** More uses are a standing right, which nobody gives by one click. */
export const USES_MAX = 100;
/** A working day: whoever approves knows what may run until its end. */
export const WINDOW_SECONDS_MAX = 12 * 3_600;
export const WINDOW_SECONDS_MIN = 60;
/** After the approval the agent has this long to claim, unless its rule says otherwise; the credential's clock starts then. */
export const CLAIM_WINDOW_SECONDS = 300;
/** An approval is for now: what was not begun in an hour is asked for again. */
export const CLAIM_WITHIN_SECONDS_MAX = 3_600;
export const CLAIM_WITHIN_SECONDS_MIN = 30;

/** What every kind of credential may say of that; what is left out is once, by the lease's own end, in five minutes. */
export type Terms = Pick<
  JwtCredential,
  'lifetime_seconds' | 'sender' | 'uses' | 'window_seconds' | 'claim_within_seconds'
>;
type TermsPart = Omit<Terms, 'lifetime_seconds'>;

/** How often the action may run. */
export function usesOf({ uses }: Terms): number {
  return uses ?? 1;
}

/** True where it is bound to a key of the agent, and not for whoever bears it. */
export function isBound({ sender }: Terms): boolean {
  return sender === 'dpop';
}

/** True where one approval is one run that ends by itself, which nobody need be told. */
export function isOnce(terms: Terms): boolean {
  return usesOf(terms) === 1 && terms.window_seconds === undefined;
}

/** Seconds after the approval in which it may be claimed: in its whole window, where it has one and says nothing else. */
export function claimSecondsOf({ window_seconds, claim_within_seconds }: Terms): number {
  const most = window_seconds ?? CLAIM_WINDOW_SECONDS;
  return claim_within_seconds === undefined
    ? most
    : Math.min(claim_within_seconds, window_seconds ?? WINDOW_SECONDS_MAX);
}

/** Until when it may be claimed, and when all that is opened under it ends; null where each lease ends by itself. */
export function endsOf(
  terms: Terms,
  approved_at: Date,
): { readonly claim_expires_at: Date; readonly ends_at: Date | null } {
  const after = (seconds: number) => new Date(approved_at.getTime() + seconds * 1_000);
  const { window_seconds } = terms;
  return {
    claim_expires_at: after(claimSecondsOf(terms)),
    ends_at: window_seconds === undefined ? null : after(window_seconds),
  };
}

/** What a credential says of its terms: a requester asks for less of the rest, and never of these. */
export function saidOf({ sender, uses, window_seconds, claim_within_seconds }: Terms): TermsPart {
  return {
    ...(sender === undefined ? {} : { sender }),
    ...(uses === undefined ? {} : { uses }),
    ...(window_seconds === undefined ? {} : { window_seconds }),
    ...(claim_within_seconds === undefined ? {} : { claim_within_seconds }),
  };
}

/** The stricter of both in everything. */
export function commonTerms(a: Terms, b: Terms): TermsPart {
  const uses = Math.min(usesOf(a), usesOf(b));
  const windows = [a, b].flatMap(({ window_seconds }) => window_seconds ?? []);
  const claim_seconds = Math.min(claimSecondsOf(a), claimSecondsOf(b));
  const common = {
    ...(a.sender === 'dpop' || b.sender === 'dpop' ? { sender: 'dpop' as const } : {}),
    ...(uses === 1 ? {} : { uses }),
    ...(windows.length === 0 ? {} : { window_seconds: Math.min(...windows) }),
  };
  const isImplied = claim_seconds === claimSecondsOf({ lifetime_seconds: 0, ...common });
  return { ...common, ...(isImplied ? {} : { claim_within_seconds: claim_seconds }) };
}
