// Guards the strict reader: what it lets in means one thing to every reader, and all else is refused with a stable code.
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { drawn } from '../../test/support/long.ts';
import { ADVICE, canonicalBytes, type JsonValue, parseStrictJson, StrictJsonError } from '../src/canonical.ts';

function faultOf(run: () => unknown): { code: string; path: string } | 'accepted' {
  try {
    run();
    return 'accepted';
  } catch (error) {
    if (!(error instanceof StrictJsonError)) throw error;
    return { code: error.code, path: error.path };
  }
}

const codeOf = (raw: string | Uint8Array): string => {
  const fault = faultOf(() => parseStrictJson(raw));
  return fault === 'accepted' ? fault : fault.code;
};

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);
const members = (count: number): string => `{${Array.from({ length: count }, (_, i) => `"m${i}":0`).join(',')}}`;

describe('a member that is named twice is refused, however it is written', () => {
  test.each([
    ['{"amount":1,"amount":2}', '/amount'],
    ['{"amount":1,"amount":1}', '/amount'],
    [String.raw`{"amount":1,"\u0061mount":2}`, '/amount'],
    [String.raw`{"p":[{"a/b":1,"a\/b":2}]}`, '/p/0/a~1b'],
    ['{"toString":1,"toString":2}', '/toString'],
    ['{"":1,"":2}', '/'],
  ])('%s', (text, path) => {
    expect(faultOf(() => parseStrictJson(text))).toEqual({ code: 'duplicate_member', path });
  });

  test('names that merely look alike (composed and decomposed) stay two members', () => {
    expect(parseStrictJson('{"caf\u00e9":1,"cafe\u0301":2}')).toEqual({ 'caf\u00e9': 1, 'cafe\u0301': 2 });
  });
});

describe('text that is no well-formed Unicode, or that no text column can hold, is refused', () => {
  test.each<[string, string | Uint8Array, string]>([
    ['escaped high surrogate', String.raw`"\ud800"`, 'lone_surrogate'],
    ['escaped low surrogate', String.raw`"\udc00x"`, 'lone_surrogate'],
    ['escaped surrogates in the wrong order', String.raw`"\ude00\ud83d"`, 'lone_surrogate'],
    ['surrogate in a name', String.raw`{"\ud800":1}`, 'lone_surrogate'],
    ['raw surrogate in a string', '"\ud800"', 'lone_surrogate'],
    ['escaped half beside a raw half', '"\\ud83d\ude00"', 'lone_surrogate'],
    ['an escaped pair', String.raw`"\ud83d\ude00"`, 'accepted'],
    ['escaped NUL', String.raw`"a\u0000b"`, 'forbidden_character'],
    ['raw NUL', '"a\u0000b"', 'syntax'],
    ['raw line feed in a string', '"a\nb"', 'syntax'],
    ['noncharacter', '"\uffff"', 'forbidden_character'],
    ['noncharacter of a higher plane', String.raw`"\ud83f\udffe"`, 'forbidden_character'],
    ['noncharacter of the Arabic block', '"\ufdd0"', 'forbidden_character'],
    ['replacement character', '"\ufffd"', 'accepted'],
    ['UTF-8 byte order mark', bytes(0xef, 0xbb, 0xbf, 0x31), 'byte_order_mark'],
    ['byte order mark in a string', '\ufeff1', 'byte_order_mark'],
    ['UTF-16 with its mark', bytes(0xff, 0xfe, 0x31, 0x00), 'invalid_utf8'],
    ['UTF-16 without its mark', bytes(0x31, 0x00), 'syntax'],
    ['overlong slash', bytes(0x22, 0xc0, 0xaf, 0x22), 'invalid_utf8'],
    ['surrogate in UTF-8 (CESU)', bytes(0x22, 0xed, 0xa0, 0x80, 0x22), 'invalid_utf8'],
    ['cut sequence', bytes(0x22, 0xe2, 0x82, 0x22), 'invalid_utf8'],
    ['beyond U+10FFFF', bytes(0x22, 0xf4, 0x90, 0x80, 0x80, 0x22), 'invalid_utf8'],
  ])('%s', (_name, raw, code) => {
    expect(codeOf(raw)).toBe(code);
  });
});

describe('a member is data, whatever its name is', () => {
  test.each([
    '__proto__',
    'constructor',
    'prototype',
    'toString',
    'valueOf',
    'hasOwnProperty',
    'toJSON',
    '__defineGetter__',
  ])('%s', (name) => {
    const text = `{"a":{"${name}":{"isAdmin":true}},"b":{}}`;
    const value = parseStrictJson(text) as { a: Record<string, unknown>; b: object };
    expect(Object.keys(value.a)).toEqual([name]);
    expect(JSON.stringify(value)).toBe(text);
    // Nothing else got a member by it, and the object is one like any other.
    expect([Object.getPrototypeOf(value.a), 'isAdmin' in value.a, 'isAdmin' in value.b]).toEqual([
      Object.prototype,
      false,
      false,
    ]);
    expect(new TextDecoder().decode(canonicalBytes(value as never))).toBe(text);
  });

  test('twice, also escaped, it is refused like any other', () => {
    expect(codeOf(String.raw`{"__proto__":1,"\u005f_proto__":2}`)).toBe('duplicate_member');
  });
});

