// Examples of what is asked and answered about the policy, as they stand in /openapi.json. Data only.

const POLICY_ID = 'pol_000000cqg000000000000000000000000000';
const DIGEST = 'sha256:5feceb66ffc86f38d952786c6d696c79c2dbc239dd4e91b46729d73a27fb57e9';

export const FILE = `version: 1
rules:
  - { name: reading is free, match: { action: "orders.read", resource: "order/*" }, effect: allow }
`;

export const ENTRY = {
  id: POLICY_ID,
  number: 4,
  digest: DIGEST,
  applied_by: 'ops',
  applied_at: '2026-01-15T14:03:00.000Z',
  via: 'cli',
  request_id: null,
} as const;

export const VERSION = {
  ...ENTRY,
  document: { version: 1, people: [], approver_groups: {}, rules: [] },
  source: 'version: 1\n',
} as const;

export const LINT = {
  problems: [
    { line: 4, column: 12, path: ['rules', 0, 'quorum'], message: 'quorum 2, but the approvers are 1 in all' },
  ],
  warnings: [],
} as const;

export const PLAN = {
  base: 4,
  plan: ['the rule "refunds" needs 2 people instead of 1'],
  is_widening: false,
} as const;

export const APPLIED = { kind: 'applied', id: POLICY_ID, number: 5, digest: DIGEST, plan: PLAN.plan } as const;
export const PROPOSED = {
  kind: 'proposed',
  request_id: 'apr_000000cqg7p2m00000000000000000000000',
  expires_at: '2026-01-16T14:03:00.000Z',
  plan: ['adds ann@example.com to the group "payments"'],
} as const;
