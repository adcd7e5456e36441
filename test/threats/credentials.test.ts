// Forged and altered credentials at the real door: one generic answer, an audit event, nothing spent, nothing fetched.
// The forger holds a published key, so each token is good but for what its title says. Numbers are those of docs/threats.md.
import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { encode, forge, forgeKey, goodHeader } from '../../sdk/test/forge.ts';
import { store } from '../../src/db/store.ts';
import { startRealApi } from '../http/real-api.ts';
import { type Claimed, codeOf, type Door, openDoor, publish, REQUESTS, reheader, resign } from './door.ts';

const ONE_ANSWER = {
  type: 'https://placet.dev/errors/credential_invalid',
  title: 'The credential is missing or not valid here.',
  status: 401,
  code: 'credential_invalid',
};
const RESULT = { status: 'failed' };

let door: Door;
let target: Claimed;
const stranger = forgeKey();
beforeAll(async () => {
  door = await openDoor();
  target = await door.claimed();
  await door.database.transact('other', (tx) => store.tenants.ensureTenant(tx));
});
afterAll(() => door.close());

const refusals = async () =>
  (
    await door.database.asSuperuser<{ code: string }>(
      `select facts ->> 'code' as code from placet.audit_events
       where type = 'credential.refused' and request_id = $1 order by id`,
      [target.request.id],
    )
  ).map(({ code }) => code);

/** Presents each token to both routes that take one; all are refused in the same words, recorded, and nothing is spent. */
async function expectRefused(tokens: readonly string[]): Promise<void> {
  const before = (await refusals()).length;
  for (const token of tokens) {
    const use = await door.api.send(token, 'POST', `/v1/leases/${target.lease_id}/use`, {
      digest: target.request.digest,
    });
    const report = await door.api.send(token, 'POST', `${REQUESTS}/${target.request.id}/result`, RESULT);
    for (const { status, text, headers } of [use, report]) {
      expect([status, JSON.parse(text), headers.get('www-authenticate')]).toEqual([
        401,
        ONE_ANSWER,
        'Bearer realm="placet"',
      ]);
    }
  }
  const recorded = (await refusals()).slice(before);
  expect(recorded).toHaveLength(tokens.length * 2);
  for (const code of recorded) expect(code).toMatch(/^[a-z_]{4,40}$/);
  expect(await door.leaseState(target.lease_id)).toBe('active');
}

const header = (changes: Record<string, unknown>) => reheader(door.signing, target.claims, changes);
const claims = (changes: Record<string, unknown>) => resign(door.signing, target.claims, changes);
const payload = (text: unknown) => forge(door.signing, goodHeader(door.signing), text);
const now = () => Math.floor(Date.now() / 1_000);

