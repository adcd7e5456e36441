// Working hours: windows over midnight, days with 23 and 25 hours, exceptions, zones with half hours.

import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { afterOpenSeconds, type Calendar, DAYS, isOpen, isTimeZone } from '../../src/domain/policy/calendar.ts';
import { drawn } from '../support/long.ts';

const WEEK: Calendar['days'] = ['mon', 'tue', 'wed', 'thu', 'fri'];
const OFFICE: Calendar = {
  time_zone: 'Europe/Berlin',
  days: WEEK,
  from_minutes: 8 * 60,
  to_minutes: 18 * 60,
  except: ['2026-12-25'],
};
const NIGHT: Calendar = { ...OFFICE, days: DAYS, from_minutes: 22 * 60, to_minutes: 6 * 60, except: [] };
const ALWAYS: Calendar = { ...OFFICE, days: DAYS, from_minutes: 0, to_minutes: 1_440, except: [] };
const KOLKATA: Calendar = { ...OFFICE, time_zone: 'Asia/Kolkata', from_minutes: 9 * 60 + 30 };

describe('when it is open', () => {
  test.each<[title: string, calendar: Calendar, at: string, is_open: boolean]>([
    ['the first moment of a window', OFFICE, '2026-11-27T08:00:00+01:00', true],
    ['the moment before', OFFICE, '2026-11-27T07:59:59.999+01:00', false],
    ['the last moment', OFFICE, '2026-11-27T17:59:59.999+01:00', true],
    ['its end', OFFICE, '2026-11-27T18:00:00+01:00', false],
    ['a Saturday', OFFICE, '2026-11-28T12:00:00+01:00', false],
    ['an exception', OFFICE, '2026-12-25T12:00:00+01:00', false],
    ['the day after an exception', OFFICE, '2026-12-28T12:00:00+01:00', true],
    ['a night before midnight', NIGHT, '2026-11-27T23:59:00+01:00', true],
    ['a night after midnight', NIGHT, '2026-11-28T00:01:00+01:00', true],
    ['a night at its last minute', NIGHT, '2026-11-28T05:59:59+01:00', true],
    ['a night at its end', NIGHT, '2026-11-28T06:00:00+01:00', false],
    ['a night that began on the last of its days', { ...NIGHT, days: ['fri'] }, '2026-11-28T03:00:00+01:00', true],
    ['a night that began on none of its days', { ...NIGHT, days: ['fri'] }, '2026-11-27T03:00:00+01:00', false],
    ['a night over the end of a year', NIGHT, '2027-01-01T02:00:00+01:00', true],
    ['a night that began on an exception', { ...NIGHT, except: ['2026-11-27'] }, '2026-11-28T03:00:00+01:00', false],
    ['the evening of the day with 23 hours', OFFICE, '2026-03-30T08:00:00+02:00', true],
    ['summer time in the winter half of its day', NIGHT, '2026-03-29T05:59:00+02:00', true],
    ['the end of the night with 23 hours', NIGHT, '2026-03-29T06:00:00+02:00', false],
    ['the end of the night with 25 hours', NIGHT, '2026-10-25T06:00:00+01:00', false],
    ['a zone with half hours', KOLKATA, '2026-11-27T04:00:00Z', true],
    ['before a zone with half hours', KOLKATA, '2026-11-27T03:59:59Z', false],
    ['midnight of a calendar that never closes', ALWAYS, '2026-11-28T00:00:00+01:00', true],
    ['the hour that is skipped, for one that never closes', ALWAYS, '2026-03-29T01:00:00Z', true],
  ])('%s', (_title, calendar, at, is_open) => {
    expect(isOpen(calendar, new Date(at))).toBe(is_open);
  });
});

