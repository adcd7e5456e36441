// What an approval gave, taken back: by the agent that asked, and by admins.

import { refuseBody } from '../body.ts';
import type { RouteContext } from '../route-context.ts';
import { ADMIN_TOKEN, AGENT_KEY, answers, codes } from './openapi.ts';
import * as revocation from './revocation-wire.ts';
import * as wire from './wire.ts';

const ANSWER = {
  status: 200,
  description: 'It is revoked: nothing is claimed, begun or used under it any more.',
  schema: revocation.revoked,
};
const CODES = ['not_approved', 'not_found', 'nothing_to_revoke'] as const;

/** Registers the two routes. */
export function registerRevocations(context: RouteContext): void {
  registerGiveBack(context);
  registerRevoke(context);
}

function registerGiveBack({ app, deps, guards }: RouteContext): void {
  app.post(
    '/v1/approval-requests/:id/revoke',
    {
      schema: {
        operationId: 'give_back_approval',
        summary:
          'Give back what an own approval gave: its live lease, and what may still be claimed. Once more is harmless.',
        tags: ['approval requests'],
        security: AGENT_KEY,
        params: wire.requestParams,
        response: answers(ANSWER, [...codes.agent, ...codes.body, ...CODES]),
      },
      onRequest: guards.requireAgent,
      preValidation: refuseBody,
    },
    async (request) => {
      const by = guards.callerOf(request);
      const { id: request_id } = request.params;
      return { revocation: await deps.revokeLease({ tenant_id: by.tenant_id, of: { request_id }, by }) };
    },
  );
}

function registerRevoke({ app, deps, guards }: RouteContext): void {
  app.post(
    '/v1/revocations',
    {
      schema: {
        operationId: 'revoke_approval',
        summary: 'Take back what an approval gave, by its request or by a live lease of it. Once more is harmless.',
        tags: ['leases'],
        security: ADMIN_TOKEN,
        body: revocation.revocationBody,
        response: answers(ANSWER, [...codes.admin, ...codes.body, ...CODES]),
      },
    },
    async (request) => {
      const by = guards.administratorOf(request);
      return { revocation: await deps.revokeLease({ tenant_id: by.tenant_id, of: request.body, by }) };
    },
  );
}
