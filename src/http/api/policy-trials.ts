// What a policy says without anything being asked: explain one ask, and replay what was asked through a draft.

import { POLICY_FILE_BYTES_MAX } from '../../domain/policy/policy.ts';
import type { RouteContext } from '../route-context.ts';
import { ADMIN_TOKEN, answers, codes } from './openapi.ts';
import { policyFile } from './policy-wire.ts';
import * as wire from './trial-wire.ts';

const TAGS = ['policy'];

/** Registers explain and replay, in the scope that takes policy files. */
export function registerPolicyTrials({ app, deps, guards }: RouteContext): void {
  app.post(
    '/v1/policy/explain',
    {
      schema: {
        operationId: 'explain_policy',
        summary: 'Which rule judges an ask and why not the others, who would be asked, and who never counts.',
        tags: TAGS,
        security: ADMIN_TOKEN,
        body: wire.explainBody,
        response: answers({ status: 200, description: 'The explanation.', schema: wire.explanation }, [
          ...codes.admin,
          ...codes.body,
          'action_reserved',
          'not_found',
        ]),
      },
    },
    async (request) => {
      const { tenant_id } = guards.administratorOf(request);
      const { body } = request;
      const of = 'request_id' in body ? { request_id: body.request_id } : { ask: body };
      return wire.explanationOf(await deps.explainPolicy({ tenant_id, of }));
    },
  );
  app.post(
    '/v1/policy/replay',
    {
      bodyLimit: POLICY_FILE_BYTES_MAX,
      schema: {
        operationId: 'replay_policy',
        summary: 'Which verdicts on past requests a draft would change, grouped, with counts.',
        tags: TAGS,
        security: ADMIN_TOKEN,
        consumes: ['application/yaml'],
        querystring: wire.replayQuery,
        body: policyFile,
        response: answers({ status: 200, description: 'What would change.', schema: wire.replay }, [
          ...codes.admin,
          ...codes.body,
          'policy_invalid',
        ]),
      },
    },
    async (request) => {
      const { tenant_id } = guards.administratorOf(request);
      const { since_seconds = wire.SINCE_SECONDS_DEFAULT } = request.query;
      return wire.replayOf(await deps.replayPolicy({ tenant_id, source: request.body, since_seconds }));
    },
  );
}
