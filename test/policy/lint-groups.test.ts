// What lint says of approver groups: circles by their names, sources that stand beside each other, choices among nobody, and
// what only looks right.

import { expect, test } from '@jest/globals';
import { parsePolicyFile } from '../../src/policy/read.ts';

const RULE = '  - { name: r, match: { action: db.drop, resource: "*" }, effect: require, approvers: [one] }';

function read(groups: readonly string[], more: readonly string[] = []) {
  const lines = ['version: 1', ...more, 'approver_groups:', ...groups.map((group) => `  ${group}`), 'rules:', RULE];
  const file = parsePolicyFile(Buffer.from(lines.join('\n')));
  const found = file.kind === 'problems' ? file.problems : file.warnings;
  return { kind: file.kind, found: found.map(({ path, message }) => `${path.join('.')}: ${message}`) };
}

const LISTED = (name: string, ...members: string[]) =>
  `${name}: { members: [${members.join(', ')}], channel: C0PAYMENTS }`;
const ANN = 'ann@example.com';

test.each<[string, string[], string[]]>([
  [
    'a circle is named, from each of its groups',
    [
      'one: { groups: [two], channel: C0ONE }',
      'two: { groups: [three], channel: C0TWO }',
      'three: { groups: [one], channel: C0THREE }',
    ],
    [
      'approver_groups.one.groups: the groups run in a circle: one → two → three → one',
      'approver_groups.two.groups: the groups run in a circle: two → three → one → two',
      'approver_groups.three.groups: the groups run in a circle: three → one → two → three',
    ],
  ],
  [
    'a group of itself',
    ['one: { groups: [one], channel: C0ONE }'],
    ['approver_groups.one.groups: the groups run in a circle: one → one'],
  ],
  [
    'a part that is not there',
    ['one: { groups: [nobody], channel: C0ONE }'],
    ['approver_groups.one.groups.0: there is no approver group "nobody"'],
  ],
  [
    'two kinds of members',
    [`one: { members: [${ANN}], channel_members: G0SRE, channel: C0ONE }`],
    ['approver_groups.one: a group has either members or channel_members, not both'],
  ],
  [
    'on call among people who are on call',
    [
      'one: { on_call: { url: "https://a.example/x", among: [two] }, channel: C0ONE }',
      'two: { groups: [three], channel: C0TWO }',
      'three: { on_call: { ical: "https://a.example/y.ics", among: [four] }, channel: C0THREE }',
      LISTED('four', ANN),
    ],
    [
      'approver_groups.one.on_call.among: "three" is on_call itself: people are chosen only among groups that need no such source',
    ],
  ],
  [
    'on call without anybody to choose, over a line that anybody reads',
    ['one: { on_call: { url: "http://a.example/x", among: [] }, channel: C0ONE }'],
    [
      'approver_groups.one.on_call.url: write an https address without a user and a fragment, such as https://oncall.example/sre.ics',
      'approver_groups.one.on_call.among: empty: chooses among nobody',
    ],
  ],
])('refuses %s', (_title, groups, problems) => {
  const { kind, found } = read(groups);
  // That nobody is left for the rule is told as well.
  expect([kind, ...found.filter((each) => each.startsWith('approver_groups'))]).toEqual(['problems', ...problems]);
});

test('people of nested groups count once against a quorum', () => {
  const lines = [
    'version: 1',
    'approver_groups:',
    `  ${LISTED('a', ANN)}`,
    `  ${LISTED('b', ANN)}`,
    '  one: { groups: [a, b], channel: C0ONE }',
  ];
  const rule = RULE.replace('approvers: [one]', 'approvers: [one], quorum: 2');
  const file = parsePolicyFile(Buffer.from([...lines, 'rules:', rule].join('\n')));
  expect(file).toMatchObject({ problems: [{ message: 'quorum 2, but the approvers are 1 in all' }] });
});

test('warns where an action of high risk rests on people whom members of the chat can change, however deep', () => {
  const groups = ['one: { groups: [two], channel: C0ONE }', 'two: { slack_user_group: S0DBA, channel: C0TWO }'];
  const message = 'rules.0.name: an action of high risk rests on "two", whose members people of the chat can change';
  expect(read(groups, ['actions:', '  db.drop: { risk: high }'])).toEqual({ kind: 'document', found: [message] });
  expect(read(groups, ['actions:', '  db.drop: { risk: low }'])).toEqual({ kind: 'document', found: [] });
});

test('warns where everybody of a group is away, and refuses whoever is the own delegate', () => {
  const away = ['people:', `  - { email: ${ANN}, away: { until: 2026-12-24, delegate: dan@example.com } }`];
  expect(read([LISTED('one', ANN)], away).found).toEqual(['approver_groups.one: everybody in "one" is away']);
  const nested = [LISTED('two', ANN), 'one: { groups: [two], channel: C0ONE }'];
  expect(read(nested, away).found).toEqual(
    ['two', 'one'].map((name) => `approver_groups.${name}: everybody in "${name}" is away`),
  );
  const open = [
    LISTED('two', ANN),
    'dba: { slack_user_group: S0DBA, channel: C0DBA }',
    'one: { groups: [two, dba], channel: C0ONE }',
  ];
  expect(read(open, away).found).toEqual(['approver_groups.two: everybody in "two" is away']);
  const own = ['people:', `  - { email: ${ANN}, away: { until: 2026-12-24, delegate: Ann@Example.com } }`];
  expect(read([LISTED('one', ANN)], own).found).toEqual(['people.0.away.delegate: nobody is the own delegate']);
});

test('a fallback that is not there is refused, and one that is counts as asked', () => {
  expect(read([LISTED('one', ANN)], ['fallback: [nobody]']).found).toEqual([
    'fallback.0: there is no approver group "nobody"',
  ]);
  expect(read([LISTED('one', ANN), LISTED('two', ANN)], ['fallback: [two]'])).toEqual({ kind: 'document', found: [] });
});
