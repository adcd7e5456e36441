// How the OAuth endpoints stand in the OpenAPI document: what they take, and every answer. Describes; validates nothing.

import { z } from 'zod';
import { ERRORS, type ErrorCode } from '../../domain/errors.ts';
import { PROBLEM_TYPE_BASE } from '../problem.ts';
import { oauthNameOf, oauthStatusOf } from './errors.ts';
import { FORM } from './form.ts';

/** What any of them may answer. */
const COMMON = [
  'admin_token_invalid',
  'agent_key_invalid',
  'body_too_large',
  'client_invalid',
  'http_malformed',
  'internal',
  'invalid_request',
  'rate_limited',
  'unavailable',
  'unsupported_media_type',
] as const satisfies readonly ErrorCode[];

/** What every one of these routes says of itself. */
export const oauthRoute = {
  tags: ['oauth'],
  consumes: [FORM],
  security: [{ client: [] }, { agent_key: [] }],
};

/** Of those that a tool may call, too. */
export const TOOL_SECURITY = [...oauthRoute.security, { admin_token: [] }];

type Answer = { readonly description: string; readonly content: Record<string, { readonly schema: z.ZodType }> };
type Success = { readonly status: number; readonly description: string; readonly schema: z.ZodType };

/** The answers of a route: its success, and each error that it may answer, grouped by status. */
export function oauthAnswers(
  { status, description, schema }: Success,
  errors: readonly ErrorCode[],
): Record<number, Answer> {
  const byStatus: Record<number, Answer> = { [status]: { description, content: { 'application/json': { schema } } } };
  const all = [...new Set<ErrorCode>([...COMMON, ...errors])].sort();
  for (const failed of new Set(all.map(oauthStatusOf))) {
    byStatus[failed] = errorAnswer(all.filter((code) => oauthStatusOf(code) === failed));
  }
  return byStatus;
}

function errorAnswer(codes: readonly ErrorCode[]): Answer {
  const namesOf = (code: ErrorCode) => [...new Set([oauthNameOf(code), oauthNameOf(code, true)])];
  const schema = z
    .object({
      error: z.enum([...new Set(codes.flatMap(namesOf))]),
      error_description: z.string(),
      error_uri: z.enum(codes.map((code) => `${PROBLEM_TYPE_BASE}${code}`)),
    })
    .meta({
      examples: codes.map((code) => ({
        error: oauthNameOf(code),
        error_description: 'In words.',
        error_uri: `${PROBLEM_TYPE_BASE}${code}`,
      })),
    });
  const description = codes
    .map(
      (code) =>
        `${namesOf(code)
          .map((name) => `\`${name}\``)
          .join(', polled for ')} (\`${code}\`): ${ERRORS[code].title}`,
    )
    .join('\n\n');
  return { description, content: { 'application/json': { schema } } };
}
