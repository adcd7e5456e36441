// Examples that stand in /openapi.json, one story throughout. Data only.

export const DIGEST = 'sha256:5feceb66ffc86f38d952786c6d696c79c2dbc239dd4e91b46729d73a27fb57e9';
const REQUEST_ID = 'apr_000000cqg7p2m00000000000000000000000';
const LEASE_ID = 'lse_000000cqg7p9c00000000000000000000000';
const PERSON_ID = 'prs_000000cqg0000000000000000000000000000';
const POLICY_ID = 'pol_000000cqg0000000000000000000000000000';

const CREDENTIAL = {
  type: 'jwt',
  audience: 'https://orders.example',
  scopes: ['orders:refund'],
  lifetime_seconds: 300,
} as const;

export const NEW_APPROVAL_REQUEST = {
  action: 'orders.refund',
  resource: 'order/A-1001',
  parameters: { amount: 120, currency: 'EUR' },
  justification: 'The parcel arrived broken; the customer sent photographs.',
  on_behalf_of: 'support@example.com',
  timeout_seconds: 600,
  credential: CREDENTIAL,
} as const;

export const RESULT = { status: 'succeeded', detail: 'Refund 8812 booked.', result_digest: null } as const;
const REPORTED = { ...RESULT, reported_at: '2026-01-15T14:06:31.000Z' } as const;
export const REPORTED_RESULT = { result: REPORTED } as const;

export const APPROVAL_REQUEST = {
  id: REQUEST_ID,
  state: 'approved',
  action: NEW_APPROVAL_REQUEST.action,
  resource: NEW_APPROVAL_REQUEST.resource,
  parameters: NEW_APPROVAL_REQUEST.parameters,
  masked: null,
  justification: NEW_APPROVAL_REQUEST.justification,
  on_behalf_of: NEW_APPROVAL_REQUEST.on_behalf_of,
  digest: DIGEST,
  created_at: '2026-01-15T14:03:00.000Z',
  expires_at: '2026-01-15T14:13:00.000Z',
  requirement: {
    stages: [{ approvers: ['payments'], quorum: 1, each: false, added: [], approvals: 1, state: 'done' }],
    distinct_stages: true,
    reason: 'optional',
    confirm: false,
  },
  policy: { version: POLICY_ID, number: 3, rule: 'refunds need a person', effect: 'require' },
  credential: CREDENTIAL,
  presentation: { title: 'Refund 120 EUR for order/A-1001', risk: 'high', show: ['amount', 'currency'] },
  decisions: [
    {
      person: { id: PERSON_ID, name: 'Finance Lead', email: 'finance-lead@example.com' },
      decision: 'approve',
      reason: null,
      stage: 0,
      at: '2026-01-15T14:05:10.000Z',
    },
  ],
  outcome: {
    state: 'approved',
    at: '2026-01-15T14:05:10.000Z',
    by: ['Finance Lead'],
    reason: null,
    claim_expires_at: '2026-01-15T14:10:10.000Z',
    grant: { uses_max: 1, redemptions: 1, uses: 1, ends_at: null },
    lease: {
      id: LEASE_ID,
      state: 'used',
      expires_at: '2026-01-15T14:10:40.000Z',
      used_at: '2026-01-15T14:06:30.000Z',
    },
    execution: null,
    revocation: null,
    result: REPORTED,
  },
  undeliverable: null,
} as const;

export const CLAIMED_CREDENTIAL = {
  credential: { type: 'jwt', token: 'eyJ…' },
  lease: { id: LEASE_ID, expires_at: '2026-01-15T14:10:40.000Z' },
} as const;

export const STARTED_EXECUTION = { execution: { started_at: '2026-01-15T14:05:11.000Z' } } as const;

export const USED_LEASE = { lease: { id: LEASE_ID, state: 'used', used_at: '2026-01-15T14:06:30.000Z' } } as const;

export const NEW_REVOCATION = { lease_id: LEASE_ID } as const;
export const REVOKED = {
  revocation: { kind: 'revoked', request_id: REQUEST_ID, lease_id: LEASE_ID, revoked_at: '2026-01-15T14:06:10.000Z' },
} as const;

export const JWKS = {
  keys: [
    {
      kty: 'OKP',
      crv: 'Ed25519',
      x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo',
      kid: 'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k',
      alg: 'EdDSA',
      use: 'sig',
    },
  ],
} as const;
