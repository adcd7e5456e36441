// The hours of rules: who is denied outside of them, which calendars can never give the time that a rule gives.

import { describe, expect, test } from '@jest/globals';
import { afterOpenSeconds, type Calendar, DAYS, isDate, openSecondsBetween } from '../../src/domain/policy/calendar.ts';
import { type Hours, isNeverEnough, isOutside } from '../../src/domain/policy/hours.ts';
import { denialReason, evaluate, type Rule } from '../../src/domain/policy/policy.ts';
import { escalateAt, remindAt } from '../../src/domain/request/stage-due.ts';
import { makePolicy, makeRule } from '../support/builders.ts';
import { subject } from './decisions.ts';

const OFFICE: Calendar = {
  time_zone: 'Europe/Berlin',
  days: ['mon', 'tue', 'wed', 'thu', 'fri'],
  from_minutes: 8 * 60,
  to_minutes: 18 * 60,
  except: [],
};
const calendars = { office: OFFICE };
const FRIDAY = new Date('2026-11-27T17:00:00+01:00');
const SATURDAY = new Date('2026-11-28T12:00:00+01:00');
const hoursOf = (outside: Hours['outside']): Hours => ({ calendar: 'office', outside });
const judge = (now: Date, ...rules: Rule[]) => {
  const agent = { name: 'demo', environment: 'production', labels: {}, owner: 'ann@example.com' };
  const input = { agent, action: 'orders.refund', resource: 'order/1', parameters: {}, on_behalf_of: null, now };
  return evaluate({ ...makePolicy(rules), calendars }, input);
};

describe('outside its hours a rule', () => {
  test('that denies then is a denial which says why, and requires approval within them', () => {
    const rule = makeRule({ hours: hoursOf('deny') });
    expect(judge(FRIDAY, rule)).toEqual({ effect: 'require', rule });
    expect(judge(SATURDAY, rule)).toEqual({ effect: 'deny', rule, denial: 'outside_hours' });
    const reason = denialReason({ rule: 'refunds', policy_number: 1, denial: 'outside_hours' });
    expect(reason).toBe('The rule “refunds” denies this outside its hours.');
  });

  test('denies also where a stricter one judges', () => {
    const rules = [makeRule({ hours: hoursOf('deny') }), makeRule({ name: 'two', quorum: 2 })];
    expect(judge(FRIDAY, ...rules).rule?.name).toBe('two');
    expect(judge(SATURDAY, ...rules)).toMatchObject({ effect: 'deny', denial: 'outside_hours' });
  });

  test('that waits or pages requires approval all the same', () => {
    for (const outside of ['wait', 'page'] as const) {
      expect(judge(SATURDAY, makeRule({ hours: hoursOf(outside) })).effect).toBe('require');
    }
  });

  test('of a calendar that is not there is never within them', () => {
    expect(isOutside({}, hoursOf('deny'), FRIDAY)).toBe(true);
    expect(isOutside(calendars, undefined, SATURDAY)).toBe(false);
  });
});

test('reminders and escalations run on the clock of the hours', () => {
  const expires_at = afterOpenSeconds(OFFICE, FRIDAY, 7_200);
  const stages = [
    {
      approvers: [{ group_id: 'g0', name: 'payments' }],
      quorum: 1,
      escalate: { after_seconds: 5_400, to: [{ group_id: 'g9', name: 'leads' }] },
    },
  ];
  const request = {
    ...subject({ expires_at, requirement: { stages, calendar: OFFICE } }),
    id: 'apr_1',
    created_at: FRIDAY,
  };
  expect(expires_at).toEqual(new Date('2026-11-30T09:00:00+01:00'));
  expect(remindAt(request, [])).toEqual(new Date('2026-11-27T18:00:00+01:00'));
  const late_ms = (escalateAt(request, [])?.getTime() ?? 0) - Date.parse('2026-11-30T08:30:00+01:00');
  expect(late_ms).toBeGreaterThanOrEqual(0);
  expect(late_ms).toBeLessThan(60_000);
});

test('the open time between two moments is what a wait of that length needs', () => {
  expect(openSecondsBetween(OFFICE, FRIDAY, new Date('2026-11-30T09:00:00+01:00'))).toBe(7_200);
  expect(openSecondsBetween(OFFICE, SATURDAY, SATURDAY)).toBe(0);
});

test.each<[title: string, calendar: Calendar, days: number, is_never: boolean]>([
  ['nine days of office time', OFFICE, 9, false],
  ['ten days of office time', OFFICE, 10, true],
  [
    'thirty days of a calendar that never closes',
    { ...OFFICE, days: DAYS, from_minutes: 0, to_minutes: 1_440 },
    30,
    false,
  ],
  ['a second of one that never opens', { ...OFFICE, days: [] }, 0, true],
])('%s within thirty days: never is %s', (_title, calendar, days, is_never) => {
  expect(isNeverEnough(calendar, days * 86_400 + 1 - (is_never ? 0 : 1))).toBe(is_never);
});

test.each([
  ['2026-12-25', true],
  ['2026-02-30', false],
  ['25.12.2026', false],
  ['2026-12-25T00:00', false],
])('"%s" as a date: %s', (text, is_date) => {
  expect(isDate(text)).toBe(is_date);
});
