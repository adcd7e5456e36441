// Guards the key sets: taken whole or refused whole, fetched seldom, and nothing verifies without one.
import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Jwks, verifyCredential } from '../src/index.ts';
import { createRemoteKeys } from '../src/remote-keys.ts';
import { ACTION, AUDIENCE, forgeClaims, forgeKey, ISSUER, jwksOf, NOW } from './forge.ts';

const key = forgeKey();
const other = forgeKey();
const token = forgeClaims(key);

describe('a key set with one bad key is refused whole', () => {
  test.each<[string, unknown]>([
    ['two keys of one kid', { keys: [key.jwk, key.jwk] }],
    ['two keys of one kid that differ', { keys: [key.jwk, { ...other.jwk, kid: key.jwk.kid }] }],
    ['a private member', { keys: [key.jwk, { ...other.privateKey.export({ format: 'jwk' }), ...other.jwk }] }],
    ['a key of another type', { keys: [key.jwk, { ...other.jwk, kty: 'EC' }] }],
    ['a symmetric key', { keys: [key.jwk, { kty: 'oct', k: 'AAAA', alg: 'HS256', use: 'sig', kid: 'x' }] }],
    ['another curve', { keys: [{ ...key.jwk, crv: 'X25519' }] }],
    ['an encryption key', { keys: [{ ...key.jwk, use: 'enc' }] }],
    ['no use', { keys: [{ ...key.jwk, use: undefined }] }],
    ['another algorithm', { keys: [{ ...key.jwk, alg: 'ES256' }] }],
    ['Ed448, which EdDSA may mean too', { keys: [{ ...key.jwk, crv: 'Ed448', x: 'A'.repeat(76) }] }],
    ['the name of Ed448', { keys: [{ ...key.jwk, alg: 'Ed448' }] }],
    ['no algorithm', { keys: [{ ...key.jwk, alg: undefined }] }],
    ['no kid', { keys: [{ ...key.jwk, kid: undefined }] }],
    ['a kid that is not the thumbprint', { keys: [key.jwk, { ...other.jwk, kid: 'A'.repeat(43) }] }],
    ['a certificate member', { keys: [{ ...key.jwk, x5u: 'https://evil.example' }] }],
    ['spare bits in x', { keys: [{ ...key.jwk, x: `${key.jwk.x.slice(0, 42)}B` }] }],
    ['33 keys', { keys: Array.from({ length: 33 }, () => forgeKey().jwk) }],
    ['no list', { keys: key.jwk }],
    ['null', null],
    ['a list', [key.jwk]],
  ])('%s', async (_name, keys) => {
    const options = { issuer: ISSUER, audience: AUDIENCE, keys: keys as Jwks, action: ACTION, now: NOW };
    await expect(verifyCredential(token, options)).rejects.toMatchObject({ code: 'keys_refused' });
  });
});

