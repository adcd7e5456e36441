// What every change of the policy over this door has in common: who makes it, from which version, and what may keep it from being
// made.

import type { FastifyRequest } from 'fastify';
import { PlacetError } from '../../domain/errors.ts';
import type { AdminTokenPrincipal } from '../../domain/people/principal.ts';
import { codes } from './openapi.ts';

export const CHANGE_CODES = [
  ...codes.admin,
  ...codes.body,
  'confirmation_needed',
  'if_match_missing',
  'last_owner',
  'policy_change_too_large',
  'policy_changed',
  'policy_invalid',
  'quorum_unreachable',
] as const;

/** By whom, over which version, and whether its author says that nobody else could agree. Throws if_match_missing. */
export function aboutChange(
  by: AdminTokenPrincipal,
  { headers }: Pick<FastifyRequest, 'headers'>,
  query: { readonly confirm?: 'alone' | undefined },
) {
  const is_alone_confirmed = query.confirm === 'alone';
  return { tenant_id: by.tenant_id, by, base: baseOf(headers['if-match']), is_alone_confirmed };
}

/** The version that a change rests on; "0" is none. Without it nobody knows what the author has seen. */
function baseOf(if_match = ''): number {
  const [, number] = /^"(\d{1,9})"$/.exec(if_match) ?? [];
  if (number === undefined) throw new PlacetError('if_match_missing');
  return Number(number);
}
