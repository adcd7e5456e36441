// The policy file: what is well-formed but cannot work.

import { describe, expect, test } from '@jest/globals';
import { lint } from '../../src/domain/policy/lint.ts';
import { change, problemsOf, read, WHOLE } from './policy-text.ts';

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
        '5:3 approver_groups.payments: a group needs members, a slack_user_group, channel_members, on_call or groups',
        '12:13 rules.0.quorum: quorum 2, but the approvers are 0 in all',
      ],
    ],
    [
      'a group that is not there',
      change('approvers: [payments]', 'approvers: [payment]'),
      ['11:17 rules.0.approvers.0: there is no approver group "payment"'],
    ],
    [
      'a condition of a member that is not there',
      change('    effect: require', "    when: 'parameters.amount > 5 && amount > 6'\n    effect: require"),
      [
        '10:37 rules.0.when: condition: Unknown variable: amount; a condition sees agent.name, agent.environment, action, resource, parameters, on_behalf_of and now',
      ],
    ],
    [
      'a condition without quotes, with a function that has no bound',
      change('    effect: require', '    when: resource.matches("x")\n    effect: require'),
      [
        '10:11 rules.0.when: condition: matches() is not available: write glob("order/*"), where * stands for any run of characters',
      ],
    ],
    [
      'a condition in lines of its own',
      change(
        '    effect: require',
        '    when: |\n      agent.name == "a" &&\n      agent.nam == "b"\n    effect: require',
      ),
      ['12:13 rules.0.when: condition: No such key: nam; an agent has name and environment'],
    ],
    [
      'a condition that is a number',
      change('    effect: require', "    when: 'size(parameters)'\n    effect: require"),
      ['10:12 rules.0.when: condition: says int; a condition is true or false'],
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

describe('a pattern that nothing can match is refused on its line', () => {
  const MADE_OF = 'must begin with a letter, a digit or _ and hold only A-Z, a-z, 0-9 and _ . : -';
  test.each<[title: string, text: string, problems: string[]]>([
    [
      'an action in curly quotes',
      change('"orders.refund"', '“orders.refund”'),
      [
        `9:22 rules.0.match.action: matches no action: it has a curly quote (U+201C), and an action ${MADE_OF}; did you mean "orders.refund"?`,
      ],
    ],
    [
      'an agent in capitals, among others',
      change('agents: ["*"]', 'agents: [demo, Deploy-Bot]'),
      [
        '9:75 rules.0.match.agents.1: matches no agent: it has "D", and an agent must begin with a-z or 0-9 and hold only a-z, 0-9 and . _ -; did you mean "deploy-bot"?',
      ],
    ],
    [
      'an environment longer than any',
      change('[production]', `[${'p'.repeat(64)}]`),
      [
        '9:90 rules.0.match.environments.0: matches no environment: an environment has at most 63 characters, and these are 64',
      ],
    ],
    [
      'an unseen character in a resource, typed as itself',
      change('"order/*"', '"order/\u200b*"'),
      [
        '9:56 rules.0.match.resource: here is a character that nobody sees (U+200B); delete it, or write it as \\u200b within double quotes if it is meant',
      ],
    ],
    ['an unseen character in a resource, as an escape', change('"order/*"', '"order/\\u200b*"'), []],
    ['spaces around a pattern, which are no part of it', change('"orders.refund"', '" orders.refund "'), []],
  ])('%s', (_title, text, problems) => {
    expect(problemsOf(text)).toEqual(problems);
  });

  test('an applied document goes by the same lint as a file', () => {
    const file = read(WHOLE);
    const document = file.kind === 'document' ? file.document : undefined;
    const [rule] = document?.rules ?? [];
    if (document === undefined || rule === undefined) throw new Error('the whole policy is none');
    const match = { ...rule.match, action: 'orders/refund' };
    expect(lint({ ...document, rules: [{ ...rule, match }] }).map(({ path }) => path.join('.'))).toEqual([
      'rules.0.match.action',
    ]);
  });
});

test('warnings stand on their lines, and keep nothing from being read', () => {
  const text = change(
    '  - name: refunds',
    '  - name: free\n    match: { action: orders.read, resource: "*" }\n    effect: allow\n  - name: refunds',
  ).replace('action: "orders.refund"', 'action: "*"');
  const all = text.replace('resource: "order/*", agents: ["*"], environments: [production]', 'resource: "*"');
  const file = read(all);
  expect(
    file.kind === 'document' ? file.warnings.map(({ line, column, message }) => [line, column, message]) : file,
  ).toEqual([
    [6, 3, 'no rule asks the group "dba"'],
    [8, 11, 'this rule never judges: "refunds need two people" matches all that it does, and require beats allow'],
  ]);
});
