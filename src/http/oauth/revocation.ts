// The revocation endpoint (RFC 7009): an agent gives back a credential of its own, and whoever may revoke takes back any.

import { z } from 'zod';
import type { RouteContext } from '../route-context.ts';
import { createClients } from './client.ts';
import * as example from './examples.ts';
import { REVOCATION_PATH } from './names.ts';
import { oauthAnswers, oauthRoute, TOOL_SECURITY } from './openapi.ts';

const body = z
  .object({ token: z.string(), token_type_hint: z.string().optional() })
  .meta({ examples: [example.TOKEN] });

/** Registers POST /oauth/revoke. */
export function registerRevocation({ app, deps, guards }: RouteContext): void {
  const clients = createClients(guards, 'leases.revoke');
  app.post(
    REVOCATION_PATH,
    {
      schema: {
        ...oauthRoute,
        security: TOOL_SECURITY,
        operationId: 'revoke_credential',
        summary:
          'Take back a credential, and what its approval gave beside it (RFC 7009). Every other text is answered alike.',
        body,
        response: oauthAnswers({ status: 200, description: 'It is good for nothing.', schema: z.object({}) }, [
          'permission_missing',
        ]),
      },
      ...clients.hooks,
    },
    async (request) => {
      await deps.revokeCredential(clients.of(request), request.body.token);
      return {};
    },
  );
}