describe('form and signature', () => {
  test('1 no algorithm but ours, in no spelling', () =>
    expectRefused(['none', 'None', 'NONE', 'noNE', 'EdDSA', 'ed25519', ''].map((alg) => header({ alg }))));

  test('2, 3 a signature made with what is public', () => {
    const { jwk, publicKey } = door.signing;
    const secrets = [
      Buffer.from(jwk.x, 'base64url'),
      JSON.stringify(jwk),
      publicKey.export({ format: 'pem', type: 'spki' }),
    ];
    const forged = ['HS256', 'RS256', 'Ed25519'].flatMap((alg) =>
      secrets.map((secret) => {
        const text = `${encode({ ...goodHeader(door.signing), alg })}.${encode(target.claims)}`;
        return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
      }),
    );
    return expectRefused(forged);
  });

  test('4, 5 a key that comes along with the token, or its address: nothing is fetched', async () => {
    let connections = 0;
    const server = createServer().on('connection', () => {
      connections += 1;
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as { port: number }).port}/jwks.json`;
    const byStranger = (changes: object) => forge(stranger, { ...goodHeader(stranger), ...changes }, target.claims);
    await expectRefused([
      ...[{ jwk: stranger.jwk }, { jku: url }, { x5u: url }, { x5c: ['AAAA'] }].map(byStranger),
      ...[{ jwk: door.signing.jwk }, { jku: url }, { x5u: url }].map(header),
    ]);
    await new Promise((resolve) => server.close(resolve));
    expect(connections).toBe(0);
  });

  test('6, 7 a key id that is none', () =>
    expectRefused(
      ['../../dev/null', "' OR 1=1--", '', '__proto__', 'k'.repeat(4_096), [], 7, null, undefined].map((kid) =>
        header({ kid }),
      ),
    ));

  test('9, 10 a header that asks for more work', () =>
    expectRefused([
      ...[{ crit: ['x'] }, { crit: [] }, { b64: false }, { zip: 'DEF' }].map(header),
      ...[{ alg: 'PBES2-HS256+A128KW', p2c: 10 ** 9 }, { enc: 'A128GCM' }, { p2c: 10 ** 9 }].map(header),
      `${encode({ alg: 'dir', enc: 'A128GCM' })}.AA.AA.${encode(target.claims)}.AA`,
    ]));

  test('12, 13 a signature that is zero, or the twin of one, or padded', () => {
    const [head = '', body = '', signature = ''] = target.token.split('.');
    const last = signature.charCodeAt(signature.length - 1);
    return expectRefused([
      `${head}.${body}.${Buffer.alloc(64).toString('base64url')}`,
      `${head}.${body}.${signature.slice(0, -1)}${String.fromCharCode(last + 1)}`,
      `${target.token}=`,
      `${head}.${body}.`,
      `${head}.${body}`,
      `${target.token}.${signature}`,
    ]);
  });

  test('14 a twin of a used credential is no second use', async () => {
    const { request, lease_id, claims: own, token } = await door.claimed();
    const use = (bearer: string) =>
      door.api.send(bearer, 'POST', `/v1/leases/${lease_id}/use`, { digest: request.digest });
    expect((await use(token)).status).toBe(200);
    const twins = await Promise.all(
      [token, resign(door.signing, own), resign(door.signing, own, { iat: own.iat })].map(use),
    );
    expect(twins.map((twin) => [twin.status, codeOf(twin)])).toEqual(Array(3).fill([409, 'already_used']));
  });

  test('15 too large or too deep', () =>
    expectRefused([
      payload('['.repeat(2_000)),
      payload(`{"sub":${'['.repeat(2_000)}${']'.repeat(2_000)}}`),
      '.'.repeat(8_000),
    ]));

  test('15 headers of 200 KB are not even read', async () => {
    const path = `/v1/leases/${target.lease_id}/use`;
    const huge = await door.api.send('A'.repeat(200_000), 'POST', path, { digest: target.request.digest });
    expect([huge.status, codeOf(huge)]).toEqual([431, 'headers_too_large']);
  });

  test('15 a bearer of more than 8,192 characters is none', async () => {
    const long = claims({ padding: 'x'.repeat(8_000) });
    const use = await door.api.send(long, 'POST', `/v1/leases/${target.lease_id}/use`, {
      digest: target.request.digest,
    });
    const report = await door.api.send(long, 'POST', `${REQUESTS}/${target.request.id}/result`, RESULT);
    expect([use, report].map((answer) => [answer.status, codeOf(answer)])).toEqual([
      [401, 'credential_invalid'],
      [401, 'agent_key_invalid'],
    ]);
  });

  test('16, 17, 18 claims that are not one strict JSON object', () => {
    const json = JSON.stringify(target.claims);
    return expectRefused([
      payload(json.replace('{', '{"sub":"prs_0",')),
      payload(json.replace('"jti"', '"jti":"lse_0","jti"')),
      payload(`\ufeff${json}`),
      payload(Buffer.from(json, 'utf16le')),
      payload(json.replace('{', '{"__proto__":{"aud":"x"},')),
      ...['[]', '"claims"', 'null', '1', ''].map(payload),
      payload([target.claims]),
    ]);
  });

  test('19 another kind of token of ours', () =>
    expectRefused(
      ['dpop+jwt', 'receipt+jwt', 'checkpoint+jwt', 'JWT', 'AT+JWT', undefined].map((typ) => header({ typ })),
    ));
});

describe('claims and time', () => {
  test('20 another issuer', () =>
    expectRefused(
      ['https://staging.placet.example', 'https://placet.example/', 'http://placet.example', undefined].map((iss) =>
        claims({ iss }),
      ),
    ));

  test('21 an end that is none, or over', () =>
    expectRefused(
      [undefined, `${now() + 60}`, now() + 60.5, 1e308, -5, 0, null, [now() + 60]].map((exp) => claims({ exp })),
    ));

  test('21 an end that is this very second spends nothing', async () => {
    const over = claims({ iat: now() - 300, nbf: now() - 300, exp: now() });
    const use = await door.api.send(over, 'POST', `/v1/leases/${target.lease_id}/use`, {
      digest: target.request.digest,
    });
    expect([use.status, codeOf(use), (await refusals()).at(-1)]).toEqual([401, 'credential_invalid', 'expired']);
  });

  test('22, 23 issued or valid only later than any clock may be ahead', () =>
    expectRefused([
      claims({ iat: now() + 61, nbf: now() + 61, exp: now() + 200 }),
      claims({ nbf: now() + 60 }),
      claims({ iat: undefined }),
    ]));

  test('24 a life of 901 seconds', () => expectRefused([claims({ exp: target.claims.iat + 901 })]));

  test('25 an audience beside ours', () =>
    expectRefused(
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
    expectRefused([
      ...[null, 7, '', undefined].map((sub) => claims({ sub })),
      ...[7, '', 'x'.repeat(5_000), undefined].map((jti) => claims({ jti })),
    ]));

  test('28 times as text', () =>
    expectRefused(['2026-03-01T12:05:00+01:00', '2026-12-31T23:59:60Z', 'tomorrow'].map((exp) => claims({ exp }))));

  test('55 a list of actions wider than what was shown', () => {
    const [detail] = target.claims['authorization_details'] as [Record<string, unknown>];
    const wider = [
      [{ ...detail, actions: ['orders.refund', 'orders.delete'] }],
      [{ ...detail, locations: ['https://orders.example', 'https://evil.example'] }],
      [detail, { ...detail, actions: ['orders.delete'] }],
      [{ ...detail, identifiers: ['order/A-1002'] }],
      [],
    ];
    return expectRefused(wider.map((authorization_details) => claims({ authorization_details })));
  });
});

describe('other leases and other tenants', () => {
  test('54 the credential of one lease opens no other, and is told apart by nobody', async () => {
    const other = await door.claimed();
    await expectRefused([other.token, resign(door.signing, other.claims)]);
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
    await expectRefused([resign(foreign, target.claims)]);
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
