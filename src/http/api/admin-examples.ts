// Examples of what admins ask and are answered, as they stand in /openapi.json. Data only.

const AGENT_ID = 'agt_000000cqg000000000000000000000000000';
const KEY_ID = 'agk_000000cqg000000000000000000000000000';
const EXPIRES_AT = '2026-04-15T14:03:00.000Z';

export const NEW_AGENT = {
  name: 'refunds-bot',
  owner_email: 'support@example.com',
  environment: 'production',
  labels: { team: 'payments' },
  days: 90,
} as const;
export const ROTATION = { overlap_seconds: 86_400, days: 90 } as const;

export const ISSUED_KEY = {
  agent_id: AGENT_ID,
  name: NEW_AGENT.name,
  environment: NEW_AGENT.environment,
  key: 'plk_003aUlTJC7tjlCTQj2uNU3MFagCXG9LRKRcwGkBIDlf3SSsB7',
  expires_at: EXPIRES_AT,
} as const;
export const ROTATED_KEY = { ...ISSUED_KEY, old_keys_end_at: '2026-01-16T14:03:00.000Z' } as const;
export const REVOKED_AGENT = { agent_id: AGENT_ID, name: NEW_AGENT.name, kind: 'revoked' } as const;

export const AGENT_LABELS = { labels: NEW_AGENT.labels } as const;
export const LABELLED_AGENT = { agent_id: AGENT_ID, name: NEW_AGENT.name, kind: 'labelled' } as const;

export const AGENT = {
  id: AGENT_ID,
  name: NEW_AGENT.name,
  owner_email: NEW_AGENT.owner_email,
  environment: NEW_AGENT.environment,
  labels: NEW_AGENT.labels,
  created_at: '2026-01-15T14:03:00.000Z',
  revoked_at: null,
  keys: [{ id: KEY_ID, hint: 'plk_003a', expires_at: EXPIRES_AT }],
} as const;

export const GROUP = {
  id: 'grp_000000cqg000000000000000000000000000',
  name: 'payments',
  channel: 'C0PAYMENTS',
  slack_user_group: null,
  source: { kind: 'listed' },
  is_retired: false,
  member_count: 2,
} as const;
export const GROUP_ENTRY = { members: ['ann@example.com', 'ben@example.com'], channel: 'C0PAYMENTS' };
export const GROUP_MEMBER = {
  id: 'prs_000000cqg000000000000000000000000000',
  email: 'ann@example.com',
  name: 'Ann',
  is_active: true,
} as const;

const KIND = 'admin_token';

export const EVENT = {
  id: 'evt_000000cqg7p2m00000000000000000000000',
  type: 'agent.created',
  outcome: 'success',
  actor_kind: KIND,
  actor_id: 'tok_000000cqg000000000000000000000000000',
  request_id: null,
  lease_id: null,
  digest: null,
  facts: { agent_id: AGENT_ID, name: NEW_AGENT.name, environment: NEW_AGENT.environment },
  occurred_at: '2026-01-15T14:03:00.000Z',
} as const;

export const AUDIT_EXPORT = {
  from: '2026-01-01T00:00:00Z',
  to: '2026-02-01T00:00:00Z',
  types: ['decision.recorded', 'lease.used'],
} as const;
