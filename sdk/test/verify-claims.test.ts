// Guards what a credential may say: exact claims, one issuer, one audience, one action, a few minutes.
import { describe, expect, test } from '@jest/globals';
import { type VerifyOptions, verifyCredential } from '../src/index.ts';
import {
  ACTION,
  AUDIENCE,
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
} from './forge.ts';
import { judgeFor } from './verdict.ts';

const key = forgeKey();
const options: VerifyOptions = { issuer: ISSUER, audience: AUDIENCE, keys: jwksOf(key), action: ACTION, now: NOW };
const verdict = judgeFor(key);

test('a good credential gives its claims', async () => {
  expect(await verifyCredential(forgeClaims(key), options)).toEqual(goodClaims());
});

test('a credential of an agent that acts for nobody has no act claim', async () => {
  const token = forgeClaims(key, { sub: 'agt_1', act: undefined });
  expect(await verifyCredential(token, options)).toMatchObject({ sub: 'agt_1', client_id: 'agt_1' });
});

describe('the payload is one strict JSON object', () => {
  const json = JSON.stringify(goodClaims());
  test.each<[string, unknown]>([
    ['sub twice', json.replace('{', '{"sub":"prs_2",')],
    ['sub twice, once escaped', json.replace('{', String.raw`{"s\u0075b":"prs_2",`)],
    ['a byte order mark', Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from(json)])],
    ['UTF-16', Buffer.from(json, 'utf16le')],
    ['a list', [goodClaims()]],
    ['a string', JSON.stringify('claims')],
    ['null', 'null'],
    ['cut', json.slice(0, -1)],
    ['text behind', `${json}{}`],
    ['__proto__', json.replace('{', '{"__proto__":{"sub":"prs_2"},')],
    ['deep nesting', json.replace('{', `{"x":${'['.repeat(20)}${']'.repeat(20)},`)],
  ])('%s', async (_name, payload) => {
    expect(await verdict(forge(key, goodHeader(key), payload))).toBe('claims_malformed');
  });
});