describe('keys behind a URL', () => {
  let server: Server;
  let url: string;
  let answer: { status: number; body: string; location?: string };
  let fetches = 0;
  beforeAll(async () => {
    server = createServer((_request, response) => {
      fetches += 1;
      response.writeHead(answer.status, answer.location ? { location: answer.location } : {}).end(answer.body);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/.well-known/jwks.json`;
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  const publish = (body: unknown, status = 200): void => {
    answer = { status, body: typeof body === 'string' ? body : JSON.stringify(body) };
  };
  /** A finder under a clock that only the test moves. */
  const start = () => {
    const clock = { ms: 1_000 };
    fetches = 0;
    return { clock, find: createRemoteKeys({ url, clockMs: () => clock.ms }) };
  };
  const code = (promise: Promise<unknown>): Promise<string> =>
    promise.then(
      () => 'found',
      (error: { code: string }) => error.code,
    );
  const randomKid = (): string => forgeKey().jwk.kid;

  test('a credential verifies against the published set', async () => {
    publish(jwksOf(key));
    const options = { issuer: ISSUER, audience: AUDIENCE, keys: url, action: ACTION, now: NOW };
    expect(await verifyCredential(token, options)).toMatchObject({ jti: 'lse_1' });
    expect(await verifyCredential(token, { ...options, keys: new URL(url) })).toMatchObject({ jti: 'lse_1' });
  });

  test('a storm of made-up kids causes at most one fetch in 30 s', async () => {
    publish(jwksOf(key));
    const { clock, find } = start();
    for (let second = 0; second < 60; second += 1) {
      clock.ms += 1_000;
      const finds = await Promise.all([code(find(randomKid())), code(find(randomKid())), code(find(key.jwk.kid))]);
      expect(finds).toEqual(['key_unknown', 'key_unknown', 'found']);
    }
    expect(fetches).toBe(2);
  });

  test('a storm against a server that is down causes at most one fetch in 30 s while keys are held', async () => {
    publish(jwksOf(key));
    const { clock, find } = start();
    await find(key.jwk.kid);
    publish('down', 503);
    for (let second = 0; second < 60; second += 1) {
      clock.ms += 1_000;
      await code(find(randomKid()));
      expect(await code(find(key.jwk.kid))).toBe('found');
    }
    expect(fetches).toBe(3);
  });

  test('a new key is found after the cooldown, and a withdrawn one is gone after five minutes', async () => {
    publish(jwksOf(key));
    const { clock, find } = start();
    await find(key.jwk.kid);
    publish(jwksOf(other));
    clock.ms += 30_000;
    expect(await code(find(other.jwk.kid))).toBe('found');
    expect(await code(find(key.jwk.kid))).toBe('key_unknown');
    publish(jwksOf(key));
    clock.ms += 299_999;
    expect(await code(find(other.jwk.kid))).toBe('found');
    clock.ms += 1;
    expect(await code(find(other.jwk.kid))).toBe('key_unknown');
  });

  test('nothing verifies when the set cannot be had, and a dead server is asked at most once a second', async () => {
    publish('down', 503);
    const { clock, find } = start();
    for (let step = 0; step < 10; step += 1) {
      clock.ms += 100;
      expect(await code(find(key.jwk.kid))).toBe('keys_unavailable');
    }
    expect(fetches).toBe(1);
    clock.ms += 1_000;
    publish(jwksOf(key));
    expect(await code(find(key.jwk.kid))).toBe('found');
  });

  test('a held set is not used past its time when the server is down', async () => {
    publish(jwksOf(key));
    const { clock, find } = start();
    await find(key.jwk.kid);
    publish('down', 503);
    clock.ms += 300_000;
    expect(await code(find(key.jwk.kid))).toBe('keys_unavailable');
  });

  test.each<[string, () => void, string]>([
    ['no JSON', () => publish('<html>'), 'keys_unavailable'],
    ['a member twice', () => publish(`{"keys":[],${JSON.stringify(jwksOf(key)).slice(1)}`), 'keys_unavailable'],
    ['too large', () => publish(`{"keys":[]}${' '.repeat(70_000)}`), 'keys_unavailable'],
    ['a private key', () => publish({ keys: [{ ...key.jwk, d: 'AAAA' }] }), 'keys_refused'],
  ])('a published set is refused: %s', async (_name, arrange, refusal) => {
    arrange();
    expect(await code(start().find(key.jwk.kid))).toBe(refusal);
  });

  test('a redirect is not followed', async () => {
    answer = { status: 302, body: '', location: url };
    expect(await code(start().find(key.jwk.kid))).toBe('keys_unavailable');
    expect(fetches).toBe(1);
  });

  test('many at once share one fetch', async () => {
    publish(jwksOf(key));
    const { find } = start();
    await Promise.all(Array.from({ length: 50 }, () => find(key.jwk.kid)));
    expect(fetches).toBe(1);
  });
});
