// One valid call of every operation for admins. Sends nothing itself.
import type { ApiDeps } from '../../src/http/deps.ts';
import type { Operation } from './operations.ts';
import { ADMIN_TOKEN, REQUEST_ID } from './samples.ts';
import type { Sent } from './support.ts';

type More = { readonly dep: keyof ApiDeps; readonly sent?: Sent; readonly pattern?: string; readonly status?: number };

function operation(name: string, method: string, path: string, more: More): Operation {
  const { dep, sent = {}, pattern = path, status = 200 } = more;
  return { operation: name, method, path, pattern, sent: { key: ADMIN_TOKEN, ...sent }, dep, status };
}

const FILE = { raw: 'version: 1\n', headers: { 'content-type': 'application/yaml' } };
const EXPLAINED = { agent: 'bot', environment: 'production', action: 'orders.refund', resource: 'order/A-1' };
const SEEN = { 'if-match': '"4"' };

export const ADMIN_OPERATIONS: readonly Operation[] = [
  operation('list_agents', 'GET', '/v1/agents', { dep: 'listAgents' }),
  operation('create_agent', 'POST', '/v1/agents', {
    dep: 'createAgent',
    sent: { body: { name: 'bot', owner_email: 'olga@example.com', environment: 'production' } },
    status: 201,
  }),
  operation('label_agent', 'PUT', '/v1/agents/bot/labels', {
    dep: 'labelAgent',
    pattern: '/v1/agents/{name}/labels',
    sent: { body: { labels: { team: 'payments' } } },
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
  operation('revoke_approval', 'POST', '/v1/revocations', {
    dep: 'revokeLease',
    sent: { body: { request_id: REQUEST_ID } },
  }),
  operation('read_policy', 'GET', '/v1/policy', { dep: 'readPolicy' }),
  operation('list_policy_versions', 'GET', '/v1/policy/versions', { dep: 'listPolicyVersions' }),
  operation('read_policy_version', 'GET', '/v1/policy/versions/3', {
    dep: 'readPolicy',
    pattern: '/v1/policy/versions/{number}',
  }),
  operation('lint_policy', 'POST', '/v1/policy/lint', { dep: 'lintPolicy', sent: FILE }),
  operation('plan_policy', 'POST', '/v1/policy/plan', { dep: 'planPolicy', sent: FILE }),
  operation('apply_policy', 'PUT', '/v1/policy', {
    dep: 'changePolicy',
    sent: { ...FILE, headers: { ...FILE.headers, ...SEEN } },
  }),
  operation('rollback_policy', 'POST', '/v1/policy/rollback', {
    dep: 'rollbackPolicy',
    sent: { body: { version: 3 }, headers: SEEN },
    status: 202,
  }),
  operation('explain_policy', 'POST', '/v1/policy/explain', { dep: 'explainPolicy', sent: { body: EXPLAINED } }),
  operation('replay_policy', 'POST', '/v1/policy/replay', { dep: 'replayPolicy', sent: FILE }),
  operation('list_approver_groups', 'GET', '/v1/approver-groups', { dep: 'listGroups' }),
  operation('read_approver_group', 'GET', '/v1/approver-groups/payments', {
    dep: 'showGroup',
    pattern: '/v1/approver-groups/{name}',
  }),
  operation('set_approver_group', 'PUT', '/v1/approver-groups/payments', {
    dep: 'takeStep',
    pattern: '/v1/approver-groups/{name}',
    sent: { body: { members: ['ann@example.com'], channel: 'C0PAYMENTS' }, headers: SEEN },
    status: 202,
  }),
  operation('delete_approver_group', 'DELETE', '/v1/approver-groups/payments', {
    dep: 'takeStep',
    pattern: '/v1/approver-groups/{name}',
    sent: { headers: SEEN },
    status: 202,
  }),
  operation('list_audit_events', 'GET', '/v1/audit-events', { dep: 'pageAuditEvents' }),
];
