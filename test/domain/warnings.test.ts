// What lint warns of: rules that never judge, groups nobody asks, patterns that add nothing, and names that are not what
// they seem.

import { describe, expect, test } from '@jest/globals';
import type { GroupEntry, PolicyDocument, Rule } from '../../src/domain/policy/policy.ts';
import { warningsOf } from '../../src/domain/policy/warnings.ts';

type Changes = Partial<Omit<Rule, 'match'>> & { readonly match?: Partial<Rule['match']> };

const rule = (name: string, { match, ...changes }: Changes = {}): Rule => ({
  name,
  effect: 'require',
  approvers: changes.effect === undefined || changes.effect === 'require' ? ['payments'] : [],
  quorum: 1,
  timeout_seconds: 600,
  credential: null,
  ...changes,
  match: { action: '*', resource: '*', agents: ['*'], environments: ['*'], ...match },
});

const group: GroupEntry = { members: ['a@example.com'], slack_user_group: null, channel: 'C0PAYMENTS' };
const document = (...rules: Rule[]): PolicyDocument => ({
  version: 1,
  people: [],
  approver_groups: { payments: group },
  rules: rules.some(({ effect }) => effect === 'require')
    ? rules
    : [...rules, rule('else', { match: { action: 'nothing.else' } })],
});
const warnings = (...rules: Rule[]) =>
  warningsOf(document(...rules)).map(({ path, message }) => `${path.join('.')}: ${message}`);

describe('a rule that never judges is named, with those that always win', () => {
  const refund = { action: 'orders.refund' };
  test.each<[title: string, rules: Rule[], warned: string[]]>([
    [
      'an allow under a wider require, wherever it stands',
      [rule('free', { effect: 'allow', match: refund }), rule('ask', { match: { action: 'orders.*' } })],
      ['rules.0.name: this rule never judges: "ask" matches all that it does, and require beats allow'],
    ],
    [
      'a require under a wider deny',
      [rule('ask', { match: refund }), rule('never', { effect: 'deny' })],
      ['rules.0.name: this rule never judges: "never" matches all that it does, and deny beats require'],
    ],
    [
      'a smaller quorum under a larger one',
      [rule('one', { match: refund }), rule('two', { quorum: 2 })],
      ['rules.0.name: this rule never judges: "two" matches all that it does, and the larger quorum judges'],
    ],
    [
      'a longer wait under a shorter one',
      [rule('slow', { match: refund }), rule('fast', { timeout_seconds: 60 })],
      ['rules.0.name: this rule never judges: "fast" matches all that it does, and the shorter timeout judges'],
    ],
    [
      'the second of two equal rules',
      [rule('first'), rule('second')],
      [
        'rules.1.name: this rule never judges: "first" matches all that it does, and of equal rules the one written first judges',
      ],
    ],
    [
      'a narrower allow behind a wider one',
      [
        rule('all', { effect: 'allow', match: { action: 'orders.*' } }),
        rule('one', { effect: 'allow', match: refund }),
      ],
      [
        'rules.1.name: this rule never judges: "all" matches all that it does, and of equal rules the one written first judges',
      ],
    ],
    [
      'one whose agents are taken by several rules together',
      [
        rule('a', { effect: 'deny', match: { agents: ['a'] } }),
        rule('b', { effect: 'deny', match: { agents: ['b*'] } }),
        rule('both', { match: { agents: ['a', 'b1'] } }),
      ],
      ['rules.2.name: this rule never judges: "a", "b" match all that it does, and deny beats require'],
    ],
    [
      'an allow under a deny of the same condition',
      [rule('free', { effect: 'allow', when: 'action == "a"' }), rule('no', { effect: 'deny', when: 'action == "a"' })],
      ['rules.0.name: this rule never judges: "no" matches all that it does, and deny beats allow'],
    ],
    [
      'an allow beside a deny of another condition judges',
      [rule('free', { effect: 'allow', when: 'action == "a"' }), rule('no', { effect: 'deny', when: 'action == "b"' })],
      [],
    ],
    [
      'a narrower allow before a wider one judges',
      [
        rule('one', { effect: 'allow', match: refund }),
        rule('all', { effect: 'allow', match: { action: 'orders.*' } }),
      ],
      [],
    ],
    ['a larger quorum for a part judges', [rule('all'), rule('part', { quorum: 2, match: refund })], []],
    [
      'an allow in another environment judges',
      [rule('ask', { match: { environments: ['production'] } }), rule('free', { effect: 'allow' })],
      [],
    ],
    [
      'a rule for agents of one team leaves the others to one for all',
      [rule('ask', { match: { labels: { team: 'payments' } } }), rule('free', { effect: 'allow' })],
      [],
    ],
    [
      'a rule for agents of one team, behind one for teams that begin alike',
      [
        rule('ask', { match: { labels: { team: 'pay*' } } }),
        rule('free', { effect: 'allow', match: { labels: { team: 'payments', tier: '*' } } }),
      ],
      ['rules.1.name: this rule never judges: "ask" matches all that it does, and require beats allow'],
    ],
    [
      'a rule that denies outside its hours, under a larger quorum',
      [rule('open', { match: refund, hours: { calendar: 'office', outside: 'deny' } }), rule('two', { quorum: 2 })],
      [],
    ],
    [
      'of two groups a shorter wait judges, whatever rule elsewhere has stages',
      [
        rule('slow', { approvers: ['payments'] }),
        rule('fast', { approvers: ['payments', 'dba'], timeout_seconds: 60 }),
        rule('else', { match: refund, approvers: [], stages: [{ approvers: ['dba'], quorum: 1, each: true }] }),
      ],
      [
        'rules.2.name: neither this rule nor "slow" asks for all that the other does; what both match needs the stages of both',
      ],
    ],
    [
      'patterns that only overlap both judge',
      [rule('a', { match: { action: '*.refund' } }), rule('b', { match: { action: 'orders.*' } })],
      [],
    ],
    [
      'a rule of which one agent is left judges',
      [rule('a', { effect: 'deny', match: { agents: ['a'] } }), rule('both', { match: { agents: ['a', 'b'] } })],
      [],
    ],
  ])('%s', (_title, rules, warned) => {
    expect(warnings(...rules)).toEqual(warned);
  });
});

