// Guards the strict reader: what it lets in means one thing to every reader, and all else is refused with a stable code.
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type JsonValue, parseStrictJson, StrictJsonError } from '../src/canonical.ts';

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

describe('a number that would change by becoming a double is refused', () => {
  test.each([
    ['9007199254740991', 'accepted'],
    ['-9007199254740991', 'accepted'],
    ['9007199254740992', 'number_out_of_range'],
    ['9007199254740993', 'number_out_of_range'],
    ['-9007199254740992', 'number_out_of_range'],
    ['9007199254740991.5', 'number_out_of_range'],
    ['1e16', 'number_out_of_range'],
    ['1e400', 'number_out_of_range'],
    ['-1e99999999999999999999', 'number_out_of_range'],
    ['0.1', 'accepted'],
    ['0.30000000000000004', 'accepted'],
    ['0.3', 'accepted'],
    ['0.1000000000000000055511', 'number_not_exact'],
    ['0.300000000000000040', 'accepted'],
    ['0.300000000000000041', 'number_not_exact'],
    ['1e-400', 'number_not_exact'],
    ['-1e-400', 'number_not_exact'],
    ['5e-324', 'accepted'],
    ['4e-324', 'number_not_exact'],
    ['9007199254740990.9', 'number_not_exact'],
    ['1.0', 'accepted'],
    ['1e2', 'accepted'],
    ['1E+2', 'accepted'],
    ['100e-2', 'accepted'],
    ['0.0', 'accepted'],
    ['0e99', 'accepted'],
    ['-0', 'negative_zero'],
    ['-0.0', 'negative_zero'],
    ['-0e5', 'negative_zero'],
    ['NaN', 'syntax'],
    ['Infinity', 'syntax'],
    ['-', 'syntax'],
    ['+1', 'syntax'],
    ['01', 'syntax'],
    ['1.', 'syntax'],
    ['.5', 'syntax'],
    ['1e', 'syntax'],
    ['0x10', 'syntax'],
    ['1_000', 'syntax'],
    ['\u0661', 'syntax'],
  ])('%s: %s', (text, code) => {
    expect(codeOf(text)).toBe(code);
  });

  test('equal numbers in other forms are read as one value', () => {
    expect(parseStrictJson('[1, 1.0, 10e-1, 0.1e1]')).toEqual([1, 1, 1, 1]);
  });

  test('a long run of zeros is judged in linear time and by value', () => {
    expect(codeOf(`0.${'0'.repeat(30_000)}1${'0'.repeat(30_000)}`)).toBe('number_not_exact');
    expect(parseStrictJson(`1.${'0'.repeat(60_000)}`)).toBe(1);
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

describe('a member that could reach a prototype is refused', () => {
  test.each(['__proto__', 'constructor', 'prototype', String.raw`\u005f_proto__`])('%s', (name) => {
    expect(codeOf(`{"a":{"${name}":{"isAdmin":true}}}`)).toBe('forbidden_member');
  });

  test('toJSON is only data', () => {
    expect(parseStrictJson('{"toJSON":"x"}')).toEqual({ toJSON: 'x' });
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
const name = word.filter((text) => !['__proto__', 'constructor', 'prototype'].includes(text));
const number = fc
  .oneof(fc.integer(), fc.maxSafeInteger(), fc.double({ noNaN: true, min: -(2 ** 53 - 1), max: 2 ** 53 - 1 }))
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
    { numRuns: 500 },
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
    { numRuns: 1_000 },
  );
});
