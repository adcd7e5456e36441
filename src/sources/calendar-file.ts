// Who is on call by an iCalendar file: the attendees of events that cover a moment. Titles, organisers and descriptions say
// nothing here, and what cannot be read says that nobody is.

import ICAL from 'ical.js';
import { instantOf, isTimeZone } from '../domain/policy/calendar.ts';

/** Occurrences looked at in one file: thirty people who change each day for a year are half of it. */
const OCCURRENCES_MAX = 20_000;
const EVENTS_MAX = 5_000;
const MAILTO = /^mailto:/i;

/** The addresses of attendees of events that cover `now`, as they are written; null when the file cannot be read. */
export function attendeesAt(text: string, now: Date): readonly string[] | null {
  try {
    const file = new ICAL.Component(ICAL.parse(text));
    const components = file.getAllSubcomponents('vevent');
    if (file.name !== 'vcalendar' || components.length > EVENTS_MAX) return null;
    const budget = { left: OCCURRENCES_MAX };
    const at = { now_ms: now.getTime(), zone: zoneOf(file), budget };
    const addresses = eventsOf(components).flatMap((event) => (covering(event, at) ?? []).flatMap(attendeesOf));
    return budget.left <= 0 ? null : [...new Set(addresses)];
  } catch {
    return null;
  }
}

type At = { readonly now_ms: number; readonly zone: string; readonly budget: { left: number } };

/** The events that repeat or stand alone, with those that take the place of one of their occurrences. */
function eventsOf(components: readonly ICAL.Component[]): readonly ICAL.Event[] {
  const all = components.map((component) => new ICAL.Event(component, { strictExceptions: true }));
  const masters = all.filter((event) => !event.isRecurrenceException());
  const known = new Set(masters.map(({ uid }) => uid));
  for (const exception of all) {
    if (!exception.isRecurrenceException()) continue;
    const master = masters.find(({ uid }) => uid === exception.uid);
    master?.relateException(exception);
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
