// Guards the numbers of strict JSON: each is taken whose decimal value every reader reads, however it is written.
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseStrictJson, StrictJsonError } from '../src/canonical.ts';

const codeOf = (raw: string): string => {
  try {
    parseStrictJson(raw);
    return 'accepted';
  } catch (error) {
    if (!(error instanceof StrictJsonError)) throw error;
    return error.code;
  }
};

describe('a number that some reader would take for another one is refused, all others are taken', () => {
  test.each([
    ['9007199254740991', 'accepted'],
    ['-9007199254740991', 'accepted'],
    ['9007199254740992', 'accepted'],
    ['9007199254740994', 'accepted'],
    ['9007199254740993', 'number_out_of_range'],
    ['-9007199254740992', 'accepted'],
    ['-9007199254740993', 'number_out_of_range'],
    ['9007199254740991.5', 'number_out_of_range'],
    ['1e16', 'accepted'],
    ['10000000000000000', 'accepted'],
    ['10000000000000001', 'number_out_of_range'],
    ['4.50', 'accepted'],
    ['1e21', 'accepted'],
    ['1000000000000000000000', 'accepted'],
    ['6.02214076e+23', 'accepted'],
    ['602214076000000000000000', 'accepted'],
    ['602214076000000000000001', 'number_out_of_range'],
    ['1E30', 'accepted'],
    ['2e-3', 'accepted'],
    ['0.000000000000000000000000001', 'accepted'],
    ['333333333.33333329', 'number_not_exact'],
    ['333333333.3333333', 'accepted'],
    ['1152921504606846976', 'number_out_of_range'],
    ['1152921504606847000', 'accepted'],
    ['18446744073709551615', 'number_out_of_range'],
    ['123456789012345678', 'number_out_of_range'],
    ['1.7976931348623157e308', 'accepted'],
    ['1.7976931348623158e308', 'number_out_of_range'],
    ['1.7976931348623159e308', 'number_out_of_range'],
    ['2.2250738585072014e-308', 'accepted'],
    ['9.999999999999997e22', 'accepted'],
    ['1e23', 'accepted'],
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
    ['-0', 'accepted'],
    ['-0.0', 'accepted'],
    ['-0e5', 'accepted'],
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
    // By toBe, to which minus zero is another one.
    for (const text of ['0', '-0', '-0.0', '-0e5', '0e-9']) expect(parseStrictJson(text)).toBe(0);
  });

  test('a long run of zeros is judged in linear time and by value', () => {
    expect(codeOf(`0.${'0'.repeat(30_000)}1${'0'.repeat(30_000)}`)).toBe('number_not_exact');
    expect(parseStrictJson(`1.${'0'.repeat(60_000)}`)).toBe(1);
  });
});

test('a number is accepted exactly when its decimal value is that of the shortest form of its double', () => {
  /** The value of a decimal text as a fraction of whole numbers, by other means than the reader's. */
  const fraction = (text: string): [bigint, bigint] => {
    const [, sign = '', whole = '', part = '', power = '0'] =
      /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text) ?? [];
    const exponent = BigInt(power) - BigInt(part.length);
    const digits = BigInt(`${sign}${whole}${part}`);
    return exponent >= 0n ? [digits * 10n ** exponent, 1n] : [digits, 10n ** -exponent];
  };
  const isSame = (one: string, other: string) => {
    const [[a, b], [c, d]] = [fraction(one), fraction(other)];
    return a * d === c * b;
  };
  const digits = fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: 1, maxLength: 24 });
  const written = fc
    .tuple(
      digits.map((text) => text.replace(/^0+(?=\d)/, '')),
      fc.option(digits),
      fc.option(fc.integer({ min: -40, max: 40 })),
    )
    .map(([whole, part, power]) => `${whole}${part === null ? '' : `.${part}`}${power === null ? '' : `e${power}`}`);
  const double = fc.double({ noNaN: true, noDefaultInfinity: true, min: 0 }).map((value) => String(Math.abs(value)));
  const signed = fc.tuple(fc.constantFrom('', '-'), fc.oneof(written, double)).map((parts) => parts.join(''));
  fc.assert(
    fc.property(signed, (text) => {
      expect([text, codeOf(text) === 'accepted']).toEqual([text, isSame(text, String(Number(text)))]);
    }),
    { numRuns: 2_000 },
  );
});
