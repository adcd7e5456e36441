// Guards the canonical bytes: one value has one form (RFC 8785), and an action's bytes cover all of it.
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type ActionEnvelope, actionBytes, canonicalBytes, type JsonValue, parseStrictJson } from '../src/canonical.ts';

const text = (value: JsonValue): string => new TextDecoder().decode(canonicalBytes(value));
const double = (hex: string): number =>
  new DataView(new BigUint64Array([BigInt(`0x${hex}`)]).buffer).getFloat64(0, true);
const refund: ActionEnvelope = {
  action: 'orders.refund',
  resource: 'order/A-1001',
  parameters: { amount: 120, currency: 'EUR' },
};

describe('the canonical form is the one of RFC 8785', () => {
  test('the example of section 3.2.2', () => {
    const value = {
      numbers: [Number('333333333.33333329'), 1e30, 4.5, 2e-3, 0.000000000000000000000000001],
      string: '\u20ac$\u000f\nA\'\u0042\u0022\u005c\\"/',
      literals: [null, true, false],
    };
    expect(text(value)).toBe(
      `{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"\u20ac$\\u000f\\nA'B\\"\\\\\\\\\\"/"}`,
    );
  });

  test('members are sorted by UTF-16 code units (section 3.2.3)', () => {
    const value = {
      '\u20ac': 'Euro Sign',
      '\r': 'Carriage Return',
      '\ufb33': 'Hebrew Letter Dalet With Dagesh',
      '1': 'One',
      '\ud83d\ude00': 'Emoji: Grinning Face',
      '\u0080': 'Control',
      '\u00f6': 'Latin Small Letter O With Diaeresis',
    };
    // Read by hand: JSON.parse would move the integer-like name '1' to the front by itself.
    const order = [...text(value).matchAll(/:"([^"]*)"/g)].map((found) => found[1]);
    expect(order).toEqual([
      'Carriage Return',
      'One',
      'Control',
      'Latin Small Letter O With Diaeresis',
      'Euro Sign',
      'Emoji: Grinning Face',
      'Hebrew Letter Dalet With Dagesh',
    ]);
  });

  test.each([
    ['0000000000000000', '0'],
    ['8000000000000000', '0'],
    ['0000000000000001', '5e-324'],
    ['8000000000000001', '-5e-324'],
    ['7fefffffffffffff', '1.7976931348623157e+308'],
    ['ffefffffffffffff', '-1.7976931348623157e+308'],
    ['4340000000000000', '9007199254740992'],
    ['c340000000000000', '-9007199254740992'],
    ['4430000000000000', '295147905179352830000'],
    ['44b52d02c7e14af5', '9.999999999999997e+22'],
    ['44b52d02c7e14af6', '1e+23'],
    ['44b52d02c7e14af7', '1.0000000000000001e+23'],
    ['444b1ae4d6e2ef4e', '999999999999999700000'],
    ['444b1ae4d6e2ef4f', '999999999999999900000'],
    ['444b1ae4d6e2ef50', '1e+21'],
    ['3eb0c6f7a0b5ed8c', '9.999999999999997e-7'],
    ['3eb0c6f7a0b5ed8d', '0.000001'],
    ['41b3de4355555553', '333333333.3333332'],
    ['41b3de4355555554', '333333333.33333325'],
    ['41b3de4355555555', '333333333.3333333'],
    ['becbf647612f3696', '-0.0000033333333333333333'],
    ['43143ff3c1cb0959', '1424953923781206.2'],
  ])('the double %s is written %s (appendix B)', (hex, written) => {
    expect(text(double(hex))).toBe(written);
  });

  test('no Unicode normalisation: composed and decomposed text stay apart', () => {
    expect(text({ 'e\u0301': 1, '\u00e9': 2 })).toBe('{"e\u0301":1,"\u00e9":2}');
  });
});

