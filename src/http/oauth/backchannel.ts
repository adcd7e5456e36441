// The backchannel authentication endpoint (CIBA section 7), poll mode: an OAuth client asks for approval of one action. It is the
// same approval request as by our own API, under the same policy; people decide in Slack, and the client polls for it.

import { createHash, randomUUID } from 'node:crypto';
import { ADVICE, canonicalBytes, parseStrictJson, StrictJsonError } from '@placet/sdk/canonical';
import { z } from 'zod';
import { LIFETIME_SECONDS_DEFAULT } from '../../domain/credential/scope.ts';
import { CLAIM_WINDOW_SECONDS } from '../../domain/credential/terms.ts';
import { PlacetError } from '../../domain/errors.ts';
import type { JsonValue } from '../../domain/request/request.ts';
import type { RequestView } from '../../service/agent/request-view.ts';
import { claimHeaders, newApprovalRequest } from '../api/wire.ts';
import { invalidRequest } from '../problem.ts';
import type { RouteContext } from '../route-context.ts';
import { createClients, requireAgent } from './client.ts';
import { askedDetails } from './detail.ts';
import * as example from './examples.ts';
import { BACKCHANNEL_PATH, POLL_SECONDS } from './names.ts';
import { oauthAnswers, oauthRoute } from './openapi.ts';

const body = z
  .object({
    authorization_details: z.string(),
    scope: z.string().optional(),
    binding_message: z.string().optional(),
    login_hint: z.string().optional(),
    requested_expiry: z
      .string()
      .regex(/^\d{1,9}$/, 'must be a whole number')
      .optional(),
  })
  .meta({ examples: [example.BACKCHANNEL] });

type Body = z.output<typeof body>;

const answer = z
  .object({ auth_req_id: z.string(), expires_in: z.int(), interval: z.literal(POLL_SECONDS) })
  .meta({ id: 'BackchannelAnswer', examples: [example.BACKCHANNEL_ANSWER] });

/** Registers POST /oauth/bc-authorize. */
export function registerBackchannel({ app, deps, guards, metrics }: RouteContext): void {
  const clients = createClients(guards, null);
  app.post(
    BACKCHANNEL_PATH,
    {
      schema: {
        ...oauthRoute,
        operationId: 'authorize_backchannel',
        summary: 'Ask for approval of one action as an OAuth client (CIBA, poll mode).',
        body,
        headers: claimHeaders,
        response: oauthAnswers({ status: 200, description: 'Asked; poll the token endpoint.', schema: answer }, [
          'action_reserved',
          'authorization_details_invalid',
          'credential_exceeds_policy',
          'idempotency_conflict',
          'justification_missing',
          'outside_hours',
          'parameters_invalid',
          'permission_missing',
          'quorum_unreachable',
          'request_denied',
        ]),
      },
      ...clients.hooks,
    },
    async (request) => {
      const agent = requireAgent(clients.of(request));
      const { ask, sent } = readAsk(request.body);
      const view = await deps.submit(agent, {
        // A client that sends none cannot be answered again when its answer was lost: it asks anew, and the first expires.
        idempotency_key: request.headers['idempotency-key'] ?? randomUUID(),
        body_digest: createHash('sha256').update(canonicalBytes(sent)).digest(),
        ask,
      });
      metrics.countRequestState(view.state);
      if (view.state === 'denied') throw new PlacetError('request_denied');
      return { auth_req_id: view.id, expires_in: secondsOf(view), interval: POLL_SECONDS } as const;
    },
  );
}

/** What is asked for, held to the forms of an approval request; and the same as it was sent. */
function readAsk(input: Body) {
  const [detail] = readDetails(input.authorization_details);
  const { scope, binding_message, login_hint, requested_expiry } = input;
  const audience = detail.locations?.[0];
  if ((scope === undefined) !== (audience === undefined)) {
    throw invalidRequest([{ path: 'scope', message: 'comes with a location, and a location with it' }]);
  }
  const lifetime_seconds = detail.lifetime_seconds ?? LIFETIME_SECONDS_DEFAULT;
  const sent = {
    action: detail.actions[0],
    resource: detail.identifier,
    parameters: detail.parameters ?? {},
    justification: binding_message ?? null,
    on_behalf_of: login_hint ?? null,
    timeout_seconds: requested_expiry === undefined ? null : Number(requested_expiry),
    credential:
      audience === undefined ? null : { type: 'jwt', audience, scopes: scope?.split(' ') ?? [], lifetime_seconds },
  };
  const { data: ask, error } = newApprovalRequest.safeParse(sent);
  if (ask === undefined) throw fromIssues(error.issues);
  return { ask, sent: sent as JsonValue };
}

function readDetails(text: string): z.output<typeof askedDetails> {
  let value: JsonValue;
  try {
    value = parseStrictJson(Buffer.from(text));
  } catch (cause) {
    if (!(cause instanceof StrictJsonError)) throw cause;
    throw detailsInvalid([{ path: cause.path, message: ADVICE[cause.code] }], cause);
  }
  const { data, error } = askedDetails.safeParse(value);
  if (data === undefined) throw detailsInvalid(fieldsOf(error.issues));
  return data;
}

type Issues = readonly { readonly path: readonly PropertyKey[]; readonly message: string }[];

function fieldsOf(issues: Issues) {
  return issues.map(({ path, message }) => ({ path: path.map((step) => `/${String(step)}`).join(''), message }));
}
const fromIssues = (issues: Issues) => invalidRequest(fieldsOf(issues));

function detailsInvalid(errors: readonly { path: string; message: string }[], cause?: unknown): PlacetError {
  const { details } = invalidRequest(errors);
  return new PlacetError('authorization_details_invalid', details, cause);
}

/** Until the request expires; where a rule allows it at once, until its credential can no longer be claimed. */
function secondsOf({ created_at, expires_at, outcome }: RequestView): number {
  const end = expires_at ?? outcome?.claim_expires_at ?? null;
  return end === null ? CLAIM_WINDOW_SECONDS : Math.ceil((end.getTime() - created_at.getTime()) / 1_000);
}