describe('when so much open time has passed', () => {
  const HOUR = 3_600;
  test.each<[title: string, calendar: Calendar, from: string, seconds: number, at: string | null]>([
    ['within a window', OFFICE, '2026-11-27T09:00:00+01:00', 2 * HOUR, '2026-11-27T11:00:00+01:00'],
    ['until its very end', OFFICE, '2026-11-27T16:00:00+01:00', 2 * HOUR, '2026-11-27T18:00:00+01:00'],
    ['over a weekend', OFFICE, '2026-11-27T17:00:00+01:00', 2 * HOUR, '2026-11-30T09:00:00+01:00'],
    ['asked outside', OFFICE, '2026-11-28T12:00:00+01:00', HOUR, '2026-11-30T09:00:00+01:00'],
    ['over an exception and a weekend', OFFICE, '2026-12-24T17:30:00+01:00', HOUR, '2026-12-28T08:30:00+01:00'],
    ['a night with 23 hours is one shorter', NIGHT, '2026-03-28T22:00:00+01:00', 8 * HOUR, '2026-03-29T23:00:00+02:00'],
    ['a night with 25 hours is one longer', NIGHT, '2026-10-24T22:00:00+02:00', 9 * HOUR, '2026-10-25T06:00:00+01:00'],
    ['from a month into the next', OFFICE, '2027-02-26T17:00:00+01:00', 2 * HOUR, '2027-03-01T09:00:00+01:00'],
    [
      'a calendar that never closes is the clock',
      ALWAYS,
      '2026-03-28T12:00:00+01:00',
      48 * HOUR,
      '2026-03-30T13:00:00+02:00',
    ],
    ['at the bound', { ...ALWAYS, time_zone: 'UTC' }, '2026-11-01T00:00:00Z', 30 * 24 * HOUR, '2026-12-01T00:00:00Z'],
    ['beyond the bound', { ...ALWAYS, time_zone: 'UTC' }, '2026-11-01T00:00:00Z', 30 * 24 * HOUR + 1, null],
    ['never open', { ...OFFICE, days: [] }, '2026-11-27T09:00:00+01:00', 1, null],
  ])('%s', (_title, calendar, from, seconds, at) => {
    expect(afterOpenSeconds(calendar, new Date(from), seconds)?.toISOString() ?? null).toBe(
      at === null ? null : new Date(at).toISOString(),
    );
  });
});

// Edges in the hour that clocks skip or repeat are told by the tables above.
const edges = fc.integer({ min: 4 * 60, max: 23 * 60 });
const calendars: fc.Arbitrary<Calendar> = fc.record({
  time_zone: fc.constantFrom(
    'Europe/Berlin',
    'America/New_York',
    'Asia/Kolkata',
    'Australia/Lord_Howe',
    'UTC',
    'Asia/Kathmandu',
  ),
  days: fc.subarray([...DAYS]),
  from_minutes: edges,
  to_minutes: edges,
  except: fc.constantFrom([], ['2026-03-29'], ['2026-10-25', '2026-10-26']),
});
const moments = fc.date({ min: new Date('2026-01-01'), max: new Date('2027-01-01'), noInvalidDate: true });

test('it is open when the clock on the wall there is between the two times of a day that counts', () => {
  fc.assert(
    fc.property(calendars, moments, (calendar, at) => {
      const wall = (shift_days: number) => {
        const shown = at.toLocaleString('sv', { timeZone: calendar.time_zone });
        const [date = '', time = ''] = shown.split(' ');
        const day = new Date(`${date}T00:00:00Z`);
        day.setUTCDate(day.getUTCDate() + shift_days);
        const [hours = 0, minutes = 0] = time.split(':').map(Number);
        return { day, minutes: hours * 60 + minutes };
      };
      const counts = (day: Date) =>
        calendar.days.includes(DAYS[day.getUTCDay()] as Calendar['days'][number]) &&
        !calendar.except.includes(day.toISOString().slice(0, 10));
      const isOvernight = calendar.to_minutes <= calendar.from_minutes;
      const today = wall(0);
      const ends = isOvernight ? 1_440 : calendar.to_minutes;
      const isToday = counts(today.day) && today.minutes >= calendar.from_minutes && today.minutes < ends;
      const isStill = isOvernight && counts(wall(-1).day) && today.minutes < calendar.to_minutes;
      expect(isOpen(calendar, at)).toBe(isToday || isStill);
    }),
    drawn(3_000),
  );
});

test('the time that passes is open time: more of it is never earlier, and each end lies in a window', () => {
  fc.assert(
    fc.property(calendars, moments, fc.integer({ min: 1, max: 100_000 }), (calendar, from, seconds) => {
      const end = afterOpenSeconds(calendar, from, seconds);
      const earlier = afterOpenSeconds(calendar, from, seconds - 1);
      if (end === null) return;
      expect(earlier !== null && earlier.getTime() <= end.getTime() - 1_000).toBe(true);
      expect(isOpen(calendar, new Date(end.getTime() - 1))).toBe(true);
    }),
    drawn(2_000),
  );
});

test.each<[text: string, is_zone: boolean]>([
  ['Europe/Berlin', true],
  ['UTC', true],
  ['Asia/Kolkata', true],
  ['Berlin', false],
  ['+01:00', false],
  ['', false],
  ['Europe/Berlin ', false],
])('"%s" as a time zone: %s', (text, is_zone) => {
  expect(isTimeZone(text)).toBe(is_zone);
});
