// Guards agent keys: recognisable, hard to mistype, and stored only as a hash.
import { createHash, randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { agentKeyHint, hashAgentKey, isAgentKey, makeAgentKey } from '../../src/identity/agent-key.ts';

const random = fc.uint8Array({ minLength: 32, maxLength: 32 });

test('every key has the published form and its checksum holds', () => {
  fc.assert(
    fc.property(random, (bytes) => {
      const key = makeAgentKey(bytes).unwrap();
      expect(key).toMatch(/^plk_[0-9A-Za-z]{43}[0-9A-Za-z]{6}$/);
      expect(isAgentKey(key)).toBe(true);
    }),
  );
});

test('a known key, so that the form never drifts', () => {
  const key = makeAgentKey(Uint8Array.from({ length: 32 }, (_, index) => index)).unwrap();
  expect(key).toBe('plk_003aUlTJC7tjlCTQj2uNU3MFagCXG9LRKRcwGkBIDlf3SSsB7');
  // The largest 256-bit number fits the 43 characters.
  expect(makeAgentKey(new Uint8Array(32).fill(255)).unwrap()).toMatch(/^plk_[0-9A-Za-z]{49}$/);
});

test('one wrong character anywhere is noticed without a look-up', () => {
  const key = makeAgentKey(randomBytes(32)).unwrap();
  for (let place = 0; place < key.length; place += 1) {
    const wrong = key.slice(0, place) + (key[place] === 'x' ? 'y' : 'x') + key.slice(place + 1);
    expect(isAgentKey(wrong)).toBe(false);
    expect(() => hashAgentKey(wrong)).toThrow(expect.objectContaining({ code: 'agent_key_invalid' }));
  }
});

test.each(['', 'plk_', `plk_${'0'.repeat(49)}\n`, 'xoxb-1', 'plk_'.padEnd(10_000, 'a')])('%j is no key', (text) => {
  expect(isAgentKey(text)).toBe(false);
});

test('different randomness gives different keys', () => {
  fc.assert(
    fc.property(random, random, (one, other) => {
      const same = Buffer.from(one).equals(Buffer.from(other));
      expect(makeAgentKey(one).unwrap() === makeAgentKey(other).unwrap()).toBe(same);
    }),
  );
});

test('the stored form is the SHA-256 of the whole key, and a hint shows four characters of it', () => {
  const key = makeAgentKey(randomBytes(32)).unwrap();
  expect(Buffer.from(hashAgentKey(key))).toEqual(createHash('sha256').update(key).digest());
  expect(agentKeyHint(key)).toBe(key.slice(0, 8));
});

test('a key takes 32 random bytes, no fewer, and never prints (INV-8)', () => {
  expect(() => makeAgentKey(new Uint8Array(31))).toThrow(RangeError);
  expect(inspect(makeAgentKey(randomBytes(32)), { showHidden: true })).toBe('[secret]');
});
