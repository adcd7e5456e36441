// Guards the gate of keys: what a private key cannot have made is no key, whoever publishes it, and verifies nothing.
import { createHash, createPublicKey, verify } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { ed25519 } from '@noble/curves/ed25519.js';
import fc from 'fast-check';
import { type Jwks, readJwks, verifyCredential } from '../src/index.ts';
import { isPublicKey } from '../src/public-key.ts';
import { ACTION, AUDIENCE, encode, forgeKey, goodClaims, ISSUER, NOW } from './forge.ts';
import { GOOD, NOT_CANONICAL, NOT_ON_CURVE, SMALL_ORDER } from './key-points.ts';

const bytesOf = (hex: string): Buffer => Buffer.from(hex, 'hex');
const jwkOf = (hex: string) => {
  const x = bytesOf(hex).toString('base64url');
  const kid = createHash('sha256').update(`{"crv":"Ed25519","kty":"OKP","x":"${x}"}`).digest('base64url');
  return { kty: 'OKP', crv: 'Ed25519', x, alg: 'EdDSA', use: 'sig', kid } as const;
};

describe.each<[string, readonly (readonly [string, string])[]]>([
  ['a point of small order', SMALL_ORDER],
  ['a text of y that is not the canonical one', NOT_CANONICAL],
  ['a y that is on no point of the curve', NOT_ON_CURVE],
])('%s is refused as a key', (_kind, vectors) => {
  test.each(vectors)('%s', async (_name, hex) => {
    expect(hex).toHaveLength(64);
    expect(isPublicKey(bytesOf(hex))).toBe(false);
    // A set with one such key is refused whole, good keys beside it or not.
    const keys = { keys: [forgeKey().jwk, jwkOf(hex)] };
    await expect(readJwks(keys)).rejects.toMatchObject({ code: 'keys_refused' });
  });
});

test('the fourteen encodings of small order are all there are', () => {
  const found = SMALL_ORDER.map(([, hex]) => ed25519.Point.fromBytes(bytesOf(hex), true));
  expect(new Set(found.map((point) => point.toHex())).size).toBe(8);
  expect(found.every((point) => point.isSmallOrder())).toBe(true);
  expect(new Set(SMALL_ORDER.map(([, hex]) => hex)).size).toBe(14);
});

test('a token that nobody signed, which plain Ed25519 takes under a key of small order, verifies nowhere here', async () => {
  const jwk = jwkOf(SMALL_ORDER[0]?.[1] ?? '');
  const input = `${encode({ typ: 'at+jwt', alg: 'EdDSA', kid: jwk.kid })}.${encode(goodClaims())}`;
  // R the neutral point and S = 0: SB = R + kA holds for every text when A is neutral too.
  const signature = Buffer.concat([bytesOf(SMALL_ORDER[0]?.[1] ?? ''), Buffer.alloc(32)]);
  expect(verify(null, Buffer.from(input), createPublicKey({ key: jwk, format: 'jwk' }), signature)).toBe(true);
  const options = { issuer: ISSUER, audience: AUDIENCE, keys: { keys: [jwk] } as Jwks, action: ACTION, now: NOW };
  const token = `${input}.${signature.toString('base64url')}`;
  await expect(verifyCredential(token, options)).rejects.toMatchObject({ code: 'keys_refused' });
});

test.each(GOOD)('a key of RFC 8032 is taken: %s', (_name, hex) => {
  expect(isPublicKey(bytesOf(hex))).toBe(true);
});

test('every key that is generated is taken', () => {
  for (let count = 0; count < 50; count += 1)
    expect(isPublicKey(Buffer.from(forgeKey().jwk.x, 'base64url'))).toBe(true);
});

describe('another library judges the same', () => {
  /** What we mean, in the words of @noble/curves. */
  const isKeyOfNoble = (bytes: Uint8Array): boolean => {
    try {
      const point = ed25519.Point.fromBytes(bytes, false);
      return !point.isSmallOrder() && point.isTorsionFree();
    } catch {
      return false;
    }
  };

  test('of any 32 bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (bytes) => {
        expect(isPublicKey(bytes)).toBe(isKeyOfNoble(bytes));
      }),
      { numRuns: 300 },
    );
  });

  test('of a good key to which a point of small order was added', () => {
    const good = ed25519.Point.fromBytes(bytesOf(GOOD[0]?.[1] ?? ''));
    for (const [name, hex] of SMALL_ORDER.slice(4)) {
      const mixed = good.add(ed25519.Point.fromBytes(bytesOf(hex), true)).toBytes();
      expect([name, isPublicKey(mixed), isKeyOfNoble(mixed)]).toEqual([name, false, false]);
    }
  });

  test.each([0, 1, 31, 33, 64])('of %i bytes: no key', (length) => {
    expect(isPublicKey(new Uint8Array(length))).toBe(false);
  });
});
