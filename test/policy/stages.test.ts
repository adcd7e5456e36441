// Stages in the policy file: what they are read as, what is refused, and what is warned of, with line and column.

import { describe, expect, test } from '@jest/globals';
import { parsePolicyFile } from '../../src/policy/read.ts';

const GROUPS = `approver_groups:
  payments: { members: [ann@example.com, ben@example.com], channel: C0PAYMENTS }
  leads: { members: [ben@example.com], channel: C0LEADS }
  dba: { slack_user_group: S0DBA, channel: C0DBA }
`;
const MATCH = 'match: { action: "orders.refund", resource: "order/*" }';
const fileOf = (...rules: string[]) => {
  const all = rules.map((rule, index) => `  - { name: rule ${index}, ${MATCH}, effect: require, ${rule} }\n`);
  return parsePolicyFile(Buffer.from(`version: 1\n${GROUPS}rules:\n${all.join('')}`));
};
const problemsOf = (...rules: string[]) => {
  const file = fileOf(...rules);
  const placed = file.kind === 'problems' ? file.problems : file.warnings;
  return placed.map(({ path, message }) => `${path.join('.')}: ${message}`);
};

test('stages are read with their defaults, and a rule without them has the members that it had (its digest stays)', () => {
  const file = fileOf(
    'stages: [{ approvers: [payments] }, { approvers: [dba, leads], each: true, quorum: 3 }], distinct_stages: true',
  );
  const [rule] = file.kind === 'document' ? file.document.rules : [];
  expect(rule?.stages).toEqual([
    { approvers: ['payments'], quorum: 1 },
    { approvers: ['dba', 'leads'], quorum: 3, each: true },
  ]);
  expect(rule).not.toHaveProperty('distinct_stages');
  const short = fileOf('approvers: [payments], timeout: 30d');
  const members = short.kind === 'document' ? Object.keys(short.document.rules[0] ?? {}).sort() : [];
  expect(members).toEqual(['approvers', 'credential', 'effect', 'match', 'name', 'quorum', 'timeout_seconds']);
});

describe('refused is', () => {
  test.each<[title: string, rule: string, problem: string]>([
    [
      'a short form beside stages',
      'approvers: [dba], stages: [{ approvers: [dba] }]',
      'rules.0.approvers: a rule has either approvers or stages, not both',
    ],
    [
      'a quorum beside stages',
      'quorum: 2, stages: [{ approvers: [dba] }]',
      'rules.0.quorum: has no effect beside stages, which have their own',
    ],
    [
      'an order without stages',
      'approvers: [dba], distinct_stages: false',
      'rules.0.distinct_stages: has no effect without stages',
    ],
    ['a list without a stage', 'stages: []', 'rules.0.stages: empty: leave it out for one stage'],
    ['more than ten', `stages: [${'{ approvers: [dba] }, '.repeat(11)}]`, 'rules.0.stages: more than 10'],
    [
      'a stage without approvers',
      'stages: [{ approvers: [] }]',
      'rules.0.stages.0.approvers: a rule that requires approval names its approvers',
    ],
    [
      'a group that is not there',
      'stages: [{ approvers: [dba] }, { approvers: [dbo] }]',
      'rules.0.stages.1.approvers.0: there is no approver group "dbo"',
    ],
    [
      'a mistyped member',
      'stages: [{ approver: [dba], approvers: [dba] }]',
      'rules.0.stages.0.approver: unknown member "approver"; did you mean "approvers"?',
    ],
    [
      'too few for one stage',
      'stages: [{ approvers: [dba] }, { approvers: [leads], quorum: 2 }]',
      'rules.0.stages.1.quorum: quorum 2, but the approvers are 1 in all',
    ],
    [
      'people who would have to count twice',
      'stages: [{ approvers: [payments], quorum: 2 }, { approvers: [leads] }]',
      'rules.0.stages.1.quorum: quorum 1, but the approvers are 1 in all, and nobody counts in two stages',
    ],
    [
      'one person who would stand for two groups',
      'stages: [{ approvers: [leads, leads2], each: true }]',
      'rules.0.stages.0.approvers.1: there is no approver group "leads2"',
    ],
  ])('%s', (_title, rule, problem) => {
    expect(problemsOf(rule)).toEqual([problem]);
  });

  test('nothing where people may count in two stages', () => {
    expect(
      problemsOf('stages: [{ approvers: [payments], quorum: 2 }, { approvers: [leads] }], distinct_stages: false'),
    ).toEqual(['approver_groups.dba: no rule asks the group "dba"']);
  });
});

