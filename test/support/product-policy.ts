// The policy that the product's tests run under: two approver groups in two channels, for the playground's people.
import type { PolicyDocument, Rule } from '../../src/domain/policy/policy.ts';

const EVERYWHERE = { agents: ['*'], environments: ['*'] } as const;

function requires(name: string, action: string, approvers: readonly string[], more: Partial<Rule> = {}): Rule {
  return {
    name,
    match: { action, resource: '*', ...EVERYWHERE },
    effect: 'require',
    approvers,
    quorum: 1,
    timeout_seconds: 600,
    credential: {
      type: 'jwt',
      audience: 'https://orders.example',
      scopes: ['orders:refund'],
      lifetime_seconds: 300,
    },
    ...more,
  };
}

/** Support owns the agents and is in `payments`: what keeps Support from deciding is the rule, not the group. */
export const PRODUCT_POLICY: PolicyDocument = {
  version: 1,
  people: [
    { email: 'finance-lead@example.com', name: 'Finance Lead', slack: ['T0ACME/U0FINLEAD'] },
    { email: 'support@example.com', name: 'Support', slack: [] },
    { email: 'dba@example.com', name: 'Dana Dba', slack: [] },
    { email: 'member@example.com', name: 'Mel Member', slack: [] },
  ],
  approver_groups: {
    payments: {
      members: ['finance-lead@example.com', 'treasurer@example.com', 'support@example.com', 'gone@example.com'],
      slack_user_group: null,
      channel: 'C0PAYMENTS',
    },
    dba: { members: [], slack_user_group: 'S0DBA', channel: 'C0DBA' },
  },
  rules: [
    requires('refunds', 'orders.refund', ['payments']),
    requires('payouts need two', 'payouts.send', ['payments'], { quorum: 2 }),
    requires('schema changes', 'database.migrate', ['dba']),
    requires('purges, either group', 'orders.purge', ['payments', 'dba']),
  ],
};
