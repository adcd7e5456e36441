// Credentials with altered claims, or of other leases and tenants, at the real door. The forger holds a published key, so
// each is good but for what its title says. Numbers are those of docs/threats.md.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { forgeKey } from '../../sdk/test/forge.ts';
import * as tenants from '../../src/db/tenants.ts';
import { startRealApi } from '../http/real-api.ts';
import { type Claimed, codeOf, type Door, openDoor, publish, REQUESTS, resign } from './door.ts';
import { expectRefused, ONE_ANSWER, RESULT, refusals, spend } from './refusals.ts';

let door: Door;
let target: Claimed;
beforeAll(async () => {
  door = await openDoor();
  target = await door.claimed();
  await door.database.transact('other', (tx) => tenants.ensureTenant(tx));
});
afterAll(() => door.close());

const claims = (changes: Record<string, unknown>) => resign(door.signing, target.claims, changes);
const now = () => Math.floor(Date.now() / 1_000);

describe('claims and time', () => {
  test('20 another issuer', () =>
    expectRefused(
      door,
      target,
      ['https://staging.placet.example', 'https://placet.example/', 'http://placet.example', undefined].map((iss) =>
        claims({ iss }),
      ),
    ));

  test('21 an end that is none, or over', () =>
    expectRefused(
      door,
      target,
      [undefined, `${now() + 60}`, now() + 60.5, 1e308, -5, 0, null, [now() + 60]].map((exp) => claims({ exp })),
    ));

  test('21 an end that is this very second spends nothing', async () => {
    const over = claims({ iat: now() - 300, nbf: now() - 300, exp: now() });
    const use = await spend(door, target, over);
    expect([use.status, codeOf(use), (await refusals(door, target)).at(-1)]).toEqual([
      401,
      'credential_invalid',
      'expired',
    ]);
  });

  test('22, 23 issued or valid only later than any clock may be ahead', () =>
    expectRefused(door, target, [
      claims({ iat: now() + 61, nbf: now() + 61, exp: now() + 200 }),
      claims({ nbf: now() + 60 }),
      claims({ iat: undefined }),
    ]));

  test('24 a life of 901 seconds', () => expectRefused(door, target, [claims({ exp: target.claims.iat + 901 })]));

  test('25 an audience beside ours', () =>
    expectRefused(
      door,
      target,
      [
        ['https://orders.example', 'https://evil.example'],
        ['https://orders.example'],
        'https://orders.example/',
        'https://orders.example.evil.example',
        'https://orders',
        'HTTPS://ORDERS.EXAMPLE',
        undefined,
      ].map((aud) => claims({ aud })),
    ));

  test('26 names that are none', () =>
    expectRefused(door, target, [
      ...[null, 7, '', undefined].map((sub) => claims({ sub })),
      ...[7, '', 'x'.repeat(5_000), undefined].map((jti) => claims({ jti })),
    ]));

  test('28 times as text', () =>
    expectRefused(
      door,
      target,
      ['2026-03-01T12:05:00+01:00', '2026-12-31T23:59:60Z', 'tomorrow'].map((exp) => claims({ exp })),
    ));

  test('55 a list of actions wider than what was shown', () => {
    const [detail] = target.claims['authorization_details'] as [Record<string, unknown>];
    const wider = [
      [{ ...detail, actions: ['orders.refund', 'orders.delete'] }],
      [{ ...detail, locations: ['https://orders.example', 'https://evil.example'] }],
      [detail, { ...detail, actions: ['orders.delete'] }],
      [{ ...detail, identifiers: ['order/A-1002'] }],
      [],
    ];
    return expectRefused(
      door,
      target,
      wider.map((authorization_details) => claims({ authorization_details })),
    );
  });
});

describe('other leases and other tenants', () => {
  test('54 the credential of one lease opens no other, and is told apart by nobody', async () => {
    const other = await door.claimed();
    await expectRefused(door, target, [other.token, resign(door.signing, other.claims)]);
  });

  test('20 a credential of one tenant at the installation of another', async () => {
    const api = await startRealApi(door.database, { tenant: 'other' });
    const use = await api.send(target.token, 'POST', `/v1/leases/${target.lease_id}/use`, {
      digest: target.request.digest,
    });
    const report = await api.send(target.token, 'POST', `${REQUESTS}/${target.request.id}/result`, RESULT);
    expect([use.status, report.status]).toEqual([401, 401]);
    expect(await door.leaseState(target.lease_id)).toBe('active');
    await api.close();
  });

  test('20 a key that another tenant published signs nothing here', async () => {
    const foreign = forgeKey();
    await publish(door.database, foreign, 'other');
    await expectRefused(door, target, [resign(foreign, target.claims)]);
  });

  test('a token that names no lease of ours gets the same answer and fills no log', async () => {
    const events = async () =>
      (await door.database.asSuperuser<{ n: number }>('select count(*)::int as n from placet.audit_events'))[0]?.n;
    const before = await events();
    const nowhere = `lse_${'0'.repeat(36)}`;
    const answer = await door.api.send(target.token, 'POST', `/v1/leases/${nowhere}/use`, {
      digest: target.request.digest,
    });
    expect([answer.status, JSON.parse(answer.text)]).toEqual([401, ONE_ANSWER]);
    expect(await events()).toBe(before);
  });
});

test('what the forger signs is taken when nothing is wrong with it, 8 s ahead too, and spends the lease', async () => {
  const { request, lease_id, claims: own } = await door.claimed();
  const ahead = resign(door.signing, own, { iat: now() + 8, nbf: now() + 8 });
  const use = await door.api.send(ahead, 'POST', `/v1/leases/${lease_id}/use`, { digest: request.digest });
  expect([use.status, await door.leaseState(lease_id)]).toEqual([200, 'used']);
});
