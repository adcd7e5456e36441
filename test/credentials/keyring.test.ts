// Guards keys at rest: a sealed key opens only whole, only in its place, only under its master key, and never prints.
import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { publicJwks } from '../../src/credentials/jwks.ts';
import { generateSigningKey, openSigningKey } from '../../src/credentials/keyring.ts';
import { seal, unseal } from '../../src/credentials/seal.ts';
import { makeSecret } from '../../src/domain/secret.ts';

const raw = randomBytes(32);
const master_key = makeSecret(new Uint8Array(raw));
const tenant_id = 'main';

test('a sealed key opens into the same key, which signs and cannot be exported', async () => {
  const row = await generateSigningKey({ master_key, tenant_id });
  const opened = await openSigningKey({ master_key, tenant_id, row });
  expect(opened.public_jwk).toEqual(row.public_jwk);
  expect(opened.key).toMatchObject({ extractable: false, usages: ['sign'], type: 'private' });
  await expect(crypto.subtle.exportKey('pkcs8', opened.key)).rejects.toThrow();
});

test('one flipped bit anywhere in a sealed key keeps it shut', async () => {
  const row = await generateSigningKey({ master_key, tenant_id });
  const bits = row.private_sealed.length * 8;
  for (let bit = 0; bit < bits; bit += 1) {
    const private_sealed = Uint8Array.from(row.private_sealed);
    private_sealed[bit >> 3] = (private_sealed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    const opening = openSigningKey({ master_key, tenant_id, row: { ...row, private_sealed } });
    await expect(opening).rejects.toMatchObject({ code: 'internal' });
  }
});

describe('a sealed key opens nowhere else', () => {
  test('not for another tenant, another kid, or under another master key', async () => {
    const row = await generateSigningKey({ master_key, tenant_id });
    const other = await generateSigningKey({ master_key, tenant_id });
    const shut = { code: 'internal' };
    await expect(openSigningKey({ master_key, tenant_id: 'other', row })).rejects.toMatchObject(shut);
    await expect(openSigningKey({ master_key, tenant_id, row: { ...row, kid: other.kid } })).rejects.toMatchObject(
      shut,
    );
    const stranger = makeSecret(new Uint8Array(randomBytes(32)));
    await expect(openSigningKey({ master_key: stranger, tenant_id, row })).rejects.toMatchObject(shut);
  });

  test('not in a place whose parts are merely split elsewhere', () => {
    const bytes = seal({ master_key, place: ['a', 'bc'], bytes: Buffer.from('x') });
    expect(() => unseal({ master_key, place: ['ab', 'c'], bytes })).toThrow();
    expect(unseal({ master_key, place: ['a', 'bc'], bytes }).toString()).toBe('x');
  });

  test.each([0, 1, 12, 28])('not when cut to %i bytes', (length) => {
    const bytes = seal({ master_key, place: ['a'], bytes: Buffer.from('x') }).subarray(0, length);
    expect(() => unseal({ master_key, place: ['a'], bytes })).toThrow(expect.objectContaining({ code: 'internal' }));
  });
});

test('any bytes come back as they went in, and no two seals are alike', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const one = seal({ master_key, place: ['p'], bytes });
      expect(one).not.toEqual(seal({ master_key, place: ['p'], bytes }));
      expect(new Uint8Array(unseal({ master_key, place: ['p'], bytes: one }))).toEqual(bytes);
    }),
  );
});

test('a master key never prints (INV-8)', () => {
  const shown = inspect({ master_key }, { depth: 10, showHidden: true }) + JSON.stringify({ master_key }) + master_key;
  for (const form of [raw.toString('hex'), raw.toString('base64'), raw.join(', ')]) expect(shown).not.toContain(form);
});

describe('the published key set', () => {
  test('never holds a private member or a key under a foreign kid', async () => {
    const row = await generateSigningKey({ master_key, tenant_id });
    const other = await generateSigningKey({ master_key, tenant_id });
    const refused = { code: 'internal' };
    await expect(publicJwks([{ ...row, public_jwk: { ...row.public_jwk, d: 'AAAA' } }])).rejects.toMatchObject(refused);
    await expect(publicJwks([{ kid: row.kid, public_jwk: other.public_jwk }])).rejects.toMatchObject(refused);
    await expect(publicJwks([row, row])).rejects.toMatchObject(refused);
    expect(JSON.stringify(await publicJwks([row, other]))).not.toMatch(/private|"d"/);
  });

  test('is empty before there is a key', async () => {
    expect(await publicJwks([])).toEqual({ keys: [] });
  });
});
