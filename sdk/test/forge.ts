// Makes credentials by hand with raw cryptography, good ones and forged ones, so that tests depend on no JOSE library.
import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import type { CredentialClaims, Jwks, PublicJwk } from '../src/index.ts';
import { actionDigest } from '../src/index.ts';

export const ISSUER = 'https://placet.example';
export const AUDIENCE = 'https://orders.example';
export const NOW = new Date('2026-03-01T12:00:00.000Z');
export const NOW_S = NOW.getTime() / 1_000;
export const ACTION = {
  action: 'orders.refund',
  resource: 'order/A-1001',
  parameters: { amount: 120, currency: 'EUR' },
};

export type ForgedKey = { readonly jwk: PublicJwk; readonly privateKey: KeyObject; readonly publicKey: KeyObject };

/** A fresh Ed25519 key with its published form; the kid is computed here by hand (RFC 7638). */
export function forgeKey(): ForgedKey {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const x = String(publicKey.export({ format: 'jwk' }).x);
  const kid = createHash('sha256').update(`{"crv":"Ed25519","kty":"OKP","x":"${x}"}`).digest('base64url');
  return { jwk: { kty: 'OKP', crv: 'Ed25519', x, alg: 'EdDSA', use: 'sig', kid }, privateKey, publicKey };
}

export const jwksOf = (...keys: readonly ForgedKey[]): Jwks => ({ keys: keys.map((key) => key.jwk) });

export const goodHeader = (key: ForgedKey) => ({ typ: 'at+jwt', alg: 'EdDSA', kid: key.jwk.kid });

export function goodClaims(): CredentialClaims {
  return {
    iss: ISSUER,
    sub: 'prs_1',
    act: { sub: 'agt_1' },
    client_id: 'agt_1',
    aud: AUDIENCE,
    scope: 'orders:refund',
    jti: 'lse_1',
    iat: NOW_S,
    nbf: NOW_S,
    exp: NOW_S + 300,
    txn: 'apr_1',
    max_uses: 1,
    authorization_details: [
      {
        type: 'placet_action',
        actions: [ACTION.action],
        locations: [AUDIENCE],
        identifier: ACTION.resource,
        digest: actionDigest(ACTION),
        approval_request_id: 'apr_1',
      },
    ],
  };
}

/** Text goes out as it is, bytes too, anything else as JSON. */
export const encode = (part: unknown): string =>
  (part instanceof Buffer ? part : Buffer.from(typeof part === 'string' ? part : JSON.stringify(part))).toString(
    'base64url',
  );

/** A token with this header and payload, really signed by the key. */
export function forge(key: ForgedKey, header: unknown, payload: unknown): string {
  const input = `${encode(header)}.${encode(payload)}`;
  return `${input}.${sign(null, Buffer.from(input), key.privateKey).toString('base64url')}`;
}

/** A valid token, but for the claims given; `undefined` removes one. */
export function forgeClaims(key: ForgedKey, changes: Record<string, unknown> = {}): string {
  return forge(key, goodHeader(key), { ...goodClaims(), ...changes });
}

/** A valid token, but for members of its only authorization detail. */
export function forgeDetail(key: ForgedKey, changes: Record<string, unknown>): string {
  return forgeClaims(key, { authorization_details: [{ ...goodClaims().authorization_details[0], ...changes }] });
}