describe('a document is accepted at each limit and refused one step past it', () => {
  test.each([
    ['depth', nested(32), nested(33), 'too_deep'],
    ['members', members(1_000), members(1_001), 'too_many_members'],
    ['name', `{"${'n'.repeat(256)}":0}`, `{"${'n'.repeat(257)}":0}`, 'name_too_long'],
    ['bytes', `"${'x'.repeat(65_534)}"`, `"${'x'.repeat(65_535)}"`, 'too_large'],
    ['bytes of wide characters', `"${'\u00e9'.repeat(32_767)}"`, `"${'\u00e9'.repeat(32_768)}"`, 'too_large'],
  ])('%s', (_name, within, past, code) => {
    expect(codeOf(within)).toBe('accepted');
    expect(codeOf(past)).toBe(code);
    expect(codeOf(new TextEncoder().encode(within))).toBe('accepted');
    expect(codeOf(new TextEncoder().encode(past))).toBe(code);
  });

  test('members count over the whole document, not per object', () => {
    expect(codeOf(`[${members(500)},${members(501)}]`)).toBe('too_many_members');
  });

  test('a hundred thousand brackets end in a refusal, not in a full stack', () => {
    expect(codeOf('['.repeat(60_000))).toBe('too_deep');
    expect(faultOf(() => parseStrictJson('['.repeat(100_000), { bytesMax: 1_000_000 }))).toMatchObject({
      code: 'too_deep',
    });
  });

  test('the path in an error is cut, whatever the names are', () => {
    const deep = `{"${'n'.repeat(256)}":`.repeat(20);
    expect(faultOf(() => parseStrictJson(deep))).toMatchObject({ path: expect.stringMatching(/^.{256}$/) });
  });
});

describe('what is no JSON is refused', () => {
  test.each([
    '',
    ' ',
    '{',
    '[',
    '[1,]',
    '{"a":1,}',
    '{,}',
    '[1 2]',
    '{"a" 1}',
    '{a:1}',
    "{'a':1}",
    '{"a":1}}',
    '1 2',
    '// x\n1',
    '/**/1',
    'tru',
    'True',
    'undefined',
    '"abc',
    String.raw`"\x41"`,
    String.raw`"\u12"`,
    String.raw`"\u12G4"`,
    String.raw`"\u+123"`,
    '"\\',
    '[\u00a01]',
    '\u000b1',
    '{1:2}',
    '[1}',
    '{"a":1]',
  ])('%j', (text) => {
    expect(codeOf(text)).toBe('syntax');
  });
});

/** Any value that I-JSON can say, within the limits. */
const word = fc
  .string({ unit: 'grapheme', maxLength: 12 })
  .filter((text) => !/[\0\ufdd0-\ufdef\ufffe\uffff]/.test(text));
const name = fc.oneof(word, fc.constantFrom('__proto__', 'constructor', 'prototype', 'toString', 'toJSON'));
const number = fc
  .oneof(fc.integer(), fc.maxSafeInteger(), fc.double({ noNaN: true, noDefaultInfinity: true }))
  .map((value) => (value === 0 ? 0 : value));
const { value: json } = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5 },
    fc.constantFrom<JsonValue>(null, true, false),
    number,
    word,
    fc.array(tie('value'), { maxLength: 5 }),
    fc.dictionary(name, tie('value'), { maxKeys: 5 }),
  ),
}));

test('every value that is written as JSON is read back as itself', () => {
  fc.assert(
    fc.property(json, fc.constantFrom(undefined, 1, '\t'), (value, indent) => {
      const text = JSON.stringify(value, null, indent);
      expect(parseStrictJson(text)).toEqual(JSON.parse(text));
      expect(parseStrictJson(new TextEncoder().encode(text))).toEqual(JSON.parse(text));
    }),
    drawn(500),
  );
});

test('every canonical text is accepted again, and is its own canonical form', () => {
  fc.assert(
    fc.property(json, (value) => {
      const canonical = canonicalBytes(value);
      expect(canonicalBytes(parseStrictJson(canonical))).toEqual(canonical);
    }),
    drawn(500),
  );
});

test('every refusal says what to do, and cites a specification only where it forbids this', () => {
  const cited = Object.entries(ADVICE).flatMap(([code, text]) => (/RFC/.test(text) ? [code] : []));
  expect(cited).toEqual(['invalid_utf8', 'byte_order_mark', 'syntax', 'duplicate_member', 'lone_surrogate']);
  for (const text of Object.values(ADVICE)) expect(text).toMatch(/: (send|encode|let|cut|leave|parse) /);
  expect(() => parseStrictJson('{"n":9007199254740993}')).toThrow(
    'not strict JSON (number_out_of_range) at /n: some readers would take this number for another one: send it as text',
  );
});

test('whatever text is thrown at it, it agrees with JSON.parse or refuses with its own error', () => {
  const noise = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.json(),
    fc
      .array(fc.constantFrom('{', '}', '[', ']', '"', ':', ',', '\\', 'u00', '1', '-', '.', 'e', 'a', ' '))
      .map((parts) => parts.join('')),
  );
  fc.assert(
    fc.property(noise, (text) => {
      const fault = faultOf(() => parseStrictJson(text));
      if (fault === 'accepted') expect(parseStrictJson(text)).toEqual(JSON.parse(text));
      else expect(fault.code).toMatch(/^[a-z_0-9]+$/);
    }),
    drawn(1_000),
  );
});
