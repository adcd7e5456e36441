// The OpenAPI 3.1 document, made from the schemas of the routes: every route, every answer, errors included.
// It describes; it validates nothing.

import swagger from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { ERRORS, type ErrorCode } from '../../domain/errors.ts';
import { PROBLEM_MEDIA_TYPE, PROBLEM_TYPE_BASE } from '../problem.ts';

export const AGENT_KEY = [{ agent_key: [] }];
export const CREDENTIAL = [{ credential: [] }];
export const ADMIN_TOKEN = [{ admin_token: [] }];
export const AGENT_KEY_OR_CREDENTIAL = [...AGENT_KEY, ...CREDENTIAL];

/** Codes of any route for agents, and of any route that reads a body. */
const AGENT_CODES = ['agent_key_invalid', 'rate_limited', 'unavailable'] as const satisfies readonly ErrorCode[];
const BODY_CODES = [
  'body_too_large',
  'http_malformed',
  'invalid_json',
  'invalid_request',
  'unsupported_media_type',
] as const satisfies readonly ErrorCode[];
/** Codes of any route for admins. */
const ADMIN_CODES = [
  'admin_token_invalid',
  'permission_missing',
  'rate_limited',
  'unavailable',
] as const satisfies readonly ErrorCode[];
/** Codes of whatever redeems an approval for a credential. */
const CLAIM_CODES = [
  'agent_revoked',
  'already_claimed',
  'already_started',
  'approval_revoked',
  'claim_expired',
  'denied_by_policy',
  'dpop_nonce_needed',
  'dpop_proof_invalid',
  'dpop_proof_missing',
  'no_credential',
  'not_approved',
  'not_found',
  'quorum_lost',
  'result_already_reported',
] as const satisfies readonly ErrorCode[];
export const codes = { agent: AGENT_CODES, admin: ADMIN_CODES, body: BODY_CODES, claim: CLAIM_CODES };

type Answer = { readonly description: string; readonly content: Record<string, { readonly schema: z.ZodType }> };
type Success = {
  readonly status: number;
  readonly description: string;
  readonly schema: z.ZodType;
  readonly type?: string;
};

const INFO = `Agents ask before they act, people decide in Slack, an approved action gets one short-lived credential.

Bodies are strict JSON: I-JSON (RFC 7493) in UTF-8, with numbers that every reader reads alike, at most 64 KiB, 32 levels and
1,000 members. Unknown members are refused. Errors are problem details (RFC 9457) whose \`code\` is stable. Every answer bears \`X-Request-Id\`.
An unknown path answers 404 \`not_found\`, another method 405 \`method_not_allowed\`, and a broken HTTP request
400 \`http_malformed\`, 408 \`request_timeout\` or 431 \`headers_too_large\`, also as problem details.`;

/** The answers of a route: its success, and each error code that it may answer, grouped by status. */
export function answers(success: Success, errors: readonly ErrorCode[] = []): Record<number, Answer> {
  const { status, description, schema, type = 'application/json' } = success;
  const byStatus: Record<number, Answer> = { [status]: { description, content: { [type]: { schema } } } };
  const all = [...new Set<ErrorCode>([...errors, 'internal'])].sort();
  for (const failed of new Set(all.map((code) => ERRORS[code].status))) {
    const ofStatus = all.filter((code) => ERRORS[code].status === failed);
    byStatus[failed] = problemAnswer(failed, ofStatus);
  }
  return byStatus;
}

function problemAnswer(status: number, ofStatus: readonly ErrorCode[]): Answer {
  const schema = z
    .looseObject({
      type: z.enum(ofStatus.map((code) => `${PROBLEM_TYPE_BASE}${code}`)),
      title: z.string(),
      status: z.literal(status),
      code: z.enum(ofStatus),
      detail: z.string().optional(),
      ...extensionsOf(ofStatus),
    })
    .meta({ examples: ofStatus.map(exampleOf) });
  const description = ofStatus.map((code) => `\`${code}\`: ${ERRORS[code].title}`).join('\n\n');
  return { description, content: { [PROBLEM_MEDIA_TYPE]: { schema } } };
}

function extensionsOf(ofStatus: readonly ErrorCode[]): Record<string, z.ZodType> {
  return {
    ...(ofStatus.some(hasErrors)
      ? { errors: z.array(z.object({ path: z.string(), message: z.string() })).optional() }
      : {}),
    ...(ofStatus.includes('invalid_json') ? { reason: z.string().optional(), path: z.string().optional() } : {}),
  };
}

/** Codes that name the places that are wrong. */
function hasErrors(code: ErrorCode): boolean {
  return code === 'invalid_request' || code === 'parameters_invalid';
}

function exampleOf(code: ErrorCode): object {
  const { status, title } = ERRORS[code];
  const details = hasErrors(code) ? { errors: [{ path: '/action', message: 'is wrong' }] } : {};
  return { type: `${PROBLEM_TYPE_BASE}${code}`, title, status, code, ...details };
}

/** Collects every route that is registered after it; `app.swagger()` is the document. */
export function registerOpenApi(
  app: FastifyInstance,
  about: { readonly public_url: string; readonly version: string },
): void {
  app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Placet', version: about.version, description: INFO, license: { name: 'Apache-2.0' } },
      servers: [{ url: about.public_url }],
      components: {
        securitySchemes: {
          agent_key: {
            type: 'http',
            scheme: 'bearer',
            description: 'An agent key: `plk_…`, made by `placet agent create`.',
          },
          admin_token: {
            type: 'http',
            scheme: 'bearer',
            description: 'An admin token: `plt_…`, made by `placet token create`.',
          },
          client: {
            type: 'http',
            scheme: 'basic',
            description: 'An OAuth client: an agent by its id and key, or an admin token by its id and itself.',
          },
          credential: {
            type: 'http',
            scheme: 'bearer',
            bearerFormat: 'JWT',
            description: 'The credential of the lease.',
          },
        },
      },
    },
    transform: (route) => withHeaders(jsonSchemaTransform(route)),
    transformObject: (document) => withoutUnused(jsonSchemaTransformObject(document) as OpenApiDocument),
  });
}

type Transformed = ReturnType<typeof jsonSchemaTransform>;

function withHeaders({ schema, url }: Transformed): Transformed {
  const response = (schema as { response?: Record<string, object> } | undefined)?.response ?? {};
  for (const [status, answer] of Object.entries(response)) {
    const description = (answer as { description?: string }).description ?? '';
    Object.assign(answer, { headers: headersOf(Number(status), description.includes('`receipt_not_ready`')) });
  }
  return { schema, url };
}

function headersOf(status: number, is_to_wait: boolean): object {
  const text = (description: string) => ({ type: 'string', description });
  return {
    'X-Request-Id': text('Names this answer in our logs.'),
    ...(status === 401 ? { 'WWW-Authenticate': text('Always Bearer.') } : {}),
    ...(status === 429 || status === 503 || is_to_wait
      ? { 'Retry-After': text('Seconds to wait before the next try.') }
      : {}),
  };
}

type OpenApiDocument = { components?: { schemas?: Record<string, unknown> } };

/** Named schemas are emitted for both directions; ours are all answers, so the `…Input` twins are noise. */
function withoutUnused(document: OpenApiDocument): object {
  const schemas = document.components?.schemas ?? {};
  for (const name of Object.keys(schemas).filter((key) => key.endsWith('Input'))) delete schemas[name];
  return document;
}
