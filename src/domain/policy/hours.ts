// The hours of a rule: what becomes of a request that is made outside of them, and the clock that its times run on. Pure.

import { afterOpenSeconds, type Calendar, isOpen } from './calendar.ts';

/** What a request that is made outside the hours does: waits for them, is denied, or goes on as an urgent one. */
export const OUTSIDE = ['wait', 'deny', 'page'] as const;
export type Hours = { readonly calendar: string; readonly outside: (typeof OUTSIDE)[number] };

export type Calendars = Readonly<Record<string, Calendar>>;

/** The calendar of a rule's hours; null for a rule without. */
export function calendarOf(calendars: Calendars, hours: Hours | undefined): Calendar | null {
  if (hours === undefined || !Object.hasOwn(calendars, hours.calendar)) return null;
  return calendars[hours.calendar] ?? null;
}

/** True when a rule has hours and this is none of them. */
export function isOutside(calendars: Calendars, hours: Hours | undefined, now: Date): boolean {
  if (hours === undefined) return false;
  const calendar = calendarOf(calendars, hours);
  // A calendar that is not there is never open: fail closed.
  return calendar === null || !isOpen(calendar, now);
}

/** True when no week without an exception has so much open time within the longest wait, whenever it is asked. */
export function isNeverEnough(calendar: Calendar, seconds: number): boolean {
  // Any week does, since exceptions are left out; two halves of a year, since clocks may be changed.
  const starts = ['2026-01-05', '2026-07-06'].flatMap((monday) =>
    Array.from({ length: 7 }, (_, day) => new Date(Date.parse(`${monday}T00:00:00Z`) + day * 86_400_000)),
  );
  return starts.every((from) => afterOpenSeconds({ ...calendar, except: [] }, from, seconds) === null);
}
