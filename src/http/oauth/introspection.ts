// The introspection endpoint (RFC 7662): a tool asks whether a credential is good for anything now, an agent of its own.

import { z } from 'zod';
import type { RouteContext } from '../route-context.ts';
import { createClients } from './client.ts';
import { authorizationDetail } from './detail.ts';
import * as example from './examples.ts';
import { INTROSPECTION_PATH } from './names.ts';
import { oauthAnswers, oauthRoute, TOOL_SECURITY } from './openapi.ts';

/** A credential has at most 8,192 characters; what is longer is none, and is answered as such. */
const body = z
  .object({ token: z.string(), token_type_hint: z.string().optional() })
  .meta({ examples: [example.TOKEN] });

const introspection = z
  .union([
    z.object({
      active: z.literal(true),
      token_type: z.enum(['Bearer', 'DPoP']),
      iss: z.string(),
      sub: z.string(),
      act: z.object({ sub: z.string() }).optional(),
      client_id: z.string(),
      aud: z.string(),
      scope: z.string(),
      jti: z.string(),
      iat: z.int(),
      nbf: z.int(),
      exp: z.int(),
      txn: z.string(),
      max_uses: z.literal(1),
      cnf: z.object({ jkt: z.string() }).optional(),
      authorization_details: z.array(authorizationDetail),
    }),
    z.strictObject({ active: z.literal(false) }),
  ])
  .meta({ id: 'Introspection', examples: [example.INTROSPECTION, { active: false }] });

/** Registers POST /oauth/introspect. */
export function registerIntrospection({ app, deps, guards }: RouteContext): void {
  const clients = createClients(guards, 'credentials.check');
  app.post(
    INTROSPECTION_PATH,
    {
      schema: {
        ...oauthRoute,
        security: TOOL_SECURITY,
        operationId: 'introspect_credential',
        summary:
          'Whether a credential could be used now (RFC 7662). Every other one, and every other text, is answered alike.',
        body,
        response: oauthAnswers(
          { status: 200, description: 'What it is good for, if anything.', schema: introspection },
          ['permission_missing'],
        ),
      },
      ...clients.hooks,
    },
    async (request) => {
      const claims = await deps.introspect(clients.of(request), request.body.token);
      if (claims === null) return { active: false as const };
      const token_type = claims['cnf'] === undefined ? 'Bearer' : 'DPoP';
      return { active: true, token_type, ...claims } as z.output<typeof introspection>;
    },
  );
}
