// Plain-object answers of the use cases for admins.
import type { ApiDeps } from '../../src/http/deps.ts';
import type { ADMIN_USE_CASES } from '../../src/service/use-cases.ts';
import { AT, idOf } from './samples.ts';

const agent_id = idOf('agent');
const issued = { agent_id, name: 'bot', environment: 'production', key: 'plk_new', expires_at: AT };

export const adminFakes: Pick<ApiDeps, keyof typeof ADMIN_USE_CASES> = {
  listAgents: async () => [
    {
      ...{ id: agent_id, name: 'bot', environment: 'production', owner_email: 'olga@example.com' },
      ...{ created_at: AT, revoked_at: null },
      keys: [{ id: idOf('agentKey'), hint: 'plk_abcd', expires_at: AT.toISOString() }],
    },
  ],
  createAgent: async () => issued,
  rotateAgent: async () => ({ ...issued, old_keys_end_at: AT }),
  revokeAgent: async () => ({ agent_id, name: 'bot', kind: 'revoked' }),
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
