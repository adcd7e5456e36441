// What others make of our credentials: the check of docs/verify.md in Python, jose, and fast-jwt, over a real API.

import { createPublicKey } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createProofKey, type ProofKey, type PublicJwk, signProof, verifyCredential } from '@placet/sdk';
import { createVerifier } from 'fast-jwt';
import { calculateJwkThumbprint, createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import { forge, forgeKey, goodHeader } from '../../sdk/test/forge.ts';
import { findPython, type Python } from '../support/python.ts';
import { type Claimed, type Door, openDoor, reheader, resign } from '../threats/door.ts';
import { readTree } from '../tidy/tree.ts';

const AUDIENCE = 'https://orders.example';
let door: Door;
let url: string;
let claimed: Claimed;
beforeAll(async () => {
  door = await openDoor({ is_issuer: true });
  url = door.api.url;
  claimed = await door.claimed();
});
afterAll(() => door.close());

const keySet = async (): Promise<{ keys: PublicJwk[] }> =>
  (await (await fetch(`${url}/.well-known/jwks.json`)).json()) as { keys: PublicJwk[] };
/** As the version before signed it: the same key, claims and kid, the other name. */
const signedBefore = (): string => reheader(door.signing, claimed.claims, { alg: 'Ed25519' });
const flipped = (token: string): string => {
  const [header, payload, signature = ''] = token.split('.');
  return `${header}.${payload}.${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`;
};

test('header and key set say EdDSA, also of keys that were stored under the other name', async () => {
  expect(decodeProtectedHeader(claimed.token)).toMatchObject({ alg: 'EdDSA', typ: 'at+jwt' });
  await door.database.asSuperuser(`update placet.signing_keys set public_jwk = public_jwk || '{"alg": "Ed25519"}'`);
  const { keys } = await keySet();
  expect(keys.map(({ alg }) => alg)).toEqual(keys.map(() => 'EdDSA'));
  expect(keys.map(({ kid }) => kid)).toContain(door.signing.jwk.kid);
});

test('a credential that was signed before the change verifies, here and at the server, until it ends', async () => {
  const options = { issuer: url, audience: AUDIENCE, keys: `${url}/.well-known/jwks.json` };
  await expect(verifyCredential(signedBefore(), options)).resolves.toMatchObject({ jti: claimed.lease_id });
  const over = { ...options, now: new Date(claimed.claims.exp * 1_000) };
  await expect(verifyCredential(signedBefore(), over)).rejects.toMatchObject({ code: 'expired' });
  const { request, lease_id, claims } = await door.claimed();
  const old = reheader(door.signing, claims, { alg: 'Ed25519' });
  const { status } = await door.api.send(old, 'POST', `/v1/leases/${lease_id}/use`, { digest: request.digest });
  expect([status, await door.leaseState(lease_id)]).toEqual([200, 'used']);
});

/** What a verifier takes and what it refuses, whichever library it is. */
const credentials: [string, () => string, boolean][] = [
  ['a credential', () => claimed.token, true],
  ['one whose signature was changed', () => flipped(claimed.token), false],
  ['one for another tool', () => resign(door.signing, claimed.claims, { aud: 'https://other.example' }), false],
  ['one of another issuer', () => resign(door.signing, claimed.claims, { iss: 'https://other.example' }), false],
  ['one that is over', () => resign(door.signing, claimed.claims, { iat: 1, nbf: 1, exp: 301 }), false],
  ['one of a key that is not published', () => strangers(), false],
  ['one that says that nobody signed', () => reheader(door.signing, claimed.claims, { alg: 'none' }), false],
];

function strangers(): string {
  const stranger = forgeKey();
  return forge(stranger, { ...goodHeader(stranger), kid: door.signing.jwk.kid }, claimed.claims);
}

const isTaken = (check: Promise<unknown>): Promise<boolean> =>
  check.then(
    () => true,
    () => false,
  );

describe('the check in Python of docs/verify.md, with PyJWT', () => {
  let python: Python;
  beforeAll(async () => {
    python = await findPython();
  }, 300_000);
  const text = readTree().find(({ path }) => path === 'docs/verify.md')?.text ?? '';
  const program = /^```python\n([\s\S]*?)^```$/m.exec(text)?.[1] ?? 'raise SystemExit("no such example")';
  const check = (token: string, changed = program): Promise<string> =>
    python(changed, { PLACET_URL: url, CREDENTIAL: token });

  test('prints the request and the lease of a good one', async () => {
    expect(await check(claimed.token)).toBe(`${claimed.request.id} ${claimed.lease_id}\n`);
  });

  test.each(credentials)('%s', async (_name, make, expected) => {
    expect(await isTaken(check(make()))).toBe(expected);
  });

  describe('of a credential that is bound to a key', () => {
    const CALL = { method: 'POST', url: `${AUDIENCE}/refunds` };
    let holder: ProofKey;
    let bound: string;
    beforeAll(async () => {
      holder = await createProofKey();
      const cnf = { jkt: await calculateJwkThumbprint(holder.public_jwk) };
      bound = resign(door.signing, claimed.claims, { cnf });
    });
    const proved = async (proof: string, call = CALL): Promise<string> =>
      python(program, { PLACET_URL: url, CREDENTIAL: bound, PROOF: proof, METHOD: call.method, ADDRESS: call.url });
    const prove = (more: object = {}, key = holder) => signProof(key, { ...CALL, token: bound, ...more });

    test('takes the proof of its key for this call', async () => {
      expect(await proved(await prove())).toBe(`${claimed.request.id} ${claimed.lease_id}\n`);
    });

    test.each<[string, () => Promise<string>]>([
      ['none', async () => ''],
      ['one of another key', async () => prove({}, await createProofKey())],
      ['one for another method', () => prove({ method: 'GET' })],
      ['one for another address', () => prove({ url: `${AUDIENCE}/others` })],
      ['one with another credential', () => prove({ token: claimed.token })],
      ['one of two minutes ago', () => prove({ now: new Date(Date.now() - 120_000) })],
      ['the credential itself', async () => bound],
    ])('refuses %s', async (_name, make) => {
      expect(await isTaken(proved(await make()))).toBe(false);
    });

    test('refuses it without', async () => {
      expect(await isTaken(check(bound))).toBe(false);
    });
  });

  test('refuses a good one for another action', async () => {
    const other = program.replace('"amount": 120', '"amount": 121');
    expect(other).not.toBe(program);
    await expect(check(claimed.token, other)).rejects.toThrow('not for this action');
  });
});

describe('jose', () => {
  test.each(credentials)('%s', async (_name, make, expected) => {
    const keys = createRemoteJWKSet(new URL(`${url}/.well-known/jwks.json`));
    const options = { issuer: url, audience: AUDIENCE, algorithms: ['EdDSA'], typ: 'at+jwt' };
    expect(await isTaken(jwtVerify(make(), keys, options))).toBe(expected);
  });

  test('takes the name of RFC 9864 in a credential signed before, too', async () => {
    const keys = createRemoteJWKSet(new URL(`${url}/.well-known/jwks.json`));
    const options = { issuer: url, audience: AUDIENCE, algorithms: ['EdDSA'] };
    expect(await isTaken(jwtVerify(claimed.token, keys, options))).toBe(true);
  });
});

describe('fast-jwt', () => {
  test.each(credentials)('%s', async (_name, make, expected) => {
    const { keys } = await keySet();
    const key = async ({ header }: { header: Record<string, unknown> }): Promise<string> => {
      const jwk = keys.find(({ kid }) => kid === header['kid']);
      if (jwk === undefined) throw new Error('no such key');
      return String(createPublicKey({ key: { ...jwk }, format: 'jwk' }).export({ format: 'pem', type: 'spki' }));
    };
    const verify = createVerifier({ key, algorithms: ['EdDSA'], allowedIss: url, allowedAud: AUDIENCE });
    expect(await isTaken(Promise.resolve(verify(make())))).toBe(expected);
  });
});
