// Proofs of possession (RFC 9449 section 4.3): one for this very call, of now, by a public key, and nothing else passes.
import { createHash, randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { checkProof, createProofKey, type ProofKey, signProof } from '../src/proof.ts';
import { NOT_CANONICAL, NOT_ON_CURVE, SMALL_ORDER } from './key-points.ts';

const NOW = new Date('2030-01-01T00:00:00Z');
const CALL = { method: 'POST', url: 'https://orders.example/refunds' };
const TOKEN = 'a.b.c';
const seconds = Math.floor(NOW.getTime() / 1_000);
let key: ProofKey;
beforeAll(async () => {
  key = await createProofKey();
});

type Forged = { readonly header?: object; readonly claims?: object };

/** A good proof but for what is changed. */
function forge({ header = {}, claims = {} }: Forged = {}): Promise<string> {
  const ath = createHash('sha256').update(TOKEN).digest('base64url');
  return new SignJWT({ jti: randomUUID(), htm: CALL.method, htu: CALL.url, iat: seconds, ath, ...claims })
    .setProtectedHeader({ typ: 'dpop+jwt', alg: 'ES256', jwk: key.public_jwk, ...header } as never)
    .sign(key.private_key);
}
const check = (proof: unknown, more: object = {}) => checkProof(proof, { ...CALL, token: TOKEN, now: NOW, ...more });
const refused = (claim?: string) => ({ code: 'proof_invalid', ...(claim === undefined ? {} : { claim }) });

test('what is signed for a call is taken for it, and names the key by its thumbprint', async () => {
  const proof = await signProof(key, { ...CALL, token: TOKEN, nonce: 'n', now: NOW });
  expect(await check(proof)).toEqual({
    jkt: expect.stringMatching(/^[A-Za-z0-9_-]{43}$/),
    jti: expect.any(String),
    iat: seconds,
    nonce: 'n',
  });
  await expect(signProof(key, { method: 'GET', url: '/refunds' })).rejects.toThrow(TypeError);
});

test.each([
  ['the same with a query and a fragment', 'https://orders.example/refunds?a=1#b'],
  ['the same host in capitals, and its own port', 'https://ORDERS.example:443/refunds'],
])('an address is compared by what it names: %s', async (_what, htu) => {
  await expect(check(await forge({ claims: { htu } }))).resolves.toMatchObject({ nonce: null });
});

test.each<[string, string, Forged]>([
  ['34 another path', 'htu', { claims: { htu: 'https://orders.example/refund' } }],
  ['34 a path in capitals', 'htu', { claims: { htu: 'https://orders.example/Refunds' } }],
  ['34 another host', 'htu', { claims: { htu: 'https://orders.example.evil/refunds' } }],
  ['34 another port', 'htu', { claims: { htu: 'https://orders.example:8443/refunds' } }],
  ['34 another scheme', 'htu', { claims: { htu: 'http://orders.example/refunds' } }],
  ['34 no address', 'htu', { claims: { htu: '/refunds' } }],
  ['35 a method in lower case', 'htm', { claims: { htm: 'post' } }],
  ['35 another method', 'htm', { claims: { htm: 'GET' } }],
  ['36 no hash of the credential', 'ath', { claims: { ath: undefined } }],
  [
    '36 the hash of another credential',
    'ath',
    { claims: { ath: createHash('sha256').update('x').digest('base64url') } },
  ],
  ['37 made 61 s ago', 'iat', { claims: { iat: seconds - 61 } }],
  ['37 made 61 s ahead', 'iat', { claims: { iat: seconds + 61 } }],
  ['37 a time that is none', 'iat', { claims: { iat: seconds + 0.5 } }],
  ['an id that is none', 'jti', { claims: { jti: '' } }],
  ['an id that is too long', 'jti', { claims: { jti: 'x'.repeat(257) } }],
  ['another type', 'typ', { header: { typ: 'at+jwt' } }],
  ['a further header', 'header', { header: { kid: 'one' } }],
])('%s is refused', async (_title, claim, forged) => {
  await expect(check(await forge(forged))).rejects.toMatchObject(refused(claim));
});

describe('a key that is not the public half of one that signs', () => {
  test('33 with its private half', async () => {
    const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
    const jwk = { ...(await exportJWK(publicKey)), d: (await exportJWK(privateKey)).d };
    await expect(check(await forge({ header: { jwk } }))).rejects.toMatchObject(refused('jwk'));
  });

  test('40 a symmetric one', async () => {
    const secret = new TextEncoder().encode('0123456789abcdef0123456789abcdef');
    const jwk = { kty: 'oct', k: Buffer.from(secret).toString('base64url') };
    const proof = await new SignJWT({ jti: 'a', htm: 'POST', htu: CALL.url, iat: seconds })
      .setProtectedHeader({ typ: 'dpop+jwt', alg: 'HS256', jwk })
      .sign(secret);
    await expect(check(proof)).rejects.toMatchObject(refused('alg'));
  });

  test('another key than the one that signed', async () => {
    const { public_jwk: jwk } = await createProofKey();
    await expect(check(await forge({ header: { jwk } }))).rejects.toMatchObject(refused('signature'));
  });

  test.each(['', 'a', 'a.b', 'a.b.c.d', '..', null, 7, 'x'.repeat(5_000)])('no proof at all: %s', async (text) => {
    await expect(check(text)).rejects.toMatchObject(refused());
  });

  /** A proof under this point of Ed25519 that nobody signed: R is the point too, and S = 0. */
  const unsigned = (hex: string) => {
    const x = Buffer.from(hex, 'hex').toString('base64url');
    const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
    const ath = createHash('sha256').update(TOKEN).digest('base64url');
    const header = encode({ typ: 'dpop+jwt', alg: 'EdDSA', jwk: { kty: 'OKP', crv: 'Ed25519', x } });
    const claims = encode({ jti: randomUUID(), htm: CALL.method, htu: CALL.url, iat: seconds, ath });
    const signature = Buffer.concat([Buffer.from(hex, 'hex'), Buffer.alloc(32)]).toString('base64url');
    return `${header}.${claims}.${signature}`;
  };

  test.each([...SMALL_ORDER, ...NOT_CANONICAL.slice(0, 4), ...NOT_ON_CURVE])(
    'a point of Ed25519 under which nobody has to sign: %s',
    async (_name, hex) => {
      await expect(check(unsigned(hex))).rejects.toMatchObject(refused('jwk'));
    },
  );

  test('a key of Ed25519 that signs is taken, under both names of its algorithm', async () => {
    const { privateKey, publicKey } = await generateKeyPair('Ed25519');
    const jwk = await exportJWK(publicKey);
    const ath = createHash('sha256').update(TOKEN).digest('base64url');
    for (const alg of ['EdDSA', 'Ed25519']) {
      const proof = await new SignJWT({ jti: randomUUID(), htm: CALL.method, htu: CALL.url, iat: seconds, ath })
        .setProtectedHeader({ typ: 'dpop+jwt', alg, jwk })
        .sign(privateKey);
      await expect(check(proof)).resolves.toMatchObject({ iat: seconds });
    }
  });

  test('a spare bit in its text', async () => {
    const proof = await forge();
    await expect(check(`${proof}=`)).rejects.toMatchObject(refused());
    await expect(check(`${proof}\n`)).rejects.toMatchObject(refused());
  });
});