describe('claims of another form', () => {
  test.each<[string, Record<string, unknown>, string]>([
    ['exp missing', { exp: undefined }, 'claim_invalid exp'],
    ['exp a string', { exp: String(NOW_S + 300) }, 'claim_invalid exp'],
    ['exp a date', { exp: '2026-03-01T12:05:00Z' }, 'claim_invalid exp'],
    ['exp a float', { exp: NOW_S + 300.5 }, 'claim_invalid exp'],
    ['exp 1e308', { exp: 1e308 }, 'claims_malformed'],
    ['exp negative', { exp: -1 }, 'claim_invalid exp'],
    ['exp null', { exp: null }, 'claim_invalid exp'],
    ['exp before iat', { exp: NOW_S - 1 }, 'claim_invalid exp'],
    ['exp equal to iat', { exp: NOW_S }, 'claim_invalid exp'],
    ['iat missing', { iat: undefined }, 'claim_invalid iat'],
    ['iat a float', { iat: NOW_S + 0.5 }, 'claim_invalid iat'],
    ['nbf missing', { nbf: undefined }, 'claim_invalid nbf'],
    ['nbf ahead', { nbf: NOW_S + 100 }, 'claim_invalid nbf'],
    ['nbf behind', { nbf: NOW_S - 100 }, 'claim_invalid nbf'],
    ['life of 901 s', { exp: NOW_S + 901 }, 'lifetime_too_long'],
    ['iat and nbf 61 s ahead', { iat: NOW_S + 61, nbf: NOW_S + 61 }, 'issued_in_the_future'],
    ['iat and nbf 11 s ahead', { iat: NOW_S + 11, nbf: NOW_S + 11 }, 'issued_in_the_future'],
    ['iss of staging', { iss: 'https://staging.placet.example' }, 'issuer_mismatch'],
    ['iss with a slash', { iss: `${ISSUER}/` }, 'issuer_mismatch'],
    ['iss in capitals', { iss: ISSUER.toUpperCase() }, 'issuer_mismatch'],
    ['iss missing', { iss: undefined }, 'claim_invalid iss'],
    ['aud a list with ours', { aud: [AUDIENCE, 'https://evil.example'] }, 'claim_invalid aud'],
    ['aud a list of ours', { aud: [AUDIENCE] }, 'claim_invalid aud'],
    ['sub null', { sub: null }, 'claim_invalid sub'],
    ['sub empty', { sub: '' }, 'claim_invalid sub'],
    ['sub a number', { sub: 1 }, 'claim_invalid sub'],
    ['sub too long', { sub: 's'.repeat(65) }, 'claim_invalid sub'],
    ['jti a number', { jti: 1 }, 'claim_invalid jti'],
    ['jti empty', { jti: '' }, 'claim_invalid jti'],
    ['jti of 4 KB', { jti: 'j'.repeat(4_096) }, 'claim_invalid jti'],
    ['jti of 1 MB', { jti: 'j'.repeat(1_000_000) }, 'token_too_long'],
    ['client_id missing', { client_id: undefined }, 'claim_invalid client_id'],
    ['act of another agent', { act: { sub: 'agt_2' } }, 'claim_invalid act'],
    ['act missing for a person', { act: undefined }, 'claim_invalid act'],
    ['act a string', { act: 'agt_1' }, 'claim_invalid act'],
    ['act null', { act: null }, 'claim_invalid act'],
    ['scope missing', { scope: undefined }, 'claim_invalid scope'],
    ['scope a list', { scope: ['orders:refund'] }, 'claim_invalid scope'],
    ['scope with two spaces', { scope: 'a  b' }, 'claim_invalid scope'],
    ['scope with a line feed', { scope: 'a\nb' }, 'claim_invalid scope'],
    ['max_uses 2', { max_uses: 2 }, 'claim_invalid max_uses'],
    ['max_uses missing', { max_uses: undefined }, 'claim_invalid max_uses'],
    ['bound to a key, without its proof', { cnf: { jkt: key.jwk.kid } }, 'proof_missing'],
    ['bound in a way that is not known here', { cnf: { 'x5t#S256': key.jwk.kid } }, 'claim_invalid cnf'],
    ['details missing', { authorization_details: undefined }, 'details_invalid'],
    ['details empty', { authorization_details: [] }, 'details_invalid'],
    ['details an object', { authorization_details: goodClaims().authorization_details[0] }, 'details_invalid'],
    [
      'two details',
      { authorization_details: [...goodClaims().authorization_details, ...goodClaims().authorization_details] },
      'details_invalid',
    ],
  ])('%s', async (_name, changes, code) => {
    expect(await verdict(forgeClaims(key, changes))).toBe(code);
  });

  test.each<[string, Record<string, unknown>, string]>([
    ['unknown type', { type: 'payment_initiation' }, 'details_type_unknown'],
    ['type missing', { type: undefined }, 'details_type_unknown'],
    ['unknown member', { privileges: ['admin'] }, 'details_invalid'],
    ['two actions', { actions: ['orders.refund', 'orders.delete'] }, 'details_invalid'],
    ['no action', { actions: [] }, 'details_invalid'],
    ['two places', { locations: [AUDIENCE, 'https://evil.example'] }, 'details_invalid'],
    ['another place', { locations: ['https://evil.example'] }, 'details_invalid'],
    ['places missing', { locations: undefined }, 'details_invalid'],
    ['identifier missing', { identifier: undefined }, 'details_invalid'],
    ['digest missing', { digest: undefined }, 'details_invalid'],
    ['digest in capitals', { digest: `sha256:${'A'.repeat(64)}` }, 'details_invalid'],
    ['another request', { approval_request_id: 'apr_2' }, 'details_invalid'],
    ['words that differ from the digest: action', { actions: ['orders.delete'] }, 'action_mismatch'],
    ['words that differ from the digest: resource', { identifier: 'order/*' }, 'action_mismatch'],
    ['digest of another action', { digest: `sha256:${'0'.repeat(64)}` }, 'action_mismatch'],
  ])('authorization detail: %s', async (_name, changes, code) => {
    expect(await verdict(forgeDetail(key, changes))).toBe(code);
  });
});

