// Audit events as a resource, for whoever may read them: page by page, newest first, filtered; and a span of them as an archive.

import { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { z } from 'zod';
import type { RouteContext } from '../route-context.ts';
import * as wire from './admin-wire.ts';
import { ADMIN_TOKEN, answers, codes } from './openapi.ts';
import { LIST_LIMIT_DEFAULT } from './wire.ts';

/** A month of a busy tenant is sent in seconds; whoever reads slower than this long is cut off. */
const EXPORT_HANDLER_MS_MAX = 900_000;

const ATTACHMENT = 'attachment; filename="audit.zip"';

/** Registers /v1/audit-events and /v1/audit-exports. */
export function registerAuditEvents(context: RouteContext): void {
  registerList(context);
  registerExport(context);
}

function registerList({ app, deps, guards }: RouteContext): void {
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

function registerExport({ app, deps, guards, broken }: RouteContext): void {
  app.post(
    '/v1/audit-exports',
    {
      schema: {
        operationId: 'export_audit',
        summary:
          'A span of the audit log as a ZIP that others can check, while it is made. It is an event of the log itself.',
        tags: ['audit'],
        security: ADMIN_TOKEN,
        body: wire.auditExport,
        response: answers(
          {
            status: 200,
            description: 'The archive.',
            type: 'application/zip',
            schema: z.string().meta({ format: 'binary' }),
          },
          [...codes.admin, ...codes.body, 'receipt_not_ready'],
        ),
      },
      handlerTimeout: EXPORT_HANDLER_MS_MAX,
    },
    async (request, reply) => {
      const by = guards.administratorOf(request);
      const { from, to, types } = request.body;
      const save = async (archive: AsyncIterable<Uint8Array>) => {
        const content = Readable.from(telling(archive, (error) => broken(request, error)));
        reply.header('content-type', 'application/zip').header('content-disposition', ATTACHMENT).send(content);
        // Whoever goes away is no error of ours, and gets no second answer.
        await finished(reply.raw).catch(() => undefined);
      };
      const span = { from: from === null ? null : new Date(from), to: to === null ? null : new Date(to) };
      await deps.exportAudit({ tenant_id: by.tenant_id, by, ...span, types, save });
      return reply;
    },
  );
}

/** Hands chunks on, and says why they end where they break off. */
async function* telling(chunks: AsyncIterable<Uint8Array>, tell: (error: unknown) => void): AsyncGenerator<Uint8Array> {
  try {
    yield* chunks;
  } catch (error) {
    tell(error);
    throw error;
  }
}
