// The policy file: what is well-formed but cannot work.

import { describe, expect, test } from '@jest/globals';
import { change, problemsOf } from './policy-text.ts';

describe('lint: what is well-formed but cannot work is refused on its line', () => {
  test.each<[title: string, text: string, problems: string[]]>([
    [
      'a group too small for its quorum',
      change('quorum: 2', 'quorum: 3'),
      ['12:13 rules.0.quorum: quorum 3, but the approvers are 2 in all'],
    ],
    [
      'a default quorum with a group of nobody',
      change('members: [finance-lead@example.com, treasurer@example.com], ', ''),
      [
        '5:3 approver_groups.payments: a group needs members or a slack_user_group',
        '12:13 rules.0.quorum: quorum 2, but the approvers are 0 in all',
      ],
    ],
    [
      'a group that is not there',
      change('approvers: [payments]', 'approvers: [payment]'),
      ['11:17 rules.0.approvers.0: there is no approver group "payment"'],
    ],
    [
      'nobody to ask',
      change('    approvers: [payments]\n', ''),
      ['8:5 rules.0.approvers: a rule that requires approval names its approvers'],
    ],
    [
      'one person twice',
      change('approver_groups', '  - email: finance-lead@example.com\napprover_groups'),
      ['4:12 people.1.email: finance-lead@example.com is listed twice'],
    ],
    [
      'an account of two people',
      change('approver_groups', '  - { email: b@example.com, slack: [T0ACME/U0FINLEAD] }\napprover_groups'),
      ['4:37 people.1.slack.0: Slack account T0ACME/U0FINLEAD belongs to two people'],
    ],
    [
      'members and a Slack user group',
      change('slack_user_group: S0DBA', 'slack_user_group: S0DBA, members: [a@example.com]'),
      ['6:3 approver_groups.dba: a group has either members or a slack_user_group, not both'],
    ],
  ])('%s', (_title, text, problems) => {
    expect(problemsOf(text)).toEqual(problems);
  });
});
