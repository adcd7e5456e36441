// One valid call of every operation for admins. Sends nothing itself.
import type { ApiDeps } from '../../src/http/deps.ts';
import type { Operation } from './operations.ts';
import { ADMIN_TOKEN } from './samples.ts';
import type { Sent } from './support.ts';

type More = { readonly dep: keyof ApiDeps; readonly sent?: Sent; readonly pattern?: string; readonly status?: number };

function operation(name: string, method: string, path: string, more: More): Operation {
  const { dep, sent = {}, pattern = path, status = 200 } = more;
  return { operation: name, method, path, pattern, sent: { key: ADMIN_TOKEN, ...sent }, dep, status };
}

export const ADMIN_OPERATIONS: readonly Operation[] = [
  operation('list_agents', 'GET', '/v1/agents', { dep: 'listAgents' }),
  operation('create_agent', 'POST', '/v1/agents', {
    dep: 'createAgent',
    sent: { body: { name: 'bot', owner_email: 'olga@example.com', environment: 'production' } },
    status: 201,
  }),
  operation('rotate_agent', 'POST', '/v1/agents/bot/rotate', {
    dep: 'rotateAgent',
    pattern: '/v1/agents/{name}/rotate',
    sent: { body: {} },
  }),
  operation('revoke_agent', 'POST', '/v1/agents/bot/revoke', {
    dep: 'revokeAgent',
    pattern: '/v1/agents/{name}/revoke',
  }),
  operation('list_audit_events', 'GET', '/v1/audit-events', { dep: 'pageAuditEvents' }),
];
