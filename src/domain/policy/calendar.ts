// Working hours: when a calendar is open, and when so much open time has passed. Pure: the zone's rules are the runtime's.

export const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;
type Day = (typeof DAYS)[number];

export type Calendar = {
  /** An IANA name, such as Europe/Berlin. */
  readonly time_zone: string;
  /** The days that a window begins on. */
  readonly days: readonly Day[];
  /** Minutes after local midnight, 0 to 1,439. */
  readonly from_minutes: number;
  /** Minutes after local midnight, 1 to 1,440; at or before `from_minutes` it is on the next day. */
  readonly to_minutes: number;
  /** Dates (YYYY-MM-DD) on which no window begins. */
  readonly except: readonly string[];
};

/** A request waits no longer, whatever the calendar: credentials and people change. */
export const WAIT_DAYS_MAX = 30;

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

/** True for a moment in one of the calendar's windows: the first of it belongs to it, the last does not. */
export function isOpen(calendar: Calendar, at: Date): boolean {
  const at_ms = at.getTime();
  return windowsFrom(calendar, at_ms, 1).some(({ from_ms, to_ms }) => from_ms <= at_ms && at_ms < to_ms);
}

/** When so many open seconds have passed since `from`; null when that is more than 30 days ahead. */
export function afterOpenSeconds(calendar: Calendar, from: Date, seconds: number): Date | null {
  const start_ms = from.getTime();
  const last_ms = start_ms + WAIT_DAYS_MAX * DAY_MS;
  let left_ms = seconds * 1_000;
  for (const { from_ms, to_ms } of windowsFrom(calendar, start_ms, WAIT_DAYS_MAX + 1)) {
    const begin_ms = Math.max(from_ms, start_ms);
    if (to_ms <= begin_ms) continue;
    if (begin_ms + left_ms <= to_ms) return begin_ms + left_ms <= last_ms ? new Date(begin_ms + left_ms) : null;
    left_ms -= to_ms - begin_ms;
  }
  return null;
}

/** True for a date that there is, as YYYY-MM-DD. */
export function isDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const at = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text);
}

/** True for a zone that the runtime knows by name; an offset is none, since it knows no summer. */
export function isTimeZone(text: string): boolean {
  return /^[A-Za-z]/.test(text) && isClock(text);
}

/** True for a zone, or an offset such as +01:00, whose clock the runtime can read. */
export function isClock(text: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

/** How many open seconds lie between two moments, up to the longest wait. */
export function openSecondsBetween(calendar: Calendar, from: Date, to: Date): number {
  const [start_ms, end_ms] = [from.getTime(), to.getTime()];
  const parts = windowsFrom(calendar, start_ms, WAIT_DAYS_MAX + 1).map(({ from_ms, to_ms }) =>
    Math.max(0, Math.min(to_ms, end_ms) - Math.max(from_ms, start_ms)),
  );
  return parts.reduce((sum, part_ms) => sum + part_ms, 0) / 1_000;
}

type Window = { readonly from_ms: number; readonly to_ms: number };

/** The windows that begin from the day before a moment until so many days after it, in order. */
function windowsFrom(calendar: Calendar, at_ms: number, days: number): readonly Window[] {
  const { time_zone, from_minutes, to_minutes } = calendar;
  const today_ms = Math.floor((at_ms + offsetMs(time_zone, at_ms)) / DAY_MS) * DAY_MS;
  const ends_ms = (to_minutes <= from_minutes ? DAY_MS : 0) + to_minutes * MINUTE_MS;
  return Array.from({ length: days + 2 }, (_, day) => today_ms + (day - 1) * DAY_MS)
    .filter((midnight_ms) => beginsOn(calendar, new Date(midnight_ms)))
    .map((midnight_ms) => ({
      from_ms: instantOf(time_zone, midnight_ms + from_minutes * MINUTE_MS),
      to_ms: instantOf(time_zone, midnight_ms + ends_ms),
    }));
}

/** `local` has the local date in its UTC members. */
function beginsOn({ days, except }: Calendar, local: Date): boolean {
  const day = DAYS[local.getUTCDay()];
  return day !== undefined && days.includes(day) && !except.includes(local.toISOString().slice(0, 10));
}

/**
 * The moment of a wall clock's time. Where the clock shows it twice it is the first, where it is skipped the clock's old
 * offset goes on: 02:30 is 03:30 then, as for ECMAScript's Temporal by default.
 */
export function instantOf(time_zone: string, local_ms: number): number {
  const before_ms = offsetMs(time_zone, local_ms - DAY_MS);
  const after_ms = offsetMs(time_zone, local_ms + DAY_MS);
  const candidates = [local_ms - before_ms, local_ms - after_ms].sort((a, b) => a - b);
  const real = candidates.find((at_ms) => at_ms + offsetMs(time_zone, at_ms) === local_ms);
  return real ?? local_ms - before_ms;
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** How far the zone's clock is ahead of UTC at a moment, in milliseconds. */
function offsetMs(time_zone: string, at_ms: number): number {
  const whole_ms = Math.floor(at_ms / 1_000) * 1_000;
  const part = Object.fromEntries(
    formatOf(time_zone)
      .formatToParts(whole_ms)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part;
  return Date.UTC(year, month - 1, day, hour, minute, second) - whole_ms;
}

/** Making one costs some 50 µs; there are as many as a policy has zones. */
function formatOf(time_zone: string): Intl.DateTimeFormat {
  const known = formats.get(time_zone);
  if (known !== undefined) return known;
  const digits = '2-digit';
  const format = new Intl.DateTimeFormat('en-u-ca-iso8601', {
    timeZone: time_zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: digits,
    day: digits,
    hour: digits,
    minute: digits,
    second: digits,
  });
  formats.set(time_zone, format);
  return format;
}
