// Guards the verifier's gate: one text form, one algorithm, one key; the token has no say in how it is verified.
import { createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { createServer } from 'node:http';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { encode, forge, forgeClaims, forgeKey, goodClaims, goodHeader } from './forge.ts';
import { judgeFor } from './verdict.ts';

const key = forgeKey();
const stranger = forgeKey();
const verdict = judgeFor(key);

const withHeader = (changes: Record<string, unknown>): string =>
  forge(key, { ...goodHeader(key), ...changes }, goodClaims());

describe('forged by algorithm or key', () => {
  const input = (header: unknown): string => `${encode(header)}.${encode(goodClaims())}`;
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2_048 });
  const pem = key.publicKey.export({ format: 'pem', type: 'spki' });
  const hmac = (secret: string | Buffer): string => {
    const text = input({ ...goodHeader(key), alg: 'HS256' });
    return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
  };
  const asRsa = (alg: string): string => {
    const text = input({ ...goodHeader(key), alg });
    return `${text}.${sign('sha256', Buffer.from(text), rsa.privateKey).toString('base64url')}`;
  };
  const zero = Buffer.alloc(64).toString('base64url');

  test.each<[string, string, string]>([
    ['alg none, no signature', `${input({ ...goodHeader(key), alg: 'none' })}.`, 'token_malformed'],
    ...['none', 'None', 'NONE', 'noNE', 'ed25519', 'eddsa', 'EDDSA', 'EdDSA ', 'Ed448', 'ES256', ''].map(
      (alg): [string, string, string] => [`alg ${alg}`, withHeader({ alg }), 'algorithm_refused'],
    ),
    ['alg as a list', withHeader({ alg: ['Ed25519'] }), 'algorithm_refused'],
    ['alg absent', withHeader({ alg: undefined }), 'algorithm_refused'],
    ['HS256 with the public PEM', hmac(pem), 'algorithm_refused'],
    ['HS256 with the public JWK', hmac(JSON.stringify(key.jwk)), 'algorithm_refused'],
    ['HS256 with the raw public bytes', hmac(Buffer.from(key.jwk.x, 'base64url')), 'algorithm_refused'],
    ['RS256 under the kid of an Ed25519 key', asRsa('RS256'), 'algorithm_refused'],
    ['an RSA signature that says Ed25519', asRsa('Ed25519'), 'signature_invalid'],
    ['an RSA signature that says EdDSA', asRsa('EdDSA'), 'signature_invalid'],
    ['another key under our kid', forge(stranger, goodHeader(key), goodClaims()), 'signature_invalid'],
    ['another key under its own kid', forgeClaims(stranger), 'key_unknown'],
    ['a signature of zeros', `${input(goodHeader(key))}.${zero}`, 'signature_invalid'],
    ['ES256 with r and s zero', `${input({ ...goodHeader(key), alg: 'ES256' })}.${zero}`, 'algorithm_refused'],
    ['a signature of one byte', `${input(goodHeader(key))}.AA`, 'signature_invalid'],
  ])('%s', async (_name, token, code) => {
    expect(await verdict(token)).toBe(code);
  });

  test('flipping any one bit of a signed token makes it invalid', async () => {
    const token = forgeClaims(key);
    const parts = token.split('.').map((part) => Buffer.from(part, 'base64url'));
    const place = fc.nat({ max: parts.reduce((sum, part) => sum + part.length, 0) * 8 - 1 });
    await fc.assert(
      fc.asyncProperty(place, async (bit) => {
        const flipped = parts.map((part) => Buffer.from(part));
        let left = bit;
        for (const part of flipped) {
          const byte = part[left >> 3];
          if (left >= 0 && byte !== undefined) part[left >> 3] = byte ^ (1 << (left & 7));
          left -= part.length * 8;
          if (left < 0) break;
        }
        const forged = flipped.map((part) => part.toString('base64url')).join('.');
        expect(forged).not.toBe(token);
        expect(await verdict(forged)).not.toBe('accepted');
      }),
    );
  });
});

