// Forged and altered credentials at the real door: one generic answer, an audit event, nothing spent, nothing fetched.
// The forger holds a published key, so each token is good but for what its title says. Numbers are those of docs/threats.md.
import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { encode, forge, forgeKey, goodHeader } from '../../sdk/test/forge.ts';
import { type Claimed, codeOf, type Door, openDoor, reheader, resign } from './door.ts';
import { expectRefused, spend, tell } from './refusals.ts';

let door: Door;
let target: Claimed;
const stranger = forgeKey();
beforeAll(async () => {
  door = await openDoor();
  target = await door.claimed();
});
afterAll(() => door.close());

const header = (changes: Record<string, unknown>) => reheader(door.signing, target.claims, changes);
const payload = (text: unknown) => forge(door.signing, goodHeader(door.signing), text);

describe('form and signature', () => {
  test('1 no algorithm but ours, in no spelling', () =>
    expectRefused(
      door,
      target,
      ['none', 'None', 'NONE', 'noNE', 'eddsa', 'ed25519', ''].map((alg) => header({ alg })),
    ));

  test('2, 3 a signature made with what is public', () => {
    const { jwk, publicKey } = door.signing;
    const secrets = [
      Buffer.from(jwk.x, 'base64url'),
      JSON.stringify(jwk),
      publicKey.export({ format: 'pem', type: 'spki' }),
    ];
    const forged = ['HS256', 'RS256', 'EdDSA', 'Ed25519'].flatMap((alg) =>
      secrets.map((secret) => {
        const text = `${encode({ ...goodHeader(door.signing), alg })}.${encode(target.claims)}`;
        return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
      }),
    );
    return expectRefused(door, target, forged);
  });

  test('4, 5 a key that comes along with the token, or its address: nothing is fetched', async () => {
    let connections = 0;
    const server = createServer().on('connection', () => {
      connections += 1;
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as { port: number }).port}/jwks.json`;
    const byStranger = (changes: object) => forge(stranger, { ...goodHeader(stranger), ...changes }, target.claims);
    await expectRefused(door, target, [
      ...[{ jwk: stranger.jwk }, { jku: url }, { x5u: url }, { x5c: ['AAAA'] }].map(byStranger),
      ...[{ jwk: door.signing.jwk }, { jku: url }, { x5u: url }].map(header),
    ]);
    await new Promise((resolve) => server.close(resolve));
    expect(connections).toBe(0);
  });

  test('6, 7 a key id that is none', () =>
    expectRefused(
      door,
      target,
      ['../../dev/null', "' OR 1=1--", '', '__proto__', 'k'.repeat(4_096), [], 7, null, undefined].map((kid) =>
        header({ kid }),
      ),
    ));

  test('9, 10 a header that asks for more work', () =>
    expectRefused(door, target, [
      ...[{ crit: ['x'] }, { crit: [] }, { b64: false }, { zip: 'DEF' }].map(header),
      ...[{ alg: 'PBES2-HS256+A128KW', p2c: 10 ** 9 }, { enc: 'A128GCM' }, { p2c: 10 ** 9 }].map(header),
      `${encode({ alg: 'dir', enc: 'A128GCM' })}.AA.AA.${encode(target.claims)}.AA`,
    ]));

  test('12, 13 a signature that is zero, or the twin of one, or padded', () => {
    const [head = '', body = '', signature = ''] = target.token.split('.');
    const last = signature.charCodeAt(signature.length - 1);
    return expectRefused(door, target, [
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
    expectRefused(door, target, [
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
    const long = resign(door.signing, target.claims, { padding: 'x'.repeat(8_000) });
    const use = await spend(door, target, long);
    const report = await tell(door, target, long);
    expect([use, report].map((answer) => [answer.status, codeOf(answer)])).toEqual([
      [401, 'credential_invalid'],
      [401, 'agent_key_invalid'],
    ]);
  });

  test('16, 17, 18 claims that are not one strict JSON object', () => {
    const json = JSON.stringify(target.claims);
    return expectRefused(door, target, [
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
      door,
      target,
      ['dpop+jwt', 'receipt+jwt', 'checkpoint+jwt', 'JWT', 'AT+JWT', undefined].map((typ) => header({ typ })),
    ));
});
