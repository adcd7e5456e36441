// Who is on call by an iCalendar file: the attendees of events that cover a moment. Titles, organisers and descriptions say
// nothing here, and what cannot be read says that nobody is.

import { createContext, Script } from 'node:vm';
import ICAL from 'ical.js';
import { instantOf, isTimeZone } from '../domain/policy/calendar.ts';

/** Occurrences looked at in one file: thirty people who change each day for a year are half of it. */
const OCCURRENCES_MAX = 20_000;
const EVENTS_MAX = 5_000;
/** Changes of the clock that a file describes, of all its zones. */
const OBSERVANCES_MAX = 200;
/** Values of one part of a rule: the days of a month. */
const VALUES_MAX = 31;
/** A rule that never matches keeps the library busy for ever inside one step, where no count of ours sees it. */
const READING_MS = 1_000;
const SMALLEST: readonly string[] = ['SECONDLY', 'MINUTELY', 'HOURLY'];
const TIMES: readonly string[] = ['BYHOUR', 'BYMINUTE', 'BYSECOND'];
const WEEKDAY = /^(?:MO|TU|WE|TH|FR|SA|SU)$/;
const reading = new Script('read()');
const MAILTO = /^mailto:/i;

/** The addresses of attendees of events that cover `now`, as they are written; null when the file cannot be read, or not soon. */
export function attendeesAt(text: string, now: Date): readonly string[] | null {
  try {
    // What runs too long is ended wherever it is, which nothing inside can catch.
    return reading.runInContext(createContext({ read: () => read(text, now) }), { timeout: READING_MS });
  } catch {
    return null;
  }
}

function read(text: string, now: Date): readonly string[] | null {
  const file = new ICAL.Component(ICAL.parse(text));
  const components = file.getAllSubcomponents('vevent');
  if (file.name !== 'vcalendar' || components.length > EVENTS_MAX) return null;
  if (!components.flatMap(rulesOf).every(isModest) || !areZonesModest(file)) return null;
  const budget = { left: OCCURRENCES_MAX };
  const at = { now_ms: now.getTime(), zone: zoneOf(file), budget };
  const addresses = eventsOf(components).flatMap((event) => (covering(event, at) ?? []).flatMap(attendeesOf));
  return budget.left <= 0 ? null : [...new Set(addresses)];
}

function rulesOf(component: ICAL.Component): readonly ICAL.Recur[] {
  return component.getAllProperties('rrule').flatMap((rule) => {
    const value = rule.getFirstValue();
    return value instanceof ICAL.Recur ? [value] : [];
  });
}

/** Nobody's shift changes within a day by a rule, nor needs one that seeks long for its next day. */
function isModest({ freq, parts }: ICAL.Recur): boolean {
  if (SMALLEST.includes(freq)) return false;
  return Object.entries(parts).every(([part, values = []]) => {
    if (TIMES.includes(part)) return values.length <= 1;
    if (freq !== 'DAILY') return values.length <= VALUES_MAX;
    return part === 'BYDAY' && values.length <= VALUES_MAX && values.every((day) => WEEKDAY.test(String(day)));
  });
}

/** The library writes out every change of the clock since the zone began. */
function areZonesModest(file: ICAL.Component): boolean {
  const zones = file.getAllSubcomponents('vtimezone');
  const observances = zones.flatMap((zone) => zone.getAllSubcomponents());
  if (observances.length > OBSERVANCES_MAX) return false;
  return observances.flatMap(rulesOf).every((rule) => rule.freq === 'YEARLY' && isModest(rule));
}

type At = { readonly now_ms: number; readonly zone: string; readonly budget: { left: number } };

/** The events that repeat or stand alone, with those that take the place of one of their occurrences. */
function eventsOf(components: readonly ICAL.Component[]): readonly ICAL.Event[] {
  const all = components.map((component) => new ICAL.Event(component, { strictExceptions: true }));
  const masters = all.filter((event) => !event.isRecurrenceException());
  // Of two that share a name, the first.
  const known = new Map(masters.toReversed().map((event) => [event.uid, event]));
  for (const exception of all) {
    if (!exception.isRecurrenceException()) continue;
    known.get(exception.uid)?.relateException(exception);
  }
  // One whose event is in another file stands for itself.
  return [...masters, ...all.filter((event) => event.isRecurrenceException() && !known.has(event.uid))];
}

/** The events whose attendees are on call now: of this one, or of one that took an occurrence's place. */
function covering(event: ICAL.Event, at: At): readonly ICAL.Event[] | null {
  const moved = Object.values(event.exceptions).filter((each) => isCovered(each, each.startDate, each.endDate, at));
  if (!event.isRecurring()) {
    at.budget.left -= 1;
    return isCovered(event, event.startDate, event.endDate, at) ? [event, ...moved] : moved;
  }
  const occurrences = event.iterator();
  for (let next = occurrences.next(); next; next = occurrences.next()) {
    at.budget.left -= 1;
    if (at.budget.left <= 0 || momentOf(next, event, at) > at.now_ms) break;
    const { item, startDate, endDate } = event.getOccurrenceDetails(next);
    if (item === event && isCovered(event, startDate, endDate, at)) return [event, ...moved];
  }
  return moved;
}

function isCovered(event: ICAL.Event, start: ICAL.Time, end: ICAL.Time, at: At): boolean {
  if (event.component.getFirstPropertyValue('status') === 'CANCELLED') return false;
  return momentOf(start, event, at) <= at.now_ms && at.now_ms < momentOf(end, event, at);
}

/**
 * The moment of a time in the file. A zone that the file describes is read by the library; one that it only names, by the
 * runtime; a time without any is one of the file's zone.
 */
function momentOf(time: ICAL.Time, event: ICAL.Event, { zone }: At): number {
  const isKnown = time.zone !== null && time.zone !== ICAL.Timezone.localTimezone && !time.isDate;
  if (isKnown) return time.toUnixTime() * 1_000;
  const named = event.component.getFirstProperty('dtstart')?.getFirstParameter('tzid');
  const { year, month, day, hour, minute, second } = time;
  const local_ms = Date.UTC(year, month - 1, day, hour, minute, second);
  return instantOf(typeof named === 'string' && isTimeZone(named) ? named : zone, local_ms);
}

function zoneOf(file: ICAL.Component): string {
  const named = file.getFirstPropertyValue('x-wr-timezone');
  return typeof named === 'string' && isTimeZone(named) ? named : 'UTC';
}

function attendeesOf(event: ICAL.Event): readonly string[] {
  return event.component.getAllProperties('attendee').flatMap((attendee) => {
    const value = attendee.getFirstValue();
    return typeof value === 'string' && MAILTO.test(value) ? [value.replace(MAILTO, '')] : [];
  });
}
