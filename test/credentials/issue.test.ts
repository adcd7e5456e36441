// Guards what is signed: exactly the claims of the profile, never more than the grant (INV-5), and never without it (INV-1).

import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { actionDigest, verifyCredential } from '@placet/sdk';
import fc from 'fast-check';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { type IssueInput, issueCredential } from '../../src/credentials/issue.ts';
import { publicJwks } from '../../src/credentials/jwks.ts';
import { generateSigningKey, openSigningKey, type SigningKey } from '../../src/credentials/keyring.ts';
import {
  AUDIENCE_CHARACTERS_MAX,
  SCOPE_CHARACTERS_MAX,
  SCOPES_CHARACTERS_MAX,
  SCOPES_MAX,
} from '../../src/domain/credential/scope.ts';
import type { CredentialSpec } from '../../src/domain/request/request.ts';
import { makeSecret } from '../../src/domain/secret.ts';
import { newApprovalRequest } from '../../src/http/api/wire.ts';
import { newId } from '../../src/process/wiring.ts';

const NOW = new Date('2026-03-01T12:00:00.700Z');
const ISSUER = 'https://placet.example';
const ACTION = { action: 'orders.refund', resource: 'order/A-1001', parameters: { amount: 120, currency: 'EUR' } };
const spec: CredentialSpec = {
  type: 'jwt',
  audience: 'https://orders.example',
  scopes: ['orders:refund', 'orders:read'],
  lifetime_seconds: 300,
};

let key: SigningKey;
beforeAll(async () => {
  const master_key = makeSecret(new Uint8Array(randomBytes(32)));
  const row = await generateSigningKey({ master_key, tenant_id: 'main' });
  key = await openSigningKey({ master_key, tenant_id: 'main', row });
});

const GRANT_TIMES = { claim_expires_at: new Date(NOW.getTime() + 300_000), ends_at: null };

/** The smallest thing that may be issued. */
function inputWith(changes: Partial<IssueInput> = {}): IssueInput {
  const digest = actionDigest(ACTION);
  return {
    key,
    issuer: ISSUER,
    now: NOW,
    lease_id: 'lse_1',
    request: { id: 'apr_1', agent_id: 'agt_1', ...ACTION, digest },
    subject_person_id: 'prs_1',
    grant: { request_id: 'apr_1', digest, credential: spec, ...GRANT_TIMES },
    credential: spec,
    ...changes,
  };
}

const parts = (token: string): unknown[] => [decodeProtectedHeader(token), decodeJwt(token)];

test('the header and claims are exactly those of the profile', async () => {
  const issued = await issueCredential(inputWith());
  const iat = Math.floor(NOW.getTime() / 1_000);
  expect(parts(issued.token.unwrap())).toEqual([
    { typ: 'at+jwt', alg: 'EdDSA', kid: key.kid },
    {
      iss: ISSUER,
      sub: 'prs_1',
      act: { sub: 'agt_1' },
      client_id: 'agt_1',
      aud: 'https://orders.example',
      scope: 'orders:refund orders:read',
      jti: 'lse_1',
      iat,
      nbf: iat,
      exp: iat + 300,
      txn: 'apr_1',
      max_uses: 1,
      authorization_details: [
        {
          type: 'placet_action',
          actions: ['orders.refund'],
          locations: ['https://orders.example'],
          identifier: 'order/A-1001',
          digest: actionDigest(ACTION),
          approval_request_id: 'apr_1',
        },
      ],
    },
  ]);
  expect(issued).toMatchObject({ issued_at: new Date(iat * 1_000), expires_at: new Date((iat + 300) * 1_000) });
});

test('an agent that acts for nobody is its own subject', async () => {
  const issued = await issueCredential(inputWith({ subject_person_id: null }));
  expect(parts(issued.token.unwrap())[1]).toMatchObject({ sub: 'agt_1', client_id: 'agt_1' });
  expect(parts(issued.token.unwrap())[1]).not.toHaveProperty('act');
});

test('what is issued verifies with the published key set alone', async () => {
  const issued = await issueCredential(inputWith());
  const keys = await publicJwks([key]);
  expect(keys).toEqual({
    keys: [{ kty: 'OKP', crv: 'Ed25519', x: key.public_jwk.x, alg: 'EdDSA', use: 'sig', kid: key.kid }],
  });
  const claims = await verifyCredential(issued.token.unwrap(), {
    issuer: ISSUER,
    audience: spec.audience,
    keys,
    action: ACTION,
    now: NOW,
  });
  expect(claims.jti).toBe('lse_1');
});

