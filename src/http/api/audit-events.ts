// Audit events as a resource, for whoever may read them: page by page, newest first, filtered.

import type { RouteContext } from '../route-context.ts';
import * as wire from './admin-wire.ts';
import { ADMIN_TOKEN, answers, codes } from './openapi.ts';
import { LIST_LIMIT_DEFAULT } from './wire.ts';

/** Registers /v1/audit-events. */
export function registerAuditEvents({ app, deps, guards }: RouteContext): void {
  app.get(
    '/v1/audit-events',
    {
      schema: {
        operationId: 'list_audit_events',
        summary: 'What happened, newest first.',
        tags: ['audit'],
        security: ADMIN_TOKEN,
        querystring: wire.eventQuery,
        response: answers({ status: 200, description: 'One page.', schema: wire.eventList }, [
          ...codes.admin,
          'invalid_request',
        ]),
      },
    },
    async (request) => {
      const { tenant_id } = guards.administratorOf(request);
      const { request_id = null, type = null, actor_id = null, cursor = null } = request.query;
      const { from = null, until = null, limit = LIST_LIMIT_DEFAULT } = request.query;
      const filter = { request_id, type, actor_id, from_at: from, until_at: until };
      return deps.pageAuditEvents({ tenant_id, ...filter, cursor, limit });
    },
  );
}
