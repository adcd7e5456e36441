// How an approved action goes, as a resource: begin it without a credential, and report its result.

import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { proofOf } from '../proof.ts';
import type { RouteContext } from '../route-context.ts';
import { AGENT_KEY, AGENT_KEY_OR_CREDENTIAL, answers, codes } from './openapi.ts';
import * as wire from './wire.ts';

const BASE = '/v1/approval-requests/:id';
const TAGS = ['approval requests'];

/** Registers the routes of what happens after the approval. */
export function registerExecutions(context: RouteContext): void {
  registerStart(context);
  registerReport(context);
}

function registerStart({ app, deps, guards }: RouteContext): void {
  app.post(
    `${BASE}/execution`,
    {
      schema: {
        operationId: 'start_execution',
        summary:
          'Begin an approved action without a credential, once, with the digest of what is about to run. The same Idempotency-Key again: the same answer.',
        tags: TAGS,
        security: AGENT_KEY,
        params: wire.requestParams,
        headers: wire.idempotencyHeaders,
        body: wire.useBody,
        response: answers(
          { status: 200, description: 'Begun: the action may run now, once.', schema: wire.startedExecution },
          [
            ...codes.agent,
            ...codes.body,
            'already_claimed',
            'already_started',
            'agent_revoked',
            'approval_revoked',
            'claim_expired',
            'denied_by_policy',
            'digest_mismatch',
            'idempotency_key_missing',
            'not_approved',
            'not_found',
            'quorum_lost',
            'result_already_reported',
          ],
        ),
      },
      onRequest: guards.requireAgent,
    },
    async (request) => {
      const idempotency_key = request.headers['idempotency-key'];
      const { id } = request.params;
      const { digest } = request.body;
      return { execution: await deps.start(guards.callerOf(request), { id, idempotency_key, digest }) };
    },
  );
}

function registerReport(context: RouteContext): void {
  const { app, guards } = context;
  app.post(
    `${BASE}/result`,
    {
      schema: {
        operationId: 'report_result',
        summary: 'Tell what happened, by the agent or by the tool that used the lease; the same again is harmless.',
        tags: TAGS,
        security: AGENT_KEY_OR_CREDENTIAL,
        params: wire.requestParams,
        body: wire.resultBody,
        response: answers({ status: 200, description: 'The result as it stands.', schema: wire.reportedResult }, [
          ...codes.agent,
          ...codes.body,
          'approval_revoked',
          'credential_invalid',
          'dpop_proof_invalid',
          'lease_not_used',
          'lease_revoked',
          'not_approved',
          'not_found',
          'result_already_reported',
        ]),
      },
      onRequest: guards.requireReporter,
    },
    async (request) => ({ result: await reportResult(context, request) }),
  );
}

function reportResult(
  { deps, guards, public_url }: RouteContext,
  request: FastifyRequest<{ Params: { id: string }; Body: z.output<typeof wire.resultBody> }>,
) {
  const who = { ...guards.reporterOf(request), proof: proofOf(request, public_url) };
  const { dpop: _dpop, ...reported } = request.body;
  return guards.countFailures(request, () => deps.report(who, request.params.id, reported));
}
