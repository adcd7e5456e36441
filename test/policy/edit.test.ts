// Edits of a policy's text: what is changed is changed, and nothing else of what was written.

import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { editText, type PolicyEdit } from '../../src/policy/edit.ts';
import { parsePolicyFile } from '../../src/policy/read.ts';

const SOURCE = `# Of Acme, kept by hand.
version: 1
people:
  - { email: finance-lead@example.com, name: Finance Lead, slack: ["T0ACME/U0FINLEAD"] } # the lead
approver_groups:
  # who pays
  payments: { members: [finance-lead@example.com, treasurer@example.com], channel: C0PAYMENTS }   # two
  dba:      { slack_user_group: S0DBA, channel: C0DBA }

  leads:
    members:
      - lea@example.com   # since May
      - lou@example.com
    channel: C0LEADS
rules:
  # money
  - name: refunds
    match: { action: "orders.refund", resource: "order/*", agents: ["*"] }
    effect: require
    approvers: [payments, leads]
    quorum: 2
    timeout: 10m # soon
  - name: payouts
    match: { action: 'payouts.send', resource: "*" }
    effect: require
    stages:
      - { approvers: [payments], quorum: 1, remind_after: 5m } # first
      - { approvers: [leads], quorum: 1 }
`;
const documentOf = (text: string) => {
  const read = parsePolicyFile(new TextEncoder().encode(text));
  if (read.kind === 'problems') throw new Error(JSON.stringify(read.problems));
  return read.document;
};
const before = documentOf(SOURCE);
const [refunds, payouts] = before.rules;
const rulesWith = (name: string, changes: object) =>
  before.rules.map((rule) => (rule.name === name ? { ...rule, ...changes } : rule));
const groupsWith = (changes: object) => ({ ...before.approver_groups, ...changes });
const linesOf = (text: string) => text.split('\n');

const EDITS: readonly (readonly [string, PolicyEdit, object, number])[] = [
  [
    'a member joins, one leaves',
    { kind: 'change_group', name: 'leads', add: ['new@example.com'], remove: ['LOU@example.com'], options: {} },
    {
      approver_groups: groupsWith({
        leads: { members: ['lea@example.com', 'new@example.com'], slack_user_group: null, channel: 'C0LEADS' },
      }),
    },
    1,
  ],
  [
    'people for a Slack user group',
    {
      kind: 'change_group',
      name: 'dba',
      add: ['dan@example.com'],
      remove: [],
      options: { slack_user_group: null, channel: 'C0DATA' },
    },
    {
      approver_groups: groupsWith({ dba: { members: ['dan@example.com'], slack_user_group: null, channel: 'C0DATA' } }),
    },
    1,
  ],
  [
    'a new group',
    { kind: 'set_group', name: 'sre', entry: { slack_user_group: 'S0SRE', channel: 'C0SRE' } },
    { approver_groups: groupsWith({ sre: { members: [], slack_user_group: 'S0SRE', channel: 'C0SRE' } }) },
    0,
  ],
  [
    'a group as it is to be',
    {
      kind: 'set_group',
      name: 'payments',
      entry: { members: ['finance-lead@example.com', 'treasurer@example.com'], channel: 'C0MONEY' },
    },
    { approver_groups: groupsWith({ payments: { ...before.approver_groups['payments'], channel: 'C0MONEY' } }) },
    1,
  ],
  [
    'groups, quorum and timeout of a rule',
    { kind: 'change_rule', name: 'refunds', stages: [{ approvers: ['payments'], quorum: 1 }], timeout: '1h30m' },
    { rules: rulesWith('refunds', { approvers: ['payments'], quorum: 1, timeout_seconds: 5_400 }) },
    3,
  ],
  [
    'the stages of a rule',
    {
      kind: 'change_rule',
      name: 'payouts',
      stages: [
        { approvers: ['payments'], quorum: 2 },
        { approvers: ['leads'], quorum: 1 },
      ],
    },
    {
      rules: rulesWith('payouts', {
        stages: [
          { ...payouts?.stages?.[0], quorum: 2 },
          { approvers: ['leads'], quorum: 1 },
        ],
      }),
    },
    1,
  ],
  [
    'a rule switched off',
    { kind: 'switch_rule', name: 'refunds', is_on: false },
    { rules: rulesWith('refunds', { off: true }) },
    0,
  ],
];

