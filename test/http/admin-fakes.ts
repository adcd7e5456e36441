// Plain-object answers of the use cases for admins.
import { GROUP, GROUP_MEMBER } from '../../src/http/api/admin-examples.ts';
import { EXPLANATION, REPLAY } from '../../src/http/api/trial-examples.ts';
import type { ApiDeps } from '../../src/http/deps.ts';
import type { PolicyVersionView } from '../../src/service/admin/versions.ts';
import type { ADMIN_USE_CASES } from '../../src/service/use-cases.ts';
import { AT, DIGEST, idOf } from './samples.ts';

const agent_id = idOf('agent');
const issued = { agent_id, name: 'bot', environment: 'production', key: 'plk_new', expires_at: AT };

const version: PolicyVersionView = {
  ...{ id: idOf('policy'), number: 4, digest: DIGEST, applied_by: 'ops', applied_at: AT, via: 'cli', request_id: null },
  document: { version: 1, people: [], approver_groups: {}, rules: [] },
  source: 'version: 1\n',
};

export const adminFakes: Pick<ApiDeps, keyof typeof ADMIN_USE_CASES> = {
  listAgents: async () => [
    {
      ...{ id: agent_id, name: 'bot', environment: 'production', labels: {}, owner_email: 'olga@example.com' },
      ...{ created_at: AT, revoked_at: null },
      keys: [{ id: idOf('agentKey'), hint: 'plk_abcd', expires_at: AT.toISOString() }],
    },
  ],
  createAgent: async () => issued,
  labelAgent: async () => ({ agent_id, name: 'bot', kind: 'labelled' }),
  rotateAgent: async () => ({ ...issued, old_keys_end_at: AT }),
  revokeAgent: async () => ({ agent_id, name: 'bot', kind: 'revoked' }),
  revokeLease: async () => ({
    ...{ kind: 'revoked', request_id: idOf('request') },
    ...{ lease_id: idOf('lease'), revoked_at: AT },
  }),
  readPolicy: async () => version,
  listPolicyVersions: async () => ({ items: [version], next_before: 3 }),
  lintPolicy: async () => ({
    problems: [{ line: 1, column: 1, path: ['rules', 0], message: 'is wrong' }],
    warnings: [],
  }),
  planPolicy: async () => ({ base: 4, plan: ['adds a rule'], is_widening: true }),
  changePolicy: async () => ({ kind: 'applied', id: idOf('policy'), number: 5, digest: DIGEST, plan: ['adds a rule'] }),
  rollbackPolicy: async () => ({
    kind: 'proposed',
    request_id: idOf('request'),
    expires_at: AT,
    plan: ['removes a rule'],
  }),
  takeStep: async () => ({
    kind: 'proposed',
    request_id: idOf('request'),
    expires_at: AT,
    plan: ['adds somebody'],
  }),
  explainPolicy: async () => EXPLANATION,
  replayPolicy: async () => ({ ...REPLAY, from_at: AT }),
  listGroups: async () => [GROUP],
  showGroup: async () => ({ ...GROUP, members: [GROUP_MEMBER] }),
  pageAuditEvents: async () => ({
    items: [
      {
        ...{ id: idOf('event'), type: 'agent.created', outcome: 'success', actor_kind: 'operator', actor_id: 'ops' },
        ...{ request_id: null, lease_id: null, digest: null, facts: { name: 'bot' }, occurred_at: AT },
      },
    ],
    next_cursor: null,
  }),
  recordTokenRefused: async () => undefined,
};
