// Receipts as a resource: the proof of each event of a request, and the key that they are checked with.

import { z } from 'zod';
import { proofOf } from '../proof.ts';
import type { RouteContext } from '../route-context.ts';
import * as example from './examples.ts';
import { AGENT_KEY_OR_CREDENTIAL, answers, codes } from './openapi.ts';
import * as wire from './wire.ts';

/** A log keeps its key; who pins it asks once. */
const KEY_AGE_SECONDS_MAX = 3_600;

const log_key = z.string().meta({ description: 'name+id+key, as a key of a signed note (C2SP)' });

const receipts = z
  .object({
    log_key,
    items: z.array(z.object({ event_id: z.string(), type: z.string(), occurred_at: z.date(), receipt: z.string() })),
  })
  .meta({ id: 'Receipts', examples: [example.RECEIPTS] });

const logKey = z.object({ key: log_key }).meta({ id: 'LogKey', examples: [{ key: example.LOG_KEY }] });

/** Registers the receipts of a request, and /.well-known/placet-log.json. */
export function registerReceipts({ app, deps, guards, public_url }: RouteContext): void {
  app.get(
    '/v1/approval-requests/:id/receipts',
    {
      schema: {
        operationId: 'list_receipts',
        summary:
          'The receipt of each event of a request (C2SP tlog-proof@v1), once the last of them is under a signed checkpoint.',
        tags: ['approval requests'],
        security: AGENT_KEY_OR_CREDENTIAL,
        params: wire.requestParams,
        response: answers({ status: 200, description: 'The receipts, in the order of the log.', schema: receipts }, [
          ...codes.agent,
          'credential_invalid',
          'dpop_proof_invalid',
          'not_found',
          'receipt_not_ready',
        ]),
      },
      onRequest: guards.requireReporter,
    },
    async (request) => {
      const who = { ...guards.reporterOf(request), proof: proofOf(request, public_url) };
      const { log_key, items } = await guards.countFailures(request, () => deps.listReceipts(who, request.params.id));
      return { log_key, items: [...items] };
    },
  );
  app.get(
    '/.well-known/placet-log.json',
    {
      schema: {
        operationId: 'read_log_key',
        summary: 'The public key that checkpoints and receipts of the audit log are checked with.',
        tags: ['documents'],
        response: answers({ status: 200, description: 'The key.', schema: logKey }, ['unavailable']),
      },
    },
    async (_request, reply) => {
      const key = await deps.showLogKey();
      return reply.header('cache-control', `public, max-age=${KEY_AGE_SECONDS_MAX}`).send(key);
    },
  );
}
