// Statements on signing keys: private halves leave here only sealed.

import type { Tx } from './database.ts';
import { SIGNING_KEYS, type SigningKeyRow } from './tables.ts';

/**
 * A retired key's credentials verify this long: its last credential's life (15), the hour in which it may still report,
 * and clock skew. Verifiers' caches need less, 45 in all.
 */
const RETIRED_KEPT_MINUTES = 80;

/** Which key signs now, or null before the first claim. */
export async function readActiveKid(tx: Tx): Promise<string | null> {
  const sql = 'select kid from placet.signing_keys where retired_at is null';
  return (await tx.query<{ kid: string }>(sql)).rows[0]?.kid ?? null;
}

/** The key that signs now, or null before the first start. */
export async function readActiveKey(tx: Tx): Promise<SigningKeyRow | null> {
  const sql = `select ${SIGNING_KEYS.select('k')} from placet.signing_keys k where k.retired_at is null`;
  return (await tx.query<SigningKeyRow>(sql)).rows[0] ?? null;
}

/** Every public key that a verifier may still need. */
export async function listPublicKeys(tx: Tx): Promise<Pick<SigningKeyRow, 'kid' | 'public_jwk'>[]> {
  const sql = `select kid, public_jwk from placet.signing_keys
    where retired_at is null or retired_at > $1::timestamptz - make_interval(mins => $2) order by created_at desc`;
  return (await tx.query<Pick<SigningKeyRow, 'kid' | 'public_jwk'>>(sql, [tx.now, RETIRED_KEPT_MINUTES])).rows;
}

/** Stores a new active key; false when another process was faster. */
export async function insertKey(tx: Tx, row: Omit<SigningKeyRow, 'retired_at'>): Promise<boolean> {
  const sql = `${SIGNING_KEYS.insert} on conflict do nothing returning kid`;
  return (await tx.query(sql, SIGNING_KEYS.valuesOf(tx, row))).rowCount === 1;
}
