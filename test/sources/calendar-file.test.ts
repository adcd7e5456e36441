// Who is on call by a calendar: whose event covers the moment, whatever else the file says.

import { describe, expect, test } from '@jest/globals';
import { attendeesAt } from '../../src/sources/calendar-file.ts';

const at = (moment: string) => new Date(moment);
const file = (...lines: string[]) => ['BEGIN:VCALENDAR', 'VERSION:2.0', ...lines, 'END:VCALENDAR'].join('\r\n');
const event = (...lines: string[]) => ['BEGIN:VEVENT', 'UID:one', 'DTSTAMP:20260101T000000Z', ...lines, 'END:VEVENT'];
const ANN = 'ATTENDEE;CN=Ann:mailto:ann@example.com';
const BEN = 'ATTENDEE:MAILTO:Ben@Example.com';
const HOUR = ['DTSTART:20260601T080000Z', 'DTEND:20260601T090000Z'];
const BERLIN = [
  ...['BEGIN:VTIMEZONE', 'TZID:Our Berlin'],
  ...['BEGIN:DAYLIGHT', 'DTSTART:19700329T020000', 'RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU'],
  ...['TZOFFSETFROM:+0100', 'TZOFFSETTO:+0200', 'END:DAYLIGHT'],
  ...['BEGIN:STANDARD', 'DTSTART:19701025T030000', 'RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU'],
  ...['TZOFFSETFROM:+0200', 'TZOFFSETTO:+0100', 'END:STANDARD', 'END:VTIMEZONE'],
];

describe('attendees of an event that covers the moment are on call, and nobody else', () => {
  test.each<[string, string, string, readonly string[]]>([
    ['in its midst', file(...event(...HOUR, ANN, BEN)), '2026-06-01T08:30:00Z', ['ann@example.com', 'Ben@Example.com']],
    ['at its first moment', file(...event(...HOUR, ANN)), '2026-06-01T08:00:00Z', ['ann@example.com']],
    ['not at its last', file(...event(...HOUR, ANN)), '2026-06-01T09:00:00Z', []],
    ['not before', file(...event(...HOUR, ANN)), '2026-06-01T07:59:59Z', []],
    [
      'whoever only organises or is named in its words is not',
      file(
        ...event(
          ...HOUR,
          'ORGANIZER:mailto:boss@example.com',
          'SUMMARY:eve@example.com',
          'DESCRIPTION:mailto:eve@example.com',
        ),
      ),
      '2026-06-01T08:30:00Z',
      [],
    ],
    ['nor is anybody of a cancelled one', file(...event(...HOUR, ANN, 'STATUS:CANCELLED')), '2026-06-01T08:30:00Z', []],
    [
      'nor an attendee that is no address',
      file(...event(...HOUR, 'ATTENDEE:https://example.com/ann')),
      '2026-06-01T08:30:00Z',
      [],
    ],
    [
      'in a week that repeats',
      file(...event('DTSTART:20260601T080000Z', 'DURATION:P7D', 'RRULE:FREQ=WEEKLY;INTERVAL=2', ANN)),
      '2026-11-18T00:00:00Z',
      ['ann@example.com'],
    ],
    [
      'not in the week between',
      file(...event('DTSTART:20260601T080000Z', 'DURATION:P7D', 'RRULE:FREQ=WEEKLY;INTERVAL=2', ANN)),
      '2026-06-10T00:00:00Z',
      [],
    ],
    [
      'not in an occurrence that is left out',
      file(...event(...HOUR, 'RRULE:FREQ=DAILY', 'EXDATE:20260603T080000Z', ANN)),
      '2026-06-03T08:30:00Z',
      [],
    ],
    [
      'of an occurrence that somebody else took',
      file(
        ...event(...HOUR, 'RRULE:FREQ=DAILY', ANN),
        ...event('RECURRENCE-ID:20260603T080000Z', 'DTSTART:20260603T080000Z', 'DTEND:20260603T090000Z', BEN),
      ),
      '2026-06-03T08:30:00Z',
      ['Ben@Example.com'],
    ],
    [
      'of an occurrence that was moved to now',
      file(
        ...event(...HOUR, 'RRULE:FREQ=DAILY', ANN),
        ...event('RECURRENCE-ID:20260609T080000Z', 'DTSTART:20260603T120000Z', 'DTEND:20260603T130000Z', BEN),
      ),
      '2026-06-03T12:30:00Z',
      ['Ben@Example.com'],
    ],
    [
      'by the summer time of a zone that the file describes',
      file(
        ...BERLIN,
        ...event('DTSTART;TZID=Our Berlin:20260601T080000', 'DTEND;TZID=Our Berlin:20260601T090000', ANN),
      ),
      '2026-06-01T06:30:00Z',
      ['ann@example.com'],
    ],
    [
      'by the winter time of a zone that it only names',
      file(
        ...event(
          'DTSTART;TZID=Europe/Berlin:20260601T080000',
          'DTEND;TZID=Europe/Berlin:20260601T090000',
          'RRULE:FREQ=DAILY',
          ANN,
        ),
      ),
      '2026-12-01T07:30:00Z',
      ['ann@example.com'],
    ],
    [
      'on a whole day of the zone of the file',
      file('X-WR-TIMEZONE:Asia/Kolkata', ...event('DTSTART;VALUE=DATE:20260601', 'DTEND;VALUE=DATE:20260602', ANN)),
      '2026-05-31T18:30:00Z',
      ['ann@example.com'],
    ],
    [
      'on a whole day, not past its end',
      file('X-WR-TIMEZONE:Asia/Kolkata', ...event('DTSTART;VALUE=DATE:20260601', 'DTEND;VALUE=DATE:20260602', ANN)),
      '2026-06-01T18:30:00Z',
      [],
    ],
  ])('%s', (_title, text, moment, addresses) => {
    expect(attendeesAt(text, at(moment))).toEqual(addresses);
  });
});

