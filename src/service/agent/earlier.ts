// The answer of an earlier ask under the same Idempotency-Key: the same bytes for the same body, a conflict for another one.

import type { Tx } from '../../db/database.ts';
import { CREATION } from '../../db/record-parts.ts';
import * as requestRecords from '../../db/request-records.ts';
import * as requests from '../../db/requests.ts';
import { PlacetError } from '../../domain/errors.ts';
import type { AgentPrincipal } from '../../domain/people/principal.ts';
import type { Masks } from './masks.ts';
import { type RequestView, viewAtCreation } from './request-view.ts';

export type EarlierDeps = { readonly masks: Masks };
export type Keyed = { readonly idempotency_key: string; readonly body_digest: Uint8Array };

/** The answer of the agent's request under this key, or null; throws idempotency_conflict when it came with another body. */
export async function findEarlier(
  { masks }: EarlierDeps,
  tx: Tx,
  caller: AgentPrincipal,
  { idempotency_key, body_digest }: Keyed,
): Promise<RequestView | null> {
  const earlier = await requests.findByIdempotencyKey(tx, caller.id, idempotency_key);
  if (earlier === null) return null;
  const { id: request_id, salts_sealed } = earlier;
  const place = { tenant_id: caller.tenant_id, request_id };
  const salts = salts_sealed === null ? null : masks.openSalts(place, salts_sealed);
  const digest = salts === null ? body_digest : masks.digestUnder(salts, body_digest);
  if (!Buffer.from(digest).equals(earlier.body_digest)) throw new PlacetError('idempotency_conflict', { request_id });
  const record = await requestRecords.readRequestRecord(tx, request_id, CREATION);
  return record === null ? null : viewAtCreation(record, salts ?? {});
}

/** The same where the key is known to be taken. */
export async function mustFindEarlier(
  deps: EarlierDeps,
  tx: Tx,
  caller: AgentPrincipal,
  keyed: Keyed,
): Promise<RequestView> {
  const earlier = await findEarlier(deps, tx, caller, keyed);
  if (earlier === null)
    throw new PlacetError('internal', {}, new Error('a request with this key is neither new nor there'));
  return earlier;
}