describe('warned of are', () => {
  const LADDER = 'stages: [{ approvers: [payments] }, { approvers: [dba] }]';
  test('rules of which neither contains the other, by name', () => {
    expect(problemsOf(LADDER, 'stages: [{ approvers: [dba] }, { approvers: [leads] }]')).toEqual([
      'rules.1.name: neither this rule nor "rule 0" asks for all that the other does; what both match needs the stages of both',
    ]);
  });

  test('a rule whose demands another one contains, since it never judges', () => {
    expect(problemsOf(LADDER, 'approvers: [payments, leads]')).toEqual([
      'rules.1.name: this rule never judges: "rule 0" matches all that it does, and it asks for all that this rule does',
    ]);
  });

  test('none of two that nothing matches both of', () => {
    const other = 'stages: [{ approvers: [dba] }, { approvers: [leads] }]';
    const text = `version: 1\n${GROUPS}rules:\n  - { name: a, ${MATCH}, effect: require, ${LADDER} }
  - { name: b, match: { action: "orders.read*", resource: "order/*" }, effect: require, ${other} }\n`;
    expect(parsePolicyFile(Buffer.from(text))).toMatchObject({ kind: 'document', warnings: [] });
  });
});

describe('the hours of a rule', () => {
  const CALENDAR =
    'calendars:\n  office: { time_zone: Europe/Berlin, days: [mon, fri], from: "22:00", to: "06:00", except: [2026-12-25] }\n';
  const read = (hours: string, calendars = CALENDAR) => {
    const rule = `  - { name: a, ${MATCH}, effect: require, approvers: [payments, leads, dba], ${hours} }\n`;
    const file = parsePolicyFile(Buffer.from(`version: 1\n${GROUPS}${calendars}rules:\n${rule}`));
    if (file.kind === 'document') return file;
    return file.problems.map(({ line, path, message }) => `${line} ${path.join('.')}: ${message}`);
  };

  test('are read with their calendar, over midnight too', () => {
    expect(read('hours: { calendar: office, outside: wait }')).toMatchObject({
      document: {
        calendars: {
          office: {
            time_zone: 'Europe/Berlin',
            days: ['mon', 'fri'],
            from_minutes: 1320,
            to_minutes: 360,
            except: ['2026-12-25'],
          },
        },
        rules: [{ hours: { calendar: 'office', outside: 'wait' } }],
      },
      warnings: [],
    });
    expect(read('timeout: 10m', '')).toMatchObject({ kind: 'document' });
  });

  test.each<[title: string, hours: string, calendars: string, problem: string]>([
    [
      'a calendar that is not there',
      'hours: { calendar: ofice, outside: wait }',
      CALENDAR,
      '9 rules.0.hours.calendar: there is no calendar "ofice"',
    ],
    [
      'less open time than the timeout',
      'timeout: 5d, hours: { calendar: office, outside: wait }',
      CALENDAR,
      '9 rules.0.hours.calendar: 30 days of "office" have less open time than the timeout',
    ],
    [
      'no place on earth',
      'hours: { calendar: office, outside: deny }',
      CALENDAR.replace('Europe/Berlin', 'Europe/Berln'),
      '7 calendars.office.time_zone: write a time zone such as Europe/Berlin',
    ],
    [
      'no time of a day',
      'hours: { calendar: office, outside: deny }',
      CALENDAR.replace('22:00', '25:00'),
      '7 calendars.office.from: write a time such as "08:00"',
    ],
    [
      'no date',
      'hours: { calendar: office, outside: deny }',
      CALENDAR.replace('12-25', '02-30'),
      '7 calendars.office.except.0: write a date such as 2026-12-25',
    ],
    [
      'no way out',
      'hours: { calendar: office, outside: skip }',
      CALENDAR,
      '9 rules.0.hours.outside: expected wait, deny, page',
    ],
  ])('are refused with %s', (_title, hours, calendars, problem) => {
    expect(read(hours, calendars)).toEqual([problem]);
  });
});
