// Guards the server's door for credentials: every forged, altered or foreign one gets one generic credential_invalid.
import { createHmac, sign } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { CredentialError } from '@placet/sdk';
import {
  AUDIENCE,
  encode,
  forge,
  forgeClaims,
  forgeDetail,
  forgeKey,
  goodClaims,
  goodHeader,
  ISSUER,
  jwksOf,
  NOW,
  NOW_S,
} from '../../sdk/test/forge.ts';
import { verifyIssued } from '../../src/credentials/verify.ts';
import { PlacetError } from '../../src/domain/errors.ts';

const key = forgeKey();
const stranger = forgeKey();
const input = { issuer: ISSUER, audience: AUDIENCE, keys: jwksOf(key), now: NOW, lease_id: 'lse_1' };
const good = forgeClaims(key);
const [head = '', body = '', signature = ''] = good.split('.');
const json = JSON.stringify(goodClaims());
const withHeader = (changes: Record<string, unknown>): string =>
  forge(key, { ...goodHeader(key), ...changes }, goodClaims());
const hmac = (secret: string | Buffer): string => {
  const text = `${encode({ ...goodHeader(key), alg: 'HS256' })}.${body}`;
  return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
};

/** The last character of 64 bytes is A, Q, g or w; the next one differs only in bits that decoding drops. */
const twin = (text: string): string =>
  text.slice(0, -1) + String.fromCharCode((text.codePointAt(text.length - 1) ?? 0) + 1);

/** The refusal as a door sees it: the error of the domain, and for the log the verifier's code. */
async function refusal(token: string, changes: Partial<typeof input> = {}): Promise<string> {
  const error: unknown = await verifyIssued({ ...input, token, ...changes }).then(
    () => 'accepted',
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof PlacetError)) throw error;
  expect({ code: error.code, details: error.details }).toEqual({ code: 'credential_invalid', details: {} });
  return error.cause instanceof CredentialError ? error.cause.code : 'other_lease';
}

test('a credential of ours for this lease is accepted', async () => {
  expect(await verifyIssued({ ...input, token: good })).toEqual(goodClaims());
});

