// The policy file: what it means, and each problem on its very line.

import { describe, expect, test } from '@jest/globals';
import { LIFETIME_SECONDS_DEFAULT } from '../../src/domain/credential/scope.ts';
import { change, problemsOf, read, WHOLE } from './policy-text.ts';

test('a whole policy file becomes its document, durations in seconds and e-mails in lower case', () => {
  expect(read(WHOLE)).toEqual({
    kind: 'document',
    document: {
      version: 1,
      people: [{ email: 'finance-lead@example.com', name: 'Finance Lead', slack: ['T0ACME/U0FINLEAD'] }],
      approver_groups: {
        payments: {
          members: ['finance-lead@example.com', 'treasurer@example.com'],
          slack_user_group: null,
          channel: 'C0PAYMENTS',
        },
        dba: { members: [], slack_user_group: 'S0DBA', channel: 'C0DBA' },
      },
      rules: [
        {
          name: 'refunds need two people',
          match: { action: 'orders.refund', resource: 'order/*', agents: ['*'], environments: ['production'] },
          effect: 'require',
          approvers: ['payments'],
          quorum: 2,
          timeout_seconds: 600,
          credential: {
            type: 'jwt',
            audience: 'https://orders.example',
            scopes: ['orders:refund'],
            lifetime_seconds: 300,
          },
        },
      ],
    },
    warnings: [{ line: 6, column: 3, path: ['approver_groups', 'dba'], message: 'no rule asks the group "dba"' }],
  });
});

test('what a rule leaves out gets the documented default', () => {
  const file = read(`version: 1
approver_groups: { a: { members: [x@example.com], channel: C0AAA } }
rules:
  - name: r
    match: { action: x, resource: y }
    effect: require
    approvers: [a]
    credential: { type: jwt, audience: "urn:x", scopes: [s] }
`);
  expect(file.kind === 'document' ? file.document.rules[0] : file).toEqual({
    name: 'r',
    match: { action: 'x', resource: 'y', agents: ['*'], environments: ['*'] },
    effect: 'require',
    approvers: ['a'],
    quorum: 1,
    timeout_seconds: 600,
    credential: { type: 'jwt', audience: 'urn:x', scopes: ['s'], lifetime_seconds: LIFETIME_SECONDS_DEFAULT },
  });
});

