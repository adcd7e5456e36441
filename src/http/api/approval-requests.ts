// The approval request as a resource: submit, read and wait, list, cancel, claim the credential.
// Each route parses, calls one use case and answers; no rule lives here.

import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import type { RequestView } from '../../service/agent/request-view.ts';
import { digestBody, refuseBody } from '../body.ts';
import { proofOf } from '../proof.ts';
import type { Answer, RouteContext } from '../route-context.ts';
import { AGENT_KEY, answers, codes } from './openapi.ts';
import * as wire from './wire.ts';

const BASE = '/v1/approval-requests';
const TAGS = ['approval requests'];
/** The longest wait, and time for the checks around it. */
const WAIT_HANDLER_MS_MAX = (wire.WAIT_SECONDS_MAX + 15) * 1_000;

/** Registers every route under /v1/approval-requests. */
export function registerApprovalRequests(context: RouteContext): void {
  registerSubmit(context);
  registerRead(context);
  registerList(context);
  registerCancel(context);
  registerClaim(context);
}

/** The compiler's proof that what the service answers fits the schema. */
function answerRequest(view: RequestView): Answer<z.output<typeof wire.approvalRequest>> {
  return view;
}

function registerSubmit({ app, deps, guards, metrics }: RouteContext): void {
  const digests = new WeakMap<FastifyRequest, Uint8Array>();
  app.post(
    BASE,
    {
      schema: {
        operationId: 'submit_approval_request',
        summary: 'Ask for approval of one action. The same Idempotency-Key and body again: the same answer.',
        tags: TAGS,
        security: AGENT_KEY,
        headers: wire.idempotencyHeaders,
        body: wire.newApprovalRequest,
        response: answers(
          { status: 201, description: 'The request as it was created.', schema: wire.approvalRequest },
          [
            ...codes.agent,
            ...codes.body,
            'action_reserved',
            'credential_exceeds_policy',
            'idempotency_conflict',
            'idempotency_key_missing',
            'justification_missing',
            'parameters_invalid',
            'quorum_unreachable',
            'outside_hours',
          ],
        ),
      },
      onRequest: guards.requireAgent,
      preValidation: async (request) => void digests.set(request, digestBody(request)),
    },
    async (request, reply) => {
      const view = await deps.submit(guards.callerOf(request), {
        idempotency_key: request.headers['idempotency-key'],
        body_digest: digests.get(request) ?? digestBody(request),
        ask: request.body,
      });
      metrics.countRequestState(view.state);
      return reply.code(201).send(answerRequest(view));
    },
  );
}

function registerRead({ app, deps, guards, waits }: RouteContext): void {
  app.get(
    `${BASE}/:id`,
    {
      schema: {
        operationId: 'read_approval_request',
        summary: 'Read one request; with wait_seconds, answer as soon as it leaves pending or the time is over.',
        tags: TAGS,
        security: AGENT_KEY,
        params: wire.requestParams,
        querystring: wire.waitQuery,
        response: answers({ status: 200, description: 'The request as it is now.', schema: wire.approvalRequest }, [
          ...codes.agent,
          'invalid_request',
          'not_found',
        ]),
      },
      onRequest: guards.requireAgent,
      handlerTimeout: WAIT_HANDLER_MS_MAX,
    },
    async (request, reply) => {
      const caller = guards.callerOf(request);
      const { id } = request.params;
      const wait_seconds = request.query.wait_seconds ?? 0;
      if (wait_seconds === 0) return answerRequest(await deps.readRequest(caller, id));
      const view = await waits.run(reply.raw, (signal) => deps.awaitDecision(caller, { id, wait_seconds, signal }));
      return answerRequest(view);
    },
  );
}

function registerList({ app, deps, guards }: RouteContext): void {
  app.get(
    BASE,
    {
      schema: {
        operationId: 'list_approval_requests',
        summary: "The caller's own requests, newest first.",
        tags: TAGS,
        security: AGENT_KEY,
        querystring: wire.listQuery,
        response: answers({ status: 200, description: 'One page.', schema: wire.approvalRequestList }, [
          ...codes.agent,
          'invalid_request',
        ]),
      },
      onRequest: guards.requireAgent,
    },
    async (request) => {
      const { state = null, cursor = null, limit = wire.LIST_LIMIT_DEFAULT } = request.query;
      const page = await deps.listRequests(guards.callerOf(request), { state, cursor, limit });
      return { items: page.items.map(answerRequest), next_cursor: page.next_cursor };
    },
  );
}

function registerCancel({ app, deps, guards }: RouteContext): void {
  app.post(
    `${BASE}/:id/cancel`,
    {
      schema: {
        operationId: 'cancel_approval_request',
        summary: 'Withdraw a pending request; once more is harmless.',
        tags: TAGS,
        security: AGENT_KEY,
        params: wire.requestParams,
        response: answers({ status: 200, description: 'The cancelled request.', schema: wire.approvalRequest }, [
          ...codes.agent,
          ...codes.body,
          'not_found',
          'not_pending',
        ]),
      },
      onRequest: guards.requireAgent,
      preValidation: refuseBody,
    },
    async (request) => answerRequest(await deps.cancel(guards.callerOf(request), request.params.id)),
  );
}

function registerClaim({ app, deps, guards, public_url }: RouteContext): void {
  app.post(
    `${BASE}/:id/credential`,
    {
      schema: {
        operationId: 'claim_credential',
        summary:
          'Redeem an approval: the credential is made now. The same Idempotency-Key within a minute, while it is unused: the same one again.',
        tags: TAGS,
        security: AGENT_KEY,
        params: wire.requestParams,
        headers: wire.claimHeaders,
        response: answers(
          { status: 200, description: 'The credential and its lease.', schema: wire.claimedCredential },
          [...codes.agent, ...codes.body, ...codes.claim, 'idempotency_key_missing'],
        ),
      },
      onRequest: guards.requireAgent,
      preValidation: refuseBody,
    },
    async (request) => {
      const { id } = request.params;
      const idempotency_key = request.headers['idempotency-key'] ?? null;
      const { token, lease } = await deps.claim(guards.callerOf(request), id, {
        idempotency_key,
        proof: proofOf(request, public_url),
      });
      return { credential: { type: 'jwt', token }, lease };
    },
  );
}