describe('a header that says more than type, algorithm and key id', () => {
  test.each<[string, Record<string, unknown>]>([
    ['jwk', { jwk: stranger.jwk }],
    ['crit', { crit: ['x'] }],
    ['empty crit', { crit: [] }],
    ['b64', { b64: false }],
    ['zip', { zip: 'DEF' }],
    ['x5c', { x5c: ['AAAA'] }],
    ['cty', { cty: 'JWT' }],
    ['PBES2 count', { p2c: 10 ** 9 }],
  ])('%s', async (_name, changes) => {
    expect(await verdict(forge(stranger, { ...goodHeader(key), ...changes }, goodClaims()))).toBe(
      'header_member_refused',
    );
  });

  test('jku and x5u are refused without a single connection', async () => {
    let connections = 0;
    const server = createServer().on('connection', () => {
      connections += 1;
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/keys`;
    expect(await verdict(withHeader({ jku: url }))).toBe('header_member_refused');
    expect(await verdict(withHeader({ x5u: url }))).toBe('header_member_refused');
    await new Promise((resolve) => server.close(resolve));
    expect(connections).toBe(0);
  });

  test.each<[string, unknown, string]>([
    ['absent', undefined, 'key_id_refused'],
    ['a path', '../../dev/null', 'key_id_refused'],
    ['SQL', "' OR 1=1--", 'key_id_refused'],
    ['10 KB', 'A'.repeat(10_240), 'token_too_long'],
    ['4 KB', 'A'.repeat(4_096), 'key_id_refused'],
    ['a list', [key.jwk.kid], 'key_id_refused'],
    ['a number', 1, 'key_id_refused'],
    ['null', null, 'key_id_refused'],
    ['empty', '', 'key_id_refused'],
    ['__proto__', '__proto__', 'key_id_refused'],
    ['unknown', 'A'.repeat(43), 'key_unknown'],
  ])('kid %s', async (_name, kid, code) => {
    expect(await verdict(withHeader({ kid }))).toBe(code);
  });

  test.each(['AT+JWT', 'application/at+jwt', 'JWT', 'dpop+jwt', 'at+jwt ', '', null, undefined])(
    'typ %j',
    async (typ) => {
      expect(await verdict(withHeader({ typ }))).toBe('type_refused');
    },
  );

  test('a member named twice', async () => {
    const header = `{"typ":"at+jwt","alg":"none","alg":"Ed25519","kid":"${key.jwk.kid}"}`;
    expect(await verdict(forge(key, header, goodClaims()))).toBe('header_malformed');
  });

  test.each(['[]', '"x"', 'null', '1', '{', ''])('a header of %j', async (header) => {
    expect(await verdict(forge(key, header, goodClaims()))).toMatch(/^(header|token)_malformed$/);
  });

  test('a header nested ten thousand deep', async () => {
    const deep = '['.repeat(3_000);
    expect(await verdict(forge(key, deep, {}))).toBe('header_malformed');
    expect(await verdict(forge(key, '['.repeat(10_000), {}))).toBe('token_too_long');
  });
});

describe('a token has one text form only', () => {
  const token = forgeClaims(key);
  const [header = '', payload = '', signature = ''] = token.split('.');
  const twin = (text: string): string => {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    return text.slice(0, -1) + alphabet[alphabet.indexOf(text.at(-1) ?? '') ^ 1];
  };

  test('the twin with a flipped spare bit decodes to the same signature', () => {
    expect(Buffer.from(twin(signature), 'base64url')).toEqual(Buffer.from(signature, 'base64url'));
    expect(twin(signature)).not.toBe(signature);
  });

  test.each<[string, unknown, string]>([
    ['flipped spare bits', `${header}.${payload}.${twin(signature)}`, 'token_malformed'],
    ['a space behind', `${token} `, 'token_malformed'],
    ['a line feed behind', `${token}\n`, 'token_malformed'],
    ['a space in front', ` ${token}`, 'token_malformed'],
    ['padding', `${token}==`, 'token_malformed'],
    ['a line feed inside', `${header}.\n${payload}.${signature}`, 'token_malformed'],
    ['the other alphabet', `${header}.${payload}.${'+/'.repeat(43)}`, 'token_malformed'],
    ['two parts', `${header}.${payload}`, 'token_malformed'],
    ['four parts', `${token}.AA`, 'token_malformed'],
    ['five parts, as a JWE', `${header}.AA.AA.${payload}.${signature}`, 'token_malformed'],
    ['an empty payload', `${header}..${signature}`, 'token_malformed'],
    ['the JSON serialisation', JSON.stringify({ protected: header, payload, signature }), 'token_malformed'],
    ['JSON with a compact token inside', `{"payload":".${payload}.","x":"${token}"}`, 'token_malformed'],
    ['nothing', '', 'token_malformed'],
    ['undefined', undefined, 'token_malformed'],
    ['bytes', Buffer.from(token), 'token_malformed'],
    ['a String object', Object(token), 'token_malformed'],
    ['200 KB', `${header}.${'A'.repeat(200_000)}.${signature}`, 'token_too_long'],
    ['a hundred thousand dots', '.'.repeat(100_000), 'token_too_long'],
    ['eight thousand dots', '.'.repeat(8_000), 'token_malformed'],
    ['the Bearer word', `Bearer ${token}`, 'token_malformed'],
  ])('%s', async (_name, text, code) => {
    expect(await verdict(text)).toBe(code);
  });
});
