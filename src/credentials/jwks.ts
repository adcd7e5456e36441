// The public key set that tools fetch. Takes rows, answers a document that our own verifier accepts, or none.

import { type Jwks, readJwks } from '@placet/sdk';
import { PlacetError } from '../domain/errors.ts';
import { TOKEN_ALGORITHM } from './keyring.ts';

/** The JWKS of these rows; throws PlacetError `internal` for a row with a private member or a kid that is not its own. */
export async function publicJwks(
  rows: readonly { readonly kid: string; readonly public_jwk: unknown }[],
): Promise<Jwks> {
  try {
    const keys = await readJwks({ keys: rows.map((row) => row.public_jwk) });
    if (!rows.every((row) => keys.has(row.kid))) throw new Error('a row whose kid is not that of its key');
    // Rows of earlier versions say `Ed25519`, which some libraries do not know; the kid does not depend on it.
    return { keys: [...keys.values()].map((jwk) => ({ ...jwk, alg: TOKEN_ALGORITHM })) };
  } catch (cause) {
    throw new PlacetError('internal', {}, cause);
  }
}