test.each<[string, string]>([
  ['nothing', ''],
  ['a page', '<!doctype html><p>Sign in</p>'],
  ['half a calendar', 'BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART:2026'],
  ['a card', 'BEGIN:VCARD\r\nVERSION:4.0\r\nEND:VCARD'],
  ['an event without a beginning', file(...event(ANN))],
  [
    'an event that repeats each second',
    file(...event('DTSTART:20200101T000000Z', 'DURATION:PT1S', 'RRULE:FREQ=SECONDLY', ANN)),
  ],
  ['a thousand of events too many', file(...Array.from({ length: 5_001 }, () => event(...HOUR, ANN)).flat())],
])('%s cannot be read, which means that nobody is on call', (_title, text) => {
  expect(attendeesAt(text, at('2026-06-01T08:30:00Z'))).toBeNull();
});

const repeated = (rule: string) => file(...event(...HOUR, `RRULE:${rule}`, ANN));
const zoned = (...observances: readonly string[]) =>
  file(
    'BEGIN:VTIMEZONE',
    'TZID:Odd',
    ...observances,
    'END:VTIMEZONE',
    ...event('DTSTART;TZID=Odd:20260601T080000', ANN),
  );
const observance = (rule: string) => [
  ...['BEGIN:STANDARD', 'DTSTART:19700101T000000', `RRULE:${rule}`],
  ...['TZOFFSETFROM:+0000', 'TZOFFSETTO:+0100', 'END:STANDARD'],
];
const FREQUENCIES = ['SECONDLY', 'MINUTELY', 'HOURLY', 'DAILY', 'WEEKLY', 'MONTHLY', 'YEARLY'];
const PARTS = [
  ...['BYMONTH=2;BYMONTHDAY=30', 'BYMONTH=2;BYMONTHDAY=-30', 'BYYEARDAY=367', 'BYYEARDAY=366;BYMONTH=1'],
  ...['BYWEEKNO=53;BYMONTH=6', 'BYDAY=MO;BYMONTHDAY=31;BYMONTH=2', 'BYDAY=6MO', 'BYSETPOS=366;BYDAY=MO'],
  ...['BYHOUR=0,1,2;BYMONTH=2;BYMONTHDAY=30', 'BYMINUTE=0,1;BYMONTH=2;BYMONTHDAY=30', 'BYSECOND=60;BYMONTHDAY=31'],
];

test.each(FREQUENCIES.flatMap((frequency) => PARTS.map((part) => [frequency, part])))(
  'a rule that never matches, %s with %s, is read to its end or given up, and nobody is on call by it',
  (frequency, part) => {
    expect(attendeesAt(repeated(`FREQ=${frequency};${part}`), at('2026-09-04T08:30:00Z')) ?? []).toEqual([]);
  },
);

test.each<[string, string]>([
  ['repeats within a day', repeated('FREQ=HOURLY')],
  ['repeats each day of a month', repeated('FREQ=DAILY;BYMONTH=6')],
  ['repeats at many times of a day', repeated('FREQ=WEEKLY;BYHOUR=1,2,3')],
  ['describes a zone that changes each second', zoned(...observance('FREQ=SECONDLY'))],
  ['describes a zone that changes each day', zoned(...observance('FREQ=DAILY'))],
  [
    'describes a zone with too many changes',
    zoned(...Array.from({ length: 201 }, () => observance('FREQ=YEARLY')).flat()),
  ],
])('a file that %s is refused as a whole', (_title, text) => {
  expect(attendeesAt(text, at('2026-06-01T08:30:00Z'))).toBeNull();
});

test('a day of the week that no day of the rule ever is ends the reading, and nothing else of the process', () => {
  const never = repeated('FREQ=DAILY;INTERVAL=7;BYDAY=TU');
  expect(attendeesAt(never, at('2026-06-03T08:30:00Z')) ?? []).toEqual([]);
  expect(attendeesAt(file(...event(...HOUR, ANN)), at('2026-06-01T08:30:00Z'))).toEqual(['ann@example.com']);
});
