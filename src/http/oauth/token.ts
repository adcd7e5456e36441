// The token endpoint: an approval is exchanged for its credential (RFC 8693), or polled for as CIBA does. Both are the claim,
// with the same proofs, and refuse it in the words of OAuth.

import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { PlacetError } from '../../domain/errors.ts';
import type { Exchange, Exchanged } from '../../service/agent/exchange.ts';
import { codes } from '../api/openapi.ts';
import { claimHeaders } from '../api/wire.ts';
import { invalidRequest } from '../problem.ts';
import { proofOf } from '../proof.ts';
import type { RouteContext } from '../route-context.ts';
import { createClients, requireAgent } from './client.ts';
import { authorizationDetail } from './detail.ts';
import * as example from './examples.ts';
import { ACCESS_TOKEN_TYPE, APPROVAL_REQUEST_TYPE, EXCHANGE_GRANT, JWT_TYPE, POLL_GRANT, TOKEN_PATH } from './names.ts';
import { oauthAnswers, oauthRoute } from './openapi.ts';

const ISSUED_TYPES = [ACCESS_TOKEN_TYPE, JWT_TYPE];

/** A client's timer and the network are not exact: less than this is too soon. */
const POLL_MS_MIN = 4_000;

const body = z
  .object({
    grant_type: z.string(),
    subject_token: z.string().optional(),
    subject_token_type: z.string().optional(),
    requested_token_type: z.string().optional(),
    actor_token: z.string().optional(),
    audience: z.string().optional(),
    resource: z.string().optional(),
    scope: z.string().optional(),
    auth_req_id: z.string().optional(),
  })
  .meta({ examples: [example.EXCHANGE, example.POLL] });

type Body = z.output<typeof body>;

const tokenAnswer = z
  .object({
    access_token: z.string(),
    token_type: z.enum(['Bearer', 'DPoP']),
    expires_in: z.int(),
    scope: z.string(),
    issued_token_type: z.literal(ACCESS_TOKEN_TYPE).optional(),
    authorization_details: z.array(authorizationDetail),
  })
  .meta({ id: 'TokenAnswer', examples: [example.TOKEN_ANSWER] });

/** Registers POST /oauth/token. */
export function registerToken({ app, deps, guards, public_url }: RouteContext): void {
  const clients = createClients(guards, null);
  const countPoll = app.createRateLimit({
    max: 1,
    timeWindow: POLL_MS_MIN,
    keyGenerator: (request) => `${clients.of(request as FastifyRequest).id}/${(request.body as Body).auth_req_id}`,
  });
  app.post(
    TOKEN_PATH,
    {
      schema: {
        ...oauthRoute,
        operationId: 'exchange_token',
        summary: 'Redeem an approval as an OAuth client: by token exchange (RFC 8693), or by polling for it (CIBA).',
        body,
        headers: claimHeaders,
        response: oauthAnswers({ status: 200, description: 'The credential.', schema: tokenAnswer }, [
          ...codes.claim,
          'grant_type_unsupported',
          'permission_missing',
          'polled_too_soon',
          'request_denied',
          'request_expired',
          'request_pending',
          'scope_invalid',
          'target_invalid',
        ]),
      },
      ...clients.hooks,
    },
    async (request, reply) => {
      const agent = requireAgent(clients.of(request));
      const isPoll = request.body.grant_type === POLL_GRANT;
      const idempotency_key = request.headers['idempotency-key'] ?? null;
      const proof = proofOf(request, public_url);
      const exchanging = deps.exchange(agent, { ...exchangeOf(request.body), idempotency_key, proof });
      const exchanged = await exchanging.catch(async (error: unknown) => {
        const isWaiting = isPoll && error instanceof PlacetError && error.code === 'request_pending';
        if (!isWaiting) throw error;
        const counted = await countPoll(request);
        throw !counted.isAllowed && counted.isExceeded ? new PlacetError('polled_too_soon') : error;
      });
      reply.header('pragma', 'no-cache');
      return answerOf(exchanged, isPoll);
    },
  );
}

/** What is wanted for, whichever grant it comes by. */
function exchangeOf(input: Body): Omit<Exchange, 'idempotency_key' | 'proof'> {
  const { grant_type, scope, audience, resource } = input;
  if (audience !== undefined && resource !== undefined && audience !== resource)
    throw new PlacetError('target_invalid');
  const wanted = { audience: audience ?? resource ?? null, scopes: scope?.split(' ') ?? null };
  switch (grant_type) {
    case POLL_GRANT:
      return { ...wanted, request_id: needed(input, 'auth_req_id') };
    case EXCHANGE_GRANT: {
      if (needed(input, 'subject_token_type') !== APPROVAL_REQUEST_TYPE) {
        throw invalidRequest([{ path: 'subject_token_type', message: `must be ${APPROVAL_REQUEST_TYPE}` }]);
      }
      if (input.actor_token !== undefined) {
        throw invalidRequest([{ path: 'actor_token', message: 'is not taken: an agent acts by its own key' }]);
      }
      if (!ISSUED_TYPES.includes(input.requested_token_type ?? ACCESS_TOKEN_TYPE)) {
        throw invalidRequest([{ path: 'requested_token_type', message: `must be ${ACCESS_TOKEN_TYPE}` }]);
      }
      return { ...wanted, request_id: needed(input, 'subject_token') };
    }
    default:
      throw new PlacetError('grant_type_unsupported');
  }
}

function needed(input: Body, name: 'auth_req_id' | 'subject_token' | 'subject_token_type'): string {
  const value = input[name];
  if (value === undefined) throw invalidRequest([{ path: name, message: 'is missing' }]);
  return value;
}

function answerOf(exchanged: Exchanged, isPoll: boolean): z.output<typeof tokenAnswer> {
  const { token, lifetime_seconds, scopes, is_bound, allowed } = exchanged;
  return {
    access_token: token,
    token_type: is_bound ? 'DPoP' : 'Bearer',
    expires_in: lifetime_seconds,
    scope: scopes.join(' '),
    ...(isPoll ? {} : { issued_token_type: ACCESS_TOKEN_TYPE }),
    authorization_details: [
      {
        type: 'placet_action',
        actions: [allowed.action],
        locations: [allowed.audience],
        identifier: allowed.resource,
        digest: allowed.digest,
        approval_request_id: allowed.request_id,
      },
    ],
  };
}