/** The numbers are those of the list of threats. */
describe('forged tokens get one generic answer', () => {
  test.each<[string, string, string]>([
    ['1 alg none', `${encode({ ...goodHeader(key), alg: 'none' })}.${body}.`, 'token_malformed'],
    ['1 alg nOnE with a signature', withHeader({ alg: 'noNE' }), 'algorithm_refused'],
    ['2 HS256 with the public JWK', hmac(JSON.stringify(key.jwk)), 'algorithm_refused'],
    ['2 HS256 with the raw public key', hmac(Buffer.from(key.jwk.x, 'base64url')), 'algorithm_refused'],
    ['3 alg RS256 with an Ed25519 key', withHeader({ alg: 'RS256' }), 'algorithm_refused'],
    [
      '4 an embedded key',
      forge(stranger, { ...goodHeader(key), jwk: stranger.jwk }, goodClaims()),
      'header_member_refused',
    ],
    ['5 jku', withHeader({ jku: 'http://127.0.0.1:1/keys' }), 'header_member_refused'],
    ['5 x5u', withHeader({ x5u: 'http://127.0.0.1:1/cert' }), 'header_member_refused'],
    ['6 kid a path', withHeader({ kid: '../../dev/null' }), 'key_id_refused'],
    ['6 kid SQL', withHeader({ kid: "' OR 1=1--" }), 'key_id_refused'],
    ['6 kid 10 KB', withHeader({ kid: 'k'.repeat(10_240) }), 'token_too_long'],
    ['6 kid a list', withHeader({ kid: [key.jwk.kid] }), 'key_id_refused'],
    ['6 kid a number', withHeader({ kid: 0 }), 'key_id_refused'],
    ['7 kid absent', withHeader({ kid: undefined }), 'key_id_refused'],
    ['9 crit', withHeader({ crit: ['x'] }), 'header_member_refused'],
    ['9 b64', withHeader({ b64: false }), 'header_member_refused'],
    ['9 zip', withHeader({ zip: 'DEF' }), 'header_member_refused'],
    ['10 five parts, as a JWE', `${head}.AA.AA.AA.AA`, 'token_malformed'],
    ['10 PBES2', withHeader({ alg: 'PBES2-HS256+A128KW', p2c: 10 ** 9 }), 'header_member_refused'],
    ['11 JSON serialisation', JSON.stringify({ protected: head, payload: body, signature }), 'token_malformed'],
    ['12 a signature of zeros', `${head}.${body}.${Buffer.alloc(64).toString('base64url')}`, 'signature_invalid'],
    ['13 a space behind', `${good} `, 'token_malformed'],
    ['13 a line feed behind', `${good}\n`, 'token_malformed'],
    ['13 padding', `${good}=`, 'token_malformed'],
    ['13 a flipped spare bit', twin(good), 'token_malformed'],
    ['15 200 KB', `${head}.${'A'.repeat(200_000)}.${signature}`, 'token_too_long'],
    ['15 a hundred thousand dots', '.'.repeat(100_000), 'token_too_long'],
    ['15 a deep header', forge(key, '['.repeat(2_000), goodClaims()), 'header_malformed'],
    ['16 sub twice', forge(key, goodHeader(key), json.replace('{', '{"sub":"prs_2",')), 'claims_malformed'],
    ['17 a byte order mark', forge(key, goodHeader(key), `\ufeff${json}`), 'claims_malformed'],
    ['17 UTF-16', forge(key, goodHeader(key), Buffer.from(json, 'utf16le')), 'claims_malformed'],
    ['18 a list', forge(key, goodHeader(key), [goodClaims()]), 'claims_malformed'],
    ['18 a string', forge(key, goodHeader(key), '"claims"'), 'claims_malformed'],
    ['18 null', forge(key, goodHeader(key), 'null'), 'claims_malformed'],
    ['19 a DPoP proof', withHeader({ typ: 'dpop+jwt' }), 'type_refused'],
    ['19 a receipt', withHeader({ typ: 'receipt+jwt' }), 'type_refused'],
    ['20 the key of another tenant', forgeClaims(stranger), 'key_unknown'],
    ['20 another tenant under our kid', forge(stranger, goodHeader(key), goodClaims()), 'signature_invalid'],
    ['20 another issuer', forgeClaims(key, { iss: 'https://staging.placet.example' }), 'issuer_mismatch'],
    ['21 exp missing', forgeClaims(key, { exp: undefined }), 'claim_invalid'],
    ['21 exp a string', forgeClaims(key, { exp: `${NOW_S + 60}` }), 'claim_invalid'],
    ['21 exp a float', forgeClaims(key, { exp: NOW_S + 60.5 }), 'claim_invalid'],
    ['21 exp 1e308', forgeClaims(key, { exp: 1e308 }), 'claims_malformed'],
    ['21 exp negative', forgeClaims(key, { exp: -5 }), 'claim_invalid'],
    ['21 exp now', forgeClaims(key, { iat: NOW_S - 9, nbf: NOW_S - 9, exp: NOW_S }), 'expired'],
    ['22 iat 61 s ahead', forgeClaims(key, { iat: NOW_S + 61, nbf: NOW_S + 61 }), 'issued_in_the_future'],
    ['23 nbf ahead', forgeClaims(key, { nbf: NOW_S + 60 }), 'claim_invalid'],
    ['24 a life of 901 s', forgeClaims(key, { exp: NOW_S + 901 }), 'lifetime_too_long'],
    ['25 aud a list', forgeClaims(key, { aud: [AUDIENCE, 'https://evil.example'] }), 'claim_invalid'],
    ['25 aud with a slash', forgeClaims(key, { aud: `${AUDIENCE}/` }), 'details_invalid'],
    ['26 sub null', forgeClaims(key, { sub: null }), 'claim_invalid'],
    ['26 jti a number', forgeClaims(key, { jti: 1 }), 'claim_invalid'],
    ['26 jti empty', forgeClaims(key, { jti: '' }), 'claim_invalid'],
    ['28 a time as text', forgeClaims(key, { exp: '2026-03-01T12:05:00+01:00' }), 'claim_invalid'],
    [
      '55 a wider list of actions',
      forgeDetail(key, { actions: ['orders.refund', 'orders.delete'] }),
      'details_invalid',
    ],
    ['no token', '', 'token_malformed'],
  ])('%s', async (_name, token, code) => {
    expect(await refusal(token)).toBe(code);
  });

  test('8 two keys of one kid', async () => {
    expect(await refusal(good, { keys: jwksOf(key, key) })).toBe('keys_refused');
  });

  test('22 iat 10 s ahead is borne with', async () => {
    const early = forgeClaims(key, { iat: NOW_S + 10, nbf: NOW_S + 10 });
    expect(await verifyIssued({ ...input, token: early })).toMatchObject({ jti: 'lse_1' });
  });

  test('25 a credential for another audience than the grant', async () => {
    expect(await refusal(good, { audience: 'https://other.example' })).toBe('audience_mismatch');
  });

  test('27 a clock that steps back ten minutes makes no credential valid', async () => {
    expect(await refusal(good, { now: new Date(NOW.getTime() - 600_000) })).toBe('issued_in_the_future');
  });

  test('54 a credential of another lease or another request', async () => {
    expect(await refusal(good, { lease_id: 'lse_2' })).toBe('other_lease');
    const { lease_id: _lease, ...rest } = input;
    await expect(verifyIssued({ ...rest, token: good, request_id: 'apr_2' })).rejects.toMatchObject({
      code: 'credential_invalid',
    });
    await expect(verifyIssued({ ...rest, token: good })).rejects.toMatchObject({ code: 'credential_invalid' });
    expect(await verifyIssued({ ...rest, token: good, request_id: 'apr_1' })).toMatchObject({ txn: 'apr_1' });
  });
});

test('an ended credential may report for the seconds given, and is spent no more', async () => {
  const late = new Date(NOW.getTime() + 330_000);
  expect(await refusal(good, { now: late })).toBe('expired');
  expect(await verifyIssued({ ...input, token: good, now: late, expired_seconds_max: 60 })).toMatchObject({
    txn: 'apr_1',
  });
});

test('the signature that the tests forge is the signature that the verifier checks', () => {
  expect(sign(null, Buffer.from(`${head}.${body}`), key.privateKey).toString('base64url')).toBe(signature);
});
