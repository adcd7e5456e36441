// Guards masked values: the commitment is the one that the page says, it hides, and a digest covers it.
import { createHash, randomBytes } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type ActionEnvelope, actionBytes, canonicalBytes, type JsonValue } from '../src/canonical.ts';
import { actionDigest, sha256Digest } from '../src/digest.ts';
import { isSalt, maskAction, maskValue } from '../src/mask.ts';

const SALT = Buffer.from([...Array(16).keys()]).toString('base64url');
const payout: ActionEnvelope = {
  action: 'payouts.send',
  resource: 'account/1',
  parameters: { amount: 5, iban: 'DE02120300000000202051', pin: 1234 },
};
const json = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

describe('a commitment', () => {
  test.each<[value: JsonValue, text: string, type: string, length: number]>([
    ['EUR', '"EUR"', 'string', 3],
    ['é🙂', '"é🙂"', 'string', 2],
    [1e21, '1e+21', 'number', 5],
    [true, 'true', 'boolean', 4],
    [null, 'null', 'null', 4],
    [['b', { z: 1, a: 2 }], '["b",{"a":2,"z":1}]', 'array', 19],
    [{ b: 1, a: 2 }, '{"a":2,"b":1}', 'object', 13],
  ])('to %j is SHA-256 over 16 bytes of salt and its RFC 8785 text', (value, text, type, length) => {
    const bytes = Buffer.concat([Buffer.from(SALT, 'base64url'), Buffer.from(text)]);
    const commitment = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
    expect(maskValue(value, SALT)).toEqual({ commitment, type, length });
  });

  test('is another one under another salt', () => {
    const salts = [1, 2].map(() => randomBytes(16).toString('base64url'));
    expect(new Set(salts.map((salt) => maskValue('EUR', salt).commitment)).size).toBe(2);
  });

  test.each([
    [''],
    ['AAAA'],
    [`${SALT}A`],
    ['='.repeat(22)],
    [SALT.replace(/.$/, 'x')],
    [randomBytes(17).toString('base64url')],
  ])('takes no salt but 16 bytes in base64url: %j', (salt) => {
    expect(isSalt(salt)).toBe(false);
    expect(() => maskValue('EUR', salt)).toThrow(TypeError);
  });
});

describe('the digest of an action with masked parameters', () => {
  test('is over version 2, with commitments and without the values', () => {
    const { envelope, masked } = maskAction(payout, { iban: SALT });
    const bytes = json(actionBytes(envelope, masked));
    const { commitment } = maskValue('DE02120300000000202051', SALT);
    expect(bytes).toBe(
      `placet/action/v2\n{"action":"payouts.send","masked":{"iban":{"commitment":"${commitment}","length":22,"type":"string"}},"parameters":{"amount":5,"pin":1234},"resource":"account/1","v":2}`,
    );
    expect(actionDigest(payout, { iban: SALT })).toBe(sha256Digest(Buffer.from(bytes)));
  });

  test('is the plain one where no salt is given', () => {
    expect(actionDigest(payout, {})).toBe(actionDigest(payout));
    expect(json(actionBytes(payout))).toMatch(/^placet\/action\/v1\n/);
  });

  test('changes with each value, each salt, each name that is masked, and with a value that is left out', () => {
    const other = randomBytes(16).toString('base64url');
    const { iban: _iban, ...without } = payout.parameters;
    const digests = [
      actionDigest(payout),
      actionDigest(payout, { iban: SALT }),
      actionDigest(payout, { iban: other }),
      actionDigest(payout, { pin: SALT }),
      actionDigest(payout, { iban: SALT, pin: SALT }),
      actionDigest({ ...payout, parameters: { ...payout.parameters, iban: 'DE02120300000000202052' } }, { iban: SALT }),
      actionDigest({ ...payout, parameters: without }, { iban: SALT }),
      actionDigest({ ...payout, parameters: { ...payout.parameters, amount: 6 } }, { iban: SALT }),
    ];
    expect(new Set(digests).size).toBe(digests.length);
  });

  test('cannot be had with a parameter that only looks masked', () => {
    const { envelope, masked } = maskAction(payout, { iban: SALT });
    const forged = { ...envelope, parameters: { ...envelope.parameters, masked }, masked } as ActionEnvelope;
    expect(actionDigest(forged)).not.toBe(actionDigest(payout, { iban: SALT }));
  });

  test('covers any JSON, and nothing of the value stands in the bytes', () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 8, unit: 'grapheme-ascii' }),
        fc.dictionary(fc.string(), fc.integer()),
        (secret, others) => {
          const parameters = { ...others, card: `${secret}#` };
          const { envelope, masked } = maskAction({ ...payout, parameters }, { card: SALT });
          const bytes = json(actionBytes(envelope, masked));
          expect(bytes).not.toContain(json(canonicalBytes(`${secret}#`)));
          expect(actionDigest({ ...payout, parameters }, { card: SALT })).toBe(sha256Digest(Buffer.from(bytes)));
        },
      ),
    );
  });

  test('refuses what the API would refuse, also within a masked value', () => {
    const parameters = { iban: '\ud800' };
    expect(() => actionDigest({ ...payout, parameters }, { iban: SALT })).toThrow('half of a character');
  });
});