describe('the audience is this tool exactly', () => {
  test.each([`${AUDIENCE}/`, `${AUDIENCE}.evil.example`, 'https://orders', 'HTTPS://orders.example', '', 'https://x'])(
    '%j',
    async (audience) => {
      expect(await verdict(forgeClaims(key), { audience })).toBe('audience_mismatch');
    },
  );
});

describe('time', () => {
  const at = (seconds: number): Partial<VerifyOptions> => ({ now: new Date((NOW_S + seconds) * 1_000) });
  const token = forgeClaims(key);

  test.each([
    ['10 s before it was issued', -10, 'accepted'],
    ['11 s before it was issued', -11, 'issued_in_the_future'],
    ['ten minutes before it was issued (a clock that stepped back)', -600, 'issued_in_the_future'],
    ['one millisecond before its end', 299.999, 'accepted'],
    ['at its end', 300, 'expired'],
    ['long after', 100_000, 'expired'],
  ])('%s: %s', async (_name, seconds, code) => {
    expect(await verdict(token, at(seconds))).toBe(code);
  });

  test('a smaller tolerance counts, a wider one is no option, and none prolongs a credential', async () => {
    expect(await verdict(token, { ...at(-1), clockToleranceSeconds: 0 })).toBe('issued_in_the_future');
    expect(await verdict(token, { ...at(300), clockToleranceSeconds: 10 })).toBe('expired');
    await expect(verdict(token, { clockToleranceSeconds: 60 })).rejects.toThrow(RangeError);
    await expect(verdict(token, { clockToleranceSeconds: Number.NaN })).rejects.toThrow(RangeError);
    await expect(verdict(token, { now: new Date(Number.NaN) })).rejects.toThrow(RangeError);
  });

  test('an ended credential can still report for the seconds that are allowed, and no longer', async () => {
    expect(await verdict(token, { ...at(359), acceptExpiredSeconds: 60 })).toBe('accepted');
    expect(await verdict(token, { ...at(360), acceptExpiredSeconds: 60 })).toBe('expired');
    await expect(verdict(token, { acceptExpiredSeconds: 3_601 })).rejects.toThrow(RangeError);
  });

  test('a life of 900 s is the longest', async () => {
    expect(await verdict(forgeClaims(key, { exp: NOW_S + 900 }))).toBe('accepted');
  });
});

describe('what runs is what was approved', () => {
  const token = forgeClaims(key);
  test.each<[string, VerifyOptions['action']]>([
    ['another action', { ...ACTION, action: 'orders.delete' }],
    ['another resource', { ...ACTION, resource: 'order/A-1002' }],
    ['another amount', { ...ACTION, parameters: { amount: 121, currency: 'EUR' } }],
    ['an amount as text', { ...ACTION, parameters: { amount: '120', currency: 'EUR' } }],
    ['one parameter more', { ...ACTION, parameters: { ...ACTION.parameters, force: true } }],
    ['one parameter less', { ...ACTION, parameters: { amount: 120 } }],
    ['what cannot be digested', { ...ACTION, parameters: { amount: Number.NaN } }],
    ['another digest', `sha256:${'0'.repeat(64)}`],
    ['half a digest', goodClaims().authorization_details[0].digest.slice(0, 40)],
    ['an empty digest', ''],
  ])('refused: %s', async (_name, action) => {
    expect(await verdict(token, { action: action ?? '' })).toBe('action_mismatch');
  });

  test('an action that turns out undefined is refused and not skipped', async () => {
    expect(await verdict(token, { action: undefined } as unknown as VerifyOptions)).toBe('action_mismatch');
  });

  test('accepted: the same action in another member order, or its digest', async () => {
    expect(await verdict(token, { action: { ...ACTION, parameters: { currency: 'EUR', amount: 120.0 } } })).toBe(
      'accepted',
    );
    expect(await verdict(token, { action: goodClaims().authorization_details[0].digest })).toBe('accepted');
  });
});
