// Guards the two names of one algorithm: tokens and keys of either name verify, and nothing else does.
import { describe, expect, test } from '@jest/globals';
import type { Jwks } from '../src/index.ts';
import { forge, forgeKey, goodClaims, goodHeader, jwksOf } from './forge.ts';
import { judgeFor } from './verdict.ts';

const key = forgeKey();
const verdict = judgeFor(key);
const signed = (alg: unknown): string => forge(key, { ...goodHeader(key), alg }, goodClaims());
const published = (changes: Record<string, unknown>): { keys: Jwks } => ({
  keys: { keys: [{ ...jwksOf(key).keys[0], ...changes }] } as unknown as Jwks,
});

describe('a credential verifies under the same kid, whichever name its header and its key give the algorithm', () => {
  test.each([
    ['EdDSA', 'EdDSA'],
    ['EdDSA', 'Ed25519'],
    ['Ed25519', 'EdDSA'],
    ['Ed25519', 'Ed25519'],
  ])('header %s, key %s', async (header, alg) => {
    expect(await verdict(signed(header), published({ alg }))).toBe('accepted');
  });
});

test.each<[unknown]>([
  ['eddsa'],
  ['EDDSA'],
  ['EdDsa'],
  ['ed25519'],
  ['ED25519'],
  ['EdDSA '],
  [' EdDSA'],
  ['Ed25519ph'],
  ['Ed25519ctx'],
  ['Ed448'],
  ['ES256'],
  ['ES256K'],
  ['RS256'],
  ['PS256'],
  ['HS256'],
  ['none'],
  [''],
  [null],
  [true],
  [1],
  [['EdDSA']],
  [{ alg: 'EdDSA' }],
  [undefined],
])('a header that names the algorithm %j is refused', async (alg) => {
  expect(await verdict(signed(alg))).toBe('algorithm_refused');
});

test.each<[string, Record<string, unknown>]>([
  ['Ed448, the other curve of EdDSA', { crv: 'Ed448' }],
  ['X25519', { crv: 'X25519' }],
  ['P-256 that says EdDSA', { kty: 'EC', crv: 'P-256' }],
  ['RSA that says EdDSA', { kty: 'RSA' }],
  ['the name of Ed448', { alg: 'Ed448' }],
  ['another spelling', { alg: 'eddsa' }],
  ['a list', { alg: ['EdDSA'] }],
  ['no name', { alg: undefined }],
])('a key that is not one of Ed25519 is refused: %s', async (_name, changes) => {
  expect(await verdict(signed('EdDSA'), published(changes))).toBe('keys_refused');
});
