// The policy file: words and values that are nearly ours, each answered with the one that is.

import { describe, expect, test } from '@jest/globals';
import { change, problemsOf } from './policy-text.ts';

describe('a word that is not ours is answered with the one that is', () => {
  const UNKNOWN = (at: string, name: string, rest: string) => [`${at}: unknown member "${name}"${rest}`];
  test.each<[title: string, text: string, problems: string[]]>([
    [
      'a number for a duration',
      change('timeout: 10m', 'timeout: 600'),
      ['13:14 rules.0.timeout: 600 has no unit; for 600 seconds write 10m'],
    ],
    [
      'a number in quotes',
      change('timeout: 10m', 'timeout: "90"'),
      ['13:14 rules.0.timeout: "90" is no duration; write 1m30s'],
    ],
    [
      'no duration at all',
      change('timeout: 10m', 'timeout: soon'),
      ['13:14 rules.0.timeout: "soon" is no duration; write it such as 10m, 90s or 1h30m'],
    ],
    [
      'nought',
      change('timeout: 10m', 'timeout: 0'),
      ['13:14 rules.0.timeout: 0 has no unit; write it such as 10m, 90s or 1h30m'],
    ],
    ...['', ' true', ' { minutes: 10 }'].map((value): [string, string, string[]] => [
      `"${value}" for a duration`,
      change('timeout: 10m', `timeout:${value}`),
      [
        expect.stringContaining(
          'rules.0.timeout: no duration stands here; write it such as 10m, 90s or 1h30m',
        ) as unknown as string,
      ],
    ]),
    ...['2;', '2,', '2 // two people'].map((value): [string, string, string[]] => [
      `${value} for a number`,
      change('quorum: 2', `quorum: ${value}`),
      ['12:13 rules.0.quorum: expected a whole number, found text; write 2 alone'],
    ]),
    [
      'text with semicolons for a list',
      change('["*"]', '"demo; other"'),
      ['9:68 rules.0.match.agents: expected a list, found text; write [demo, other]'],
    ],
    [
      'a lifetime without its unit',
      change('lifetime: 5m', 'lifetime: 300'),
      ['14:103 rules.0.credential.lifetime: 300 has no unit; for 300 seconds write 5m'],
    ],
    [
      'a group of one letter less',
      change('    approvers:', '    approver:'),
      UNKNOWN('11:5 rules.0.approver', 'approver', '; did you mean "approvers"?'),
    ],
    [
      'another spelling',
      change('slack_user_group', 'slackUserGroup'),
      UNKNOWN('6:15 approver_groups.dba.slackUserGroup', 'slackUserGroup', '; did you mean "slack_user_group"?'),
    ],
    [
      'a dash for an underscore',
      change('approver_groups:', 'approver-groups:'),
      [...UNKNOWN('4:1 approver-groups', 'approver-groups', '; did you mean "approver_groups"?')],
    ],
    [
      'a capital letter',
      change('    quorum', '    Quorum'),
      UNKNOWN('12:5 rules.0.Quorum', 'Quorum', '; did you mean "quorum"?'),
    ],
    [
      'letters that changed places',
      change('    effect', '    efefct'),
      [
        '8:5 rules.0.effect: "effect" is missing',
        ...UNKNOWN('10:5 rules.0.efefct', 'efefct', '; did you mean "effect"?'),
      ],
    ],
    [
      'a short form',
      change('environments:', 'env:'),
      UNKNOWN('9:75 rules.0.match.env', 'env', '; did you mean "environments"?'),
    ],
    [
      'a member in the wrong place',
      change('    quorum: 2', '    quorum: 2\n    agents: [demo]'),
      UNKNOWN('13:5 rules.0.agents', 'agents', '; it stands in "match"'),
    ],
    [
      'the word of another tool',
      change('quorum: 2', 'threshold: 2'),
      UNKNOWN('12:5 rules.0.threshold', 'threshold', '; did you mean "quorum"?'),
    ],
    [
      'another one, in the credential',
      change('lifetime: 5m', 'ttl: 5m'),
      UNKNOWN('14:93 rules.0.credential.ttl', 'ttl', '; did you mean "lifetime"?'),
    ],
    ['a word that is near to none', change('quorum: 2', 'colour: 2'), UNKNOWN('12:5 rules.0.colour', 'colour', '')],
    ...(['block', 'forbid', 'reject'] as const).map((word): [string, string, string[]] => [
      `${word}, for deny`,
      change('effect: require', `effect: ${word}`),
      ['10:13 rules.0.effect: expected require, allow, deny; did you mean deny?'],
    ]),
    ...(['ask', 'approval', 'Review'] as const).map((word): [string, string, string[]] => [
      `${word}, for require`,
      change('effect: require', `effect: ${word}`),
      ['10:13 rules.0.effect: expected require, allow, deny; did you mean require?'],
    ]),
    [
      'a number in words',
      change('quorum: 2', 'quorum: two'),
      ['12:13 rules.0.quorum: expected a whole number, found text; write it in digits, such as 2'],
    ],
    [
      'two scopes in one',
      change('["orders:refund"]', '["orders:read orders:refund"]'),
      [
        '14:75 rules.0.credential.scopes.0: a scope holds no space, quote, backslash or letter beyond ASCII; ' +
          'write each one apart: ["a:read", "b:read"]',
      ],
    ],
    [
      'two patterns without quotes',
      change('"orders.refund"', 'orders.refund, orders.void'),
      UNKNOWN('9:37 rules.0.match.orders.void', 'orders.void', '; a pattern is one, so write a rule for each'),
    ],
    [
      'text for a list',
      change('[payments]', 'payments'),
      ['11:16 rules.0.approvers: expected a list, found text; write [payments]'],
    ],
    [
      'text with commas for a list',
      change('["*"]', '"demo, other"'),
      ['9:68 rules.0.match.agents: expected a list, found text; write [demo, other]'],
    ],
    [
      'a list for a text',
      change('"orders.refund"', '[a, b]'),
      ['9:14 rules.0.match.action: expected text, found a list; write one, and a rule of its own for each other'],
    ],
    [
      'a number for a name',
      change('refunds need two people', '2024'),
      ['8:11 rules.0.name: expected text, found number 2024; write "2024", in quotes'],
    ],
    [
      'a boolean for a name',
      change('["*"]', '[true]'),
      ['9:69 rules.0.match.agents.0: expected text, found boolean true; write "true", in quotes'],
    ],
    [
      'text for a number',
      change('quorum: 2', 'quorum: "2"'),
      ['12:13 rules.0.quorum: expected a whole number, found text; write 2, without quotes'],
    ],
    [
      'a version in quotes',
      change('version: 1', 'version: "1"'),
      ['1:10 version: expected 1; write 1, without quotes'],
    ],
    [
      'an effect in capitals',
      change('effect: require', 'effect: Require'),
      ['10:13 rules.0.effect: expected require, allow, deny; did you mean require?'],
    ],
    [
      'an effect with one letter more',
      change('effect: require', 'effect: requires'),
      ['10:13 rules.0.effect: expected require, allow, deny; did you mean require?'],
    ],
    [
      'an address with its name',
      change('treasurer@example.com', '"Treasurer <treasurer@example.com>"'),
      ['5:51 approver_groups.payments.members.1: not an e-mail address; write treasurer@example.com alone'],
    ],
  ])('%s', (_title, text, problems) => {
    expect(problemsOf(text)).toEqual(problems);
  });
});