describe('nothing is issued beyond the grant (INV-5)', () => {
  const grant = () => inputWith().grant;
  test.each<[string, () => Partial<IssueInput>, string]>([
    [
      'another audience',
      () => ({ credential: { ...spec, audience: 'https://evil.example' } }),
      'credential_exceeds_policy',
    ],
    [
      'a scope more',
      () => ({ credential: { ...spec, scopes: [...spec.scopes, 'orders:delete'] } }),
      'credential_exceeds_policy',
    ],
    ['no scope', () => ({ credential: { ...spec, scopes: [] } }), 'credential_exceeds_policy'],
    ['a longer life', () => ({ credential: { ...spec, lifetime_seconds: 301 } }), 'credential_exceeds_policy'],
    [
      'more than 900 s, whatever the grant says',
      () => {
        const long = { ...spec, lifetime_seconds: 901 };
        return { credential: long, grant: { ...grant(), credential: long } };
      },
      'credential_exceeds_policy',
    ],
    ['a claim after its time', () => ({ now: grant().claim_expires_at }), 'claim_expired'],
    ['the grant of another request', () => ({ grant: { ...grant(), request_id: 'apr_2' } }), 'digest_mismatch'],
    [
      'the grant of another digest',
      () => ({ grant: { ...grant(), digest: `sha256:${'0'.repeat(64)}` } }),
      'digest_mismatch',
    ],
    [
      'a request whose own digest is another',
      () => ({ request: { ...inputWith().request, digest: `sha256:${'0'.repeat(64)}` } }),
      'digest_mismatch',
    ],
    [
      'parameters that changed after the approval',
      () => ({ request: { ...inputWith().request, parameters: { amount: 9_999, currency: 'EUR' } } }),
      'digest_mismatch',
    ],
  ])('%s', async (_name, changes, code) => {
    await expect(issueCredential(inputWith(changes()))).rejects.toMatchObject({ code });
  });

  test('nothing outlives the window of its grant (INV-5)', async () => {
    const ends_at = new Date(NOW.getTime() + 42_000);
    const issued = await issueCredential(inputWith({ grant: { ...grant(), ends_at } }));
    expect(issued.expires_at.getTime()).toBe(Math.floor(ends_at.getTime() / 1_000) * 1_000);
    const over = { ...grant(), ends_at: NOW };
    await expect(issueCredential(inputWith({ grant: over }))).rejects.toMatchObject({ code: 'claim_expired' });
  });

  test('for any grant and any ask, what is issued lies within the grant and ends with it', async () => {
    const anySpec = fc.record({
      type: fc.constant('jwt' as const),
      audience: fc.constantFrom('https://orders.example', 'https://other.example'),
      scopes: fc.subarray(['a', 'b', 'c']),
      lifetime_seconds: fc.integer({ min: 1, max: 1_200 }),
    });
    await fc.assert(
      fc.asyncProperty(anySpec, anySpec, fc.integer({ min: -10, max: 300 }), async (wanted, granted, left_seconds) => {
        const claim_expires_at = new Date(NOW.getTime() + left_seconds * 1_000);
        const input = inputWith({ credential: wanted, grant: { ...grant(), credential: granted, claim_expires_at } });
        const issued = await issueCredential(input).catch(() => null);
        if (issued === null) return;
        const life = (issued.expires_at.getTime() - issued.issued_at.getTime()) / 1_000;
        expect(life).toBeLessThanOrEqual(Math.min(900, granted.lifetime_seconds));
        expect(issued.expires_at.getTime()).toBeLessThanOrEqual(
          claim_expires_at.getTime() + granted.lifetime_seconds * 1_000,
        );
        expect(granted.scopes).toEqual(expect.arrayContaining([...wanted.scopes]));
        expect(wanted.audience).toBe(granted.audience);
      }),
    );
  });
});

describe('what our own verifier would refuse is never handed out', () => {
  test.each<[string, CredentialSpec]>([
    ['a scope with a space', { ...spec, scopes: ['orders:refund admin:all  x'] }],
    ['a scope with a quote', { ...spec, scopes: ['orders:"refund'] }],
    ['a token over 8 KiB', { ...spec, scopes: ['s'.repeat(8_000)] }],
  ])('%s', async (_name, credential) => {
    const input = inputWith({ credential, grant: { ...inputWith().grant, credential } });
    await expect(issueCredential(input)).rejects.toMatchObject({ code: 'internal' });
  });
});

test('the largest ask that the API lets through can be claimed: its credential is issued, and our verifier takes it', async () => {
  const bodyWith = (scopes: readonly string[]) => ({
    action: 'a'.repeat(200),
    resource: '€'.repeat(500),
    credential: { ...spec, audience: 'https://'.padEnd(AUDIENCE_CHARACTERS_MAX, 'o'), scopes },
  });
  const scopesOf = (length: number) => Array.from({ length: SCOPES_MAX }, (_, at) => `${at}`.padStart(length, 's'));
  // As long as each may be they would be too long together.
  expect(newApprovalRequest.safeParse(bodyWith(scopesOf(SCOPE_CHARACTERS_MAX))).success).toBe(false);
  const length = Math.floor((SCOPES_CHARACTERS_MAX + 1) / SCOPES_MAX) - 1;
  const { action, resource, parameters, credential } = newApprovalRequest.parse(bodyWith(scopesOf(length)));
  const [id, agent_id] = [newId('request'), newId('agent')];
  const digest = actionDigest({ action, resource, parameters });
  const issued = await issueCredential({
    ...inputWith({ issuer: 'https://'.padEnd(250, 'p'), lease_id: newId('lease'), subject_person_id: newId('person') }),
    request: { id, agent_id, action, resource, parameters, digest },
    grant: { ...inputWith().grant, request_id: id, digest, credential: credential ?? spec },
    credential: credential ?? spec,
  });
  const claims = JSON.stringify(parts(issued.token.unwrap())[1]);
  expect(claims).toContain(scopesOf(length).join(' '));
});

test('an issued credential prints as a secret, whichever way it is printed (INV-8)', async () => {
  const issued = await issueCredential(inputWith());
  const token = issued.token.unwrap();
  const shown = [
    inspect(issued, { depth: 10, showHidden: true, getters: true }),
    JSON.stringify(issued),
    `${issued.token}`,
    String(Object.values(issued)),
    inspect(new Map([[issued, new Error('x', { cause: issued })]]), { depth: 10 }),
  ];
  for (const part of token.split('.')) expect(shown.join('\n')).not.toContain(part);
  for (const way of shown) expect(way).toContain('[secret]');
});
