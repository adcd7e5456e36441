// What each operation of the API asks of its caller. An operation that is not listed does not start.

import type { FastifyInstance, onRequestHookHandler } from 'fastify';
import { type Gate, isPermission, type Permission } from '../domain/people/roles.ts';

export const HTTP_DOORS = {
  submit_approval_request: 'requests.ask',
  read_approval_request: 'requests.ask',
  list_approval_requests: 'requests.ask',
  cancel_approval_request: 'requests.ask',
  claim_credential: 'requests.ask',
  start_execution: 'requests.ask',
  give_back_approval: 'requests.ask',
  revoke_approval: 'leases.revoke',
  report_result: 'by_credential',
  use_lease: 'by_credential',
  list_receipts: 'by_credential',
  list_agents: 'agents.read',
  create_agent: 'agents.change',
  label_agent: 'agents.change',
  rotate_agent: 'agents.change',
  revoke_agent: 'agents.change',
  list_audit_events: 'audit.read',
  export_audit: 'audit.read',
  read_policy: 'policy.read',
  list_policy_versions: 'policy.read',
  read_policy_version: 'policy.read',
  lint_policy: 'policy.read',
  plan_policy: 'policy.try',
  apply_policy: 'policy.change',
  rollback_policy: 'policy.change',
  explain_policy: 'policy.try',
  replay_policy: 'policy.try',
  list_approver_groups: 'groups.read',
  read_approver_group: 'groups.read',
  set_approver_group: 'policy.change',
  delete_approver_group: 'policy.change',
  exchange_token: 'requests.ask',
  authorize_backchannel: 'requests.ask',
  introspect_credential: 'by_client',
  revoke_credential: 'by_client',
  list_jwks: 'open',
  read_log_key: 'open',
  read_server_metadata: 'open',
  read_resource_metadata: 'open',
  read_openapi: 'open',
  read_policy_schema: 'open',
  is_live: 'open',
  is_ready: 'open',
  read_metrics: 'open',
} as const satisfies Readonly<Record<string, Gate>>;

export type OperationId = keyof typeof HTTP_DOORS;

/** Holds each route that is registered after this to the table: an admin's asks for its permission before a body is read. */
export function registerDoors(
  app: FastifyInstance,
  requirePermission: (permission: Permission) => onRequestHookHandler,
): void {
  app.addHook('onRoute', (route) => {
    const { operationId = '' } = (route.schema ?? {}) as { operationId?: string };
    if (!Object.hasOwn(HTTP_DOORS, operationId)) throw new Error(`no door lets ${route.method} ${route.url} in`);
    const gate: Gate = HTTP_DOORS[operationId as OperationId];
    // Agents have guards of their own: they are limited by their keys.
    if (!isPermission(gate) || gate === 'requests.ask') return;
    route.onRequest = [requirePermission(gate), ...[route.onRequest ?? []].flat()];
  });
}