test.each(EDITS)(
  '%s: the document has it, and each other line stands as it was written',
  (_name, edit, changes, gone) => {
    const text = editText(SOURCE, edit);
    expect(documentOf(text)).toEqual({ ...before, ...changes });
    const left = linesOf(SOURCE).filter((line) => !linesOf(text).includes(line));
    expect(left).toHaveLength(gone);
    for (const [comment] of SOURCE.matchAll(/# .*/g)) expect(text).toContain(comment);
  },
);

test('a group is deleted, a rule is switched on again, and the same again changes no byte', () => {
  const off = editText(SOURCE, { kind: 'switch_rule', name: 'refunds', is_on: false });
  expect(editText(off, { kind: 'switch_rule', name: 'refunds', is_on: true })).toBe(SOURCE);
  expect(editText(SOURCE, { kind: 'switch_rule', name: 'refunds', is_on: true })).toBe(SOURCE);
  const same = { approvers: refunds?.approvers ?? [], quorum: 2 };
  expect(editText(SOURCE, { kind: 'change_rule', name: 'refunds', stages: [same], timeout: '10m' })).toBe(SOURCE);
  const text = editText(SOURCE, { kind: 'delete_group', name: 'dba' });
  expect(Object.keys(documentOf(text).approver_groups)).toEqual(['payments', 'leads']);
});

test('a Slack user group stands in place of the people that were listed', () => {
  const options = { slack_user_group: 'S0LEADS' };
  const text = editText(SOURCE, { kind: 'change_group', name: 'leads', add: [], remove: [], options });
  const leads = { members: [], slack_user_group: 'S0LEADS', channel: 'C0LEADS' };
  expect(documentOf(text).approver_groups).toEqual(groupsWith({ leads }));
});

test('what is not there is refused, and so are more stages than the rule has', () => {
  const none = { add: [], remove: [], options: {} };
  for (const edit of [
    { kind: 'delete_group', name: 'nobody' },
    { kind: 'change_group', name: 'nobody', ...none },
    { kind: 'switch_rule', name: 'nothing', is_on: true },
    { kind: 'change_rule', name: 'nothing', timeout: '1m' },
  ] as const)
    expect(() => editText(SOURCE, edit)).toThrow(expect.objectContaining({ code: 'not_found' }));
  const one = [{ approvers: ['payments'], quorum: 1 }];
  expect(() => editText(SOURCE, { kind: 'change_rule', name: 'payouts', stages: one })).toThrow(
    expect.objectContaining({ code: 'invalid_request' }),
  );
});

test.each([
  ['JSON', '{"version":1,"rules":[]}'],
  ['a text without groups', 'version: 1\nrules: []\n'],
  ['an empty list of groups', 'version: 1\napprover_groups: {}\nrules: []\n'],
  ['lines that end as on Windows', 'version: 1\r\nrules: []\r\n'],
])('a first group enters %s', (_name, source) => {
  const entry = { members: ['ann@example.com'], channel: 'C0X' };
  const text = editText(source, { kind: 'set_group', name: 'first', entry });
  expect(documentOf(text).approver_groups).toEqual({ first: { ...entry, slack_user_group: null } });
  expect(text.includes('\r\n')).toBe(source.includes('\r\n'));
});

test('whatever spaces, quotes and comments a text has, an edit changes what it names and nothing else', () => {
  const space = fc.constantFrom('', ' ', '   ');
  const quote = fc.constantFrom('', '"', "'");
  const comment = fc.constantFrom('', ' # why', '   #  no: [b, {c');
  fc.assert(
    fc.property(fc.tuple(space, quote, comment, fc.boolean(), fc.integer({ min: 1, max: 4 })), (parts) => {
      const [gap, mark, note, isFlow, indent] = parts;
      const pad = ' '.repeat(indent);
      const group = isFlow
        ? `${pad}pay:${gap} { members: [${gap}${mark}ann@example.com${mark},${gap} ben@example.com${gap}], channel: C0P }${note}\n`
        : `${pad}pay:${note}\n${pad}${pad}members:\n${pad}${pad}- ${mark}ann@example.com${mark}${note}\n${pad}${pad}- ben@example.com\n${pad}${pad}channel:${gap} C0P\n`;
      const source = `version: 1\n\napprover_groups:${note}\n${group}${note.trim()}\nrules: []\n`;
      const edit = {
        kind: 'change_group',
        name: 'pay',
        add: ['cat@example.com'],
        remove: ['ben@example.com'],
        options: {},
      } as const;
      const text = editText(source, edit);
      const members = ['ann@example.com', 'cat@example.com'];
      expect(documentOf(text).approver_groups).toEqual({ pay: { members, slack_user_group: null, channel: 'C0P' } });
      expect([...text.matchAll(/#.*/g)].map(String)).toEqual([...source.matchAll(/#.*/g)].map(String));
    }),
  );
});
