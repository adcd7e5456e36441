// The form of a calendar in the policy file, and of a rule's hours.

import { z } from 'zod';
import { DAYS, isDate, isTimeZone } from '../domain/policy/calendar.ts';
import { OUTSIDE } from '../domain/policy/hours.ts';

/** Ten years of holidays. */
const DATES_MAX = 200;
const DAY_MINUTES = 1_440;

/** Minutes after midnight of a time such as 08:00; 24:00 is the end of the day. */
const time = z
  .string()
  .regex(/^(?:[01]\d|2[0-3]):[0-5]\d$|^24:00$/, 'write a time such as "08:00"')
  .transform((text) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3)));

const date = z.string().refine(isDate, 'write a date such as 2026-12-25');

export const calendarForm = z.strictObject({
  time_zone: z.string().refine(isTimeZone, 'write a time zone such as Europe/Berlin'),
  days: z.array(z.enum(DAYS)).min(1, 'empty: never open').max(DAYS.length, `more than ${DAYS.length}`),
  from: time.refine((minutes) => minutes < DAY_MINUTES, 'begins at the end of the day'),
  to: time,
  except: z.array(date).max(DATES_MAX, `more than ${DATES_MAX}`).default([]),
});

/** Parses to a Calendar; until 00:00 is until the end of the day. */
export const calendar = calendarForm.transform(({ from, to, ...rest }) => ({
  ...rest,
  from_minutes: from,
  to_minutes: to === 0 ? DAY_MINUTES : to,
}));

export const hours = z.strictObject({ calendar: z.string(), outside: z.enum(OUTSIDE) });
