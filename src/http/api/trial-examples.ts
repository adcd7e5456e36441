// Examples of what explain and replay are asked and answer, as they stand in /openapi.json. Data only.

export const ASK = {
  agent: 'refunds-bot',
  environment: 'production',
  action: 'orders.refund',
  resource: 'order/A-1001',
  parameters: { amount: 120, currency: 'EUR' },
  on_behalf_of: null,
} as const;

export const EXPLANATION = {
  policy_version: 4,
  effect: 'require',
  rule: 'refunds need two people',
  rules: [
    { name: 'refunds need two people', effect: 'require', is_judging: true, why: 'judges' },
    { name: 'reading is free', effect: 'allow', is_judging: false, why: 'its action "orders.read" does not match' },
  ],
  stages: [
    {
      quorum: 2,
      each: false,
      escalate: null,
      groups: [
        {
          name: 'payments',
          channel: 'C0PAYMENTS',
          slack_user_group: null,
          source: { kind: 'listed' },
          members: [
            { email: 'ann@example.com', name: 'Ann', is_active: true, excluded: null },
            { email: 'olga@example.com', name: 'Olga', is_active: true, excluded: 'owner' },
          ],
        },
      ],
      eligible: 1,
      is_reachable: false,
    },
  ],
} as const;

export const REPLAY = {
  from_at: '2025-12-16T14:03:00.000Z',
  requests: 1_204,
  unchanged: 1_188,
  not_judged: 2,
  changes: [
    {
      from: { effect: 'require', rule: 'refunds need two people' },
      to: { effect: 'allow', rule: 'small refunds' },
      count: 14,
      examples: ['apr_000000cqg7p2m00000000000000000000000'],
    },
  ],
} as const;
