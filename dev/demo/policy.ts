// The policy of the demo, for the people and channels that the playground brings along.

/** A policy file as an admin would write it. */
export const DEMO_POLICY = `version: 1
people:
  - { email: finance-lead@example.com, name: Finance Lead, slack: ["T0ACME/U0FINLEAD"] }
  - { email: treasurer@example.com, name: Treasurer, slack: ["T0ACME/U0TREASURER"] }
  - { email: dba@example.com, name: Dana Dba, slack: ["T0ACME/U0DBA"] }
  - { email: support@example.com, name: Support, slack: ["T0ACME/U0SUPPORT"] }
approver_groups:
  payments: { members: [finance-lead@example.com, treasurer@example.com], channel: C0PAYMENTS }
  dba: { slack_user_group: S0DBA, channel: C0DBA }
rules:
  - name: orders may be read
    match: { action: "orders.read", resource: "order/*", agents: ["*"], environments: ["*"] }
    effect: allow
    credential: { type: jwt, audience: "https://orders.example", scopes: ["orders:read"], lifetime: 5m }
  - name: refunds need one person of payments
    match: { action: "orders.refund", resource: "order/*", agents: ["*"], environments: ["*"] }
    effect: require
    approvers: [payments]
    quorum: 1
    timeout: 30m
    credential: { type: jwt, audience: "https://orders.example", scopes: ["orders:refund"], lifetime: 5m }
  - name: payouts need two people of payments
    match: { action: "payouts.send", resource: "account/*", agents: ["*"], environments: ["*"] }
    effect: require
    approvers: [payments]
    quorum: 2
    timeout: 30m
    credential: { type: jwt, audience: "https://payouts.example", scopes: ["payouts:send"], lifetime: 5m }
  - name: schema changes need a database administrator
    match: { action: "database.migrate", resource: "database/*", agents: ["*"], environments: ["*"] }
    effect: require
    approvers: [dba]
    quorum: 1
    timeout: 30m
    credential: { type: jwt, audience: "https://database.example", scopes: ["database:migrate"], lifetime: 5m }
  - name: customers are never deleted by agents
    match: { action: "customers.delete", resource: "customer/*", agents: ["*"], environments: ["*"] }
    effect: deny
`;