describe('a problem names its line, its column and what to mend', () => {
  test.each<[title: string, text: string, problems: string[]]>([
    ['an empty file', '', ['1:1 : the file is empty; a policy starts with version: 1']],
    ['a list instead of members', '- a\n', ['1:1 : expected members, found a list']],
    ['another version', change('version: 1', 'version: 2'), ['1:10 version: expected 1']],
    ['no version', change('version: 1\n', ''), ['1:1 version: "version" is missing']],
    [
      'an unknown member',
      change('quorum: 2', 'quorom: 2'),
      ['12:5 rules.0.quorom: unknown member "quorom"; did you mean "quorum"?'],
    ],
    ['an unknown member at the top', `${WHOLE}rule: []\n`, ['15:1 rule: unknown member "rule"; did you mean "rules"?']],
    [
      'a list that is empty text',
      change('approvers: [payments]', 'approvers:'),
      ['11:15 rules.0.approvers: expected a list, found nothing'],
    ],
    [
      'text for a number',
      change('quorum: 2', 'quorum: "2"'),
      ['12:13 rules.0.quorum: expected a whole number, found text; write 2, without quotes'],
    ],
    [
      'half a person',
      change('quorum: 2', 'quorum: 1.5'),
      ['12:13 rules.0.quorum: expected a whole number, found number 1.5'],
    ],
    ['no quorum at all', change('quorum: 2', 'quorum: 0'), ['12:13 rules.0.quorum: below 1']],
    [
      'a number for a duration',
      change('timeout: 10m', 'timeout: 600'),
      ['13:14 rules.0.timeout: 600 has no unit; for 600 seconds write 10m'],
    ],
    [
      'a duration in words',
      change('timeout: 10m', 'timeout: 10 minutes'),
      ['13:14 rules.0.timeout: "10 minutes" is no duration; write 10m'],
    ],
    ['too long a wait', change('timeout: 10m', 'timeout: 40d'), ['13:14 rules.0.timeout: 40d is outside 1s to 30d']],
    [
      'too long a life',
      change('lifetime: 5m', 'lifetime: 16m'),
      ['14:103 rules.0.credential.lifetime: 16m is outside 30s to 15m'],
    ],
    [
      'an audience that is no URI',
      change('"https://orders.example"', 'orders'),
      ['14:40 rules.0.credential.audience: write an absolute URI without a fragment, such as https://orders.example'],
    ],
    [
      'scopes that are too long for a credential',
      change('["orders:refund"]', `[${Array.from({ length: 11 }, (_, at) => `${at}`.padStart(200, 's')).join(', ')}]`),
      ['14:66 rules.0.credential.scopes: longer than 2000 characters together'],
    ],
    [
      'an audience that the API would not take of a request',
      change('"https://orders.example"', 'https:'.padEnd(501, 'x')),
      ['14:40 rules.0.credential.audience: longer than 500 characters'],
    ],
    ['a scope twice', change('["orders:refund"]', '[a, a]'), ['14:66 rules.0.credential.scopes: names a scope twice']],
    [
      'another effect',
      change('effect: require', 'effect: escalate'),
      ['10:13 rules.0.effect: expected require, allow, deny'],
    ],
    ['no effect', change('    effect: require\n', ''), ['8:5 rules.0.effect: "effect" is missing']],
    [
      'a channel by name',
      change('channel: C0DBA', 'channel: dba'),
      ['6:49 approver_groups.dba.channel: write the id of a Slack channel, such as C0PAYMENTS, not its name'],
    ],
    [
      'a Slack account without its team',
      change('T0ACME/U0FINLEAD', 'U0FINLEAD'),
      ['3:68 people.0.slack.0: write a Slack account as TEAM/USER, such as T0ACME/U0FINLEAD'],
    ],
    [
      'no e-mail',
      change('treasurer@example.com', 'treasurer'),
      ['5:51 approver_groups.payments.members.1: not an e-mail address'],
    ],
    [
      'a hidden character in a name',
      change('refunds need two people', '"refunds\\u202e need"'),
      ['8:11 rules.0.name: has a control or invisible character'],
    ],
    [
      'a joiner in a name that is no spelling',
      change('refunds need two people', 're\u200cfunds'),
      ['8:11 rules.0.name: has a control or invisible character'],
    ],
    ['a joiner in a name that is spelling', change('refunds need two people', 'بازپرداخت\u200cها می\u200cشود'), []],
    [
      'an address with a letter of another script',
      change('treasurer@example.com', 'treasurer@ex\u0430mple.com'),
      [
        '5:51 approver_groups.payments.members.1: not an e-mail address: "ex\u0430mple" has the Cyrillic letter "\u0430" (U+0430, which looks like "a"); if it is meant, write xn--exmple-4nf.com',
      ],
    ],
    [
      'one person in two spellings of a domain',
      change('finance-lead@example.com, treasurer@example.com', 'ann@bücher.example, ann@XN--BCHER-KVA.example'),
      [
        '5:15 approver_groups.payments.members: ann@xn--bcher-kva.example is a member twice',
        '12:13 rules.0.quorum: quorum 2, but the approvers are 1 in all',
      ],
    ],
    [
      'a group name that is none',
      change('dba:  ', 'D BA:'),
      ['6:3 approver_groups.D BA: a group is named in a-z, 0-9, dot, dash and underscore'],
    ],
    [
      'a member written twice',
      change('quorum: 2', 'quorum: 2\n    quorum: 1'),
      ['13:5 : this member stands here twice'],
    ],
    ['broken syntax', 'version: [1\n', ['2:1 : a "[" or "{" that opens before this place is not closed']],
    [
      'a second document',
      `${WHOLE}---\nversion: 1\n`,
      ['15:1 : one file holds one policy; a second document starts here'],
    ],
    [
      'an alias',
      'version: 1\nrules: &all []\npeople: *all\n',
      [
        '2:13 : anchors and aliases (& and *) are not allowed in a policy',
        '3:9 : anchors and aliases (& and *) are not allowed in a policy',
      ],
    ],
    ['a tag', 'version: !!int 1\n', ['1:16 : tags (!) are not allowed in a policy']],
    [
      'a quorum that nobody asks for',
      change('effect: require', 'effect: allow'),
      [
        '12:13 rules.0.quorum: has no effect in a rule that says allow',
        '13:14 rules.0.timeout: has no effect in a rule that says allow',
      ],
    ],
  ])('%s', (_title, text, problems) => {
    expect(problemsOf(text)).toEqual(problems);
  });
});
