// Who calls: an agent key to its agent, an admin token to its administrator. One generic error each, whatever was wrong, also for
// those of another tenant (INV-9).

import type { AgentByKey } from '../db/database.ts';
import { PlacetError } from '../domain/errors.ts';
import type { AdminTokenPrincipal, AgentPrincipal } from '../domain/people/principal.ts';

export type AuthenticateDeps = {
  /** Looks in the tenant of this process alone. */
  readonly findAgentByKey: (hash: Uint8Array) => Promise<AgentByKey | null>;
  /** The key's SHA-256, or null when its form or checksum is wrong, so that garbage never reaches the database. */
  readonly hashAgentKey: (key: string) => Uint8Array | null;
};

/** The caller of an `Authorization: Bearer` value; throws agent_key_invalid. */
export async function authenticate(deps: AuthenticateDeps, bearer: string | undefined): Promise<AgentPrincipal> {
  const hash = bearer === undefined ? null : deps.hashAgentKey(bearer);
  const known = hash === null ? null : await deps.findAgentByKey(hash);
  if (known === null) throw new PlacetError('agent_key_invalid');
  const { agent_id: id, ...about } = known;
  return { kind: 'agent', id, via: 'api', ...about };
}

export type AuthenticateTokenDeps = {
  /** Looks in the tenant of this process alone. */
  readonly findTokenBearer: (hash: Uint8Array) => Promise<Omit<AdminTokenPrincipal, 'kind' | 'via'> | null>;
  /** The token's SHA-256, or null when its form or checksum is wrong. */
  readonly hashAdminToken: (token: string) => Uint8Array | null;
};

/** The administrator of an `Authorization: Bearer` value; throws admin_token_invalid. */
export async function authenticateToken(
  deps: AuthenticateTokenDeps,
  bearer: string | undefined,
): Promise<AdminTokenPrincipal> {
  const hash = bearer === undefined ? null : deps.hashAdminToken(bearer);
  const known = hash === null ? null : await deps.findTokenBearer(hash);
  if (known === null) throw new PlacetError('admin_token_invalid');
  return { kind: 'admin_token', via: 'api', ...known };
}
