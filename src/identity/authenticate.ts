// Who calls: an agent key to its agent. One generic error, whatever was wrong, also for the key of another tenant (INV-9).

import type { AgentByKey } from '../db/database.ts';
import { PlacetError } from '../domain/errors.ts';
import type { AgentPrincipal } from '../domain/people/principal.ts';

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
