// Who calls: an agent key to its agent. One generic error, whatever was wrong, also for the key of another tenant (INV-9).

import type { AgentIdentity } from '../db/database.ts';
import { PlacetError } from '../domain/errors.ts';

export type AuthenticateDeps = {
  /** Looks in the tenant of this process alone. */
  readonly findAgentByKey: (hash: Uint8Array) => Promise<AgentIdentity | null>;
  /** The key's SHA-256, or null when its form or checksum is wrong, so that garbage never reaches the database. */
  readonly hashAgentKey: (key: string) => Uint8Array | null;
};

/** The caller of an `Authorization: Bearer` value; throws agent_key_invalid. */
export async function authenticate(deps: AuthenticateDeps, bearer: string | undefined): Promise<AgentIdentity> {
  const hash = bearer === undefined ? null : deps.hashAgentKey(bearer);
  const caller = hash === null ? null : await deps.findAgentByKey(hash);
  if (caller === null) throw new PlacetError('agent_key_invalid');
  return caller;
}
