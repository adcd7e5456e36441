// Compares decimal texts by value, without floating point, to tell whether a JSON number survives becoming a double.
// Pure; takes only texts that already fit the JSON number grammar.

type Decimal = { digits: string; exponent: number };

/** Significant digits without zeros at either end, and the power of ten of the last digit; zero has no digits. */
function toDecimal(text: string): Decimal {
  const unsigned = text.startsWith('-') ? text.slice(1) : text;
  const [mantissa = '', power = '0'] = unsigned.toLowerCase().split('e');
  const [whole = '', fraction = ''] = mantissa.split('.');
  const digits = whole + fraction;
  let start = 0;
  let end = digits.length;
  // Loops and not /0+$/, which takes quadratic time on a long run of zeros.
  while (start < end && digits[start] === '0') start += 1;
  while (end > start && digits[end - 1] === '0') end -= 1;
  return { digits: digits.slice(start, end), exponent: Number(power) - fraction.length + (digits.length - end) };
}

/** True when the shortest text of the double `value` (what RFC 8785 writes) means the same number as `text`. */
export function isExactDecimal(text: string, value: number): boolean {
  if (text === String(value)) return true;
  const written = toDecimal(text);
  const kept = toDecimal(String(value));
  if (written.digits === '') return kept.digits === '';
  return written.digits === kept.digits && written.exponent === kept.exponent;
}