describe('what is no JSON value has no canonical form', () => {
  const itself: Record<string, unknown> = {};
  itself['self'] = itself;
  test.each<[string, unknown, string]>([
    ['undefined', undefined, 'not_json'],
    ['an undefined member', { a: undefined }, 'not_json'],
    ['a hole in an array', Array(1), 'not_json'],
    ['NaN', Number.NaN, 'not_json'],
    ['Infinity', Number.POSITIVE_INFINITY, 'not_json'],
    ['a BigInt', 1n, 'not_json'],
    ['a function', { a: () => 1 }, 'not_json'],
    ['a symbol', Symbol('s'), 'not_json'],
    ['a Date', new Date(0), 'not_json'],
    ['a Map', new Map(), 'not_json'],
    ['an object that writes itself otherwise', { a: 1, toJSON: () => ({ a: 2 }) }, 'not_json'],
    ['a value that contains itself', itself, 'too_deep'],
    ['a lone surrogate', '\ud800', 'lone_surrogate'],
    ['a lone surrogate in a name', { '\udc00': 1 }, 'lone_surrogate'],
  ])('%s', (_name, value, code) => {
    expect(() => canonicalBytes(value as JsonValue)).toThrow(expect.objectContaining({ code }));
  });

  test('a member that answers differently each time is read once', () => {
    let reads = 0;
    const value = {
      get amount(): number {
        reads += 1;
        return reads;
      },
    };
    expect(text(value)).toBe('{"amount":1}');
  });
});

describe("an action's bytes", () => {
  test('are the domain prefix and the canonical envelope', () => {
    expect(new TextDecoder().decode(actionBytes(refund))).toBe(
      'placet/action/v1\n{"action":"orders.refund","parameters":{"amount":120,"currency":"EUR"},"resource":"order/A-1001","v":1}',
    );
  });

  test('cover the three members of the envelope and nothing else that lies beside them', () => {
    expect(actionBytes({ ...refund, justification: 'x' } as ActionEnvelope)).toEqual(actionBytes(refund));
  });

  test.each<[string, JsonValue, string]>([
    ['arguments as JSON text', '{"amount":1}', 'not_an_object'],
    ['a list for parameters', [1], 'not_an_object'],
    ['nothing for parameters', null, 'not_an_object'],
    ['NUL', { note: 'a\0b' }, 'forbidden_character'],
    ['a list nested too deep', { a: Array.from({ length: 31 }).reduce<JsonValue>((inner) => [inner], 1) }, 'too_deep'],
    ['too many members', Object.fromEntries(Array.from({ length: 1_000 }, (_, i) => [`m${i}`, i])), 'too_many_members'],
  ])('do not exist where the approval API refuses the action: %s', (_name, parameters, code) => {
    const envelope = { ...refund, parameters } as ActionEnvelope;
    expect(() => actionBytes(envelope)).toThrow(expect.objectContaining({ code }));
  });

  test.each(['__proto__', 'constructor', 'prototype', 'toString'])('cover a member named %s', (name) => {
    const parameters = JSON.parse(`{"${name}":{"a":1}}`) as ActionEnvelope['parameters'];
    expect(new TextDecoder().decode(actionBytes({ ...refund, parameters }))).toContain(
      `"parameters":{"${name}":{"a":1}}`,
    );
  });

  test.each([1e16, 1e21, 6.02214076e23, 2 ** 60, 5e-324, 1.7976931348623157e308])(
    'exist for the number %d',
    (amount) => {
      expect(new TextDecoder().decode(actionBytes({ ...refund, parameters: { amount } }))).toContain(
        `{"amount":${amount}}`,
      );
    },
  );

  test('exist for every body that the API lets in, also one that grows by becoming canonical', () => {
    const list = `[${Array(5_900).fill('1e20').join(',')}]`;
    const body = `{"action":"a","resource":"r","parameters":{"list":${list}}}`;
    expect(() => actionBytes(parseStrictJson(body) as ActionEnvelope)).not.toThrow();
  });
});

/** The same value with the members of every object in reverse order. */
function reversed(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(reversed);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([name, member]) => [name, reversed(member)]),
  );
}

test('member order never changes the canonical form, and reading it back gives the same bytes', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4 }), (raw) => {
      const value = raw as JsonValue;
      expect(canonicalBytes(reversed(value))).toEqual(canonicalBytes(value));
      expect(canonicalBytes(JSON.parse(text(value)))).toEqual(canonicalBytes(value));
    }),
  );
});

test('two actions have the same bytes only when they are the same action', () => {
  const parameters = fc.dictionary(fc.string({ maxLength: 3 }), fc.oneof(fc.integer(), fc.string({ maxLength: 3 })), {
    maxKeys: 3,
  });
  const envelope = fc
    .record({ action: fc.string({ maxLength: 3 }), resource: fc.string({ maxLength: 3 }), parameters })
    .filter((value) => !/\\u0000|\\uffff|\\ufffe/i.test(JSON.stringify(value)));
  fc.assert(
    fc.property(envelope, envelope, (one, other) => {
      const same = text(one) === text(other);
      expect(Buffer.from(actionBytes(one)).equals(Buffer.from(actionBytes(other)))).toBe(same);
    }),
  );
});