describe('what has no effect is warned of where it stands', () => {
  test.each<[title: string, policy: PolicyDocument, warned: string[]]>([
    ['no rule at all', { ...document(), rules: [] }, ['rules: there is no rule, so everything is denied']],
    [
      'a group that nobody asks',
      { ...document(rule('a')), approver_groups: { payments: group, dba: group } },
      ['approver_groups.dba: no rule asks the group "dba"'],
    ],
    [
      'a group that agrees to changes of the policy, and is asked by no rule',
      {
        ...document(rule('a')),
        approver_groups: { payments: group, owners: group },
        policy_changes: { approvers: ['owners'], quorum: 1 },
      },
      [],
    ],
    [
      'an agent beside a star',
      document(rule('a', { match: { agents: ['demo', '*'] } })),
      ['rules.0.match.agents.0: "demo" adds nothing beside "*"'],
    ],
    [
      'the id of an agent for its name',
      document(rule('a', { match: { agents: ['agt_01hv3k5m8n2p4q6r8s0t1v3w5x7y9z0a2b4c'] } })),
      [
        'rules.0.match.agents.0: "agt_01hv3k5m8n2p4q6r8s0t1v3w5x7y9z0a2b4c" reads like an id, and an agent is matched by its name',
      ],
    ],
    [
      'an environment twice',
      document(rule('a', { match: { environments: ['prod', 'prod'] } })),
      ['rules.0.match.environments.1: "prod" adds nothing beside "prod"'],
    ],
    [
      'a group asked twice',
      document(rule('a', { approvers: ['payments', 'payments'] })),
      ['rules.0.approvers.1: "payments" stands here twice'],
    ],
    ...(['false', '1 > 2', '"a" == "b"', 'size([]) > 0', '!true', 'true && false'] as const).map(
      (when): [string, PolicyDocument, string[]] => [
        `the condition ${when}`,
        document(rule('a', { when })),
        ['rules.0.when: never holds, so this rule never judges'],
      ],
    ),
    ...(['true', '1 < 2', 'null == null'] as const).map((when): [string, PolicyDocument, string[]] => [
      `the condition ${when}`,
      document(rule('a', { when })),
      ['rules.0.when: always holds; leave it out'],
    ]),
    [
      'a condition of an environment that the match leaves out',
      document(rule('a', { match: { environments: ['prod'] }, when: 'agent.environment == "staging"' })),
      ['rules.0.when: never holds beside "match", which leaves this only "prod"'],
    ],
    ['a condition that looks at something', document(rule('a', { when: 'size(parameters) > 0' })), []],
    [
      'an action that differs from that of another rule in a capital letter alone',
      document(rule('a', { match: { action: 'orders.delete' } }), rule('b', { match: { action: 'Orders.delete' } })),
      [
        'rules.1.match.action: "Orders.delete" and "orders.delete" differ in capital letters alone, and are two actions',
      ],
    ],
    [
      'the same beside an action that the policy describes',
      { ...document(rule('a', { match: { action: 'refund' } })), actions: { Refund: {} } },
      ['rules.0.match.action: "refund" and "Refund" differ in capital letters alone, and are two actions'],
    ],
    [
      'two names that read alike',
      document(rule('Refunds', { match: { action: 'a' } }), rule('refunds', { match: { action: 'b' } })),
      ['rules.1.name: reads like the name of another rule, "Refunds"'],
    ],
    [
      'two names of look-alike letters',
      document(rule('refunds', { match: { action: 'a' } }), rule('rеfunds', { match: { action: 'b' } })),
      ['rules.1.name: reads like the name of another rule, "refunds"'],
    ],
  ])('%s', (_title, policy, warned) => {
    expect(warningsOf(policy).map(({ path, message }) => `${path.join('.')}: ${message}`)).toEqual(warned);
  });
});
