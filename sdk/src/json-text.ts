// Judges text before it is read as JSON: encoding, size and characters. Pure.
import { StrictJsonError } from './json.ts';

const BYTE_ORDER_MARK = 0xfeff;
const DECODER = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
/** Most texts are of these characters alone, and none of them is a fault: one test spares the walk. */
const PLAIN = /^[\x20-\x7e\t\n\r]*$/;

/** The text of a document, decoded if need be; throws StrictJsonError when it is too large or no well-formed Unicode. */
export function readableText(raw: string | Uint8Array, bytesMax: number): string {
  return typeof raw === 'string' ? checkText(raw, bytesMax) : decode(raw, bytesMax);
}

function decode(bytes: Uint8Array, bytesMax: number): string {
  if (bytes.length > bytesMax) throw new StrictJsonError('too_large', []);
  let text: string;
  try {
    text = DECODER.decode(bytes);
  } catch {
    throw new StrictJsonError('invalid_utf8', []);
  }
  if (text.charCodeAt(0) === BYTE_ORDER_MARK) throw new StrictJsonError('byte_order_mark', []);
  return text;
}

function checkText(text: string, bytesMax: number): string {
  // A UTF-16 unit takes at least one byte of UTF-8, so the cheap test comes before the encoding.
  if (text.length > bytesMax || new TextEncoder().encode(text).length > bytesMax)
    throw new StrictJsonError('too_large', []);
  if (text.charCodeAt(0) === BYTE_ORDER_MARK) throw new StrictJsonError('byte_order_mark', []);
  // Checked on the raw text too: an escaped half beside a raw half would look like a whole pair once decoded.
  if (characterFault(text) === 'lone_surrogate') throw new StrictJsonError('lone_surrogate', []);
  return text;
}

/** Names the first code point that I-JSON, or a PostgreSQL text, cannot hold: a surrogate, a noncharacter or NUL. */
export function characterFault(text: string): 'lone_surrogate' | 'forbidden_character' | undefined {
  if (PLAIN.test(text)) return undefined;
  let fault: 'forbidden_character' | undefined;
  for (const character of text) {
    const point = character.codePointAt(0) ?? 0;
    if (point >= 0xd800 && point <= 0xdfff) return 'lone_surrogate';
    const isNoncharacter = (point >= 0xfdd0 && point <= 0xfdef) || (point & 0xfffe) === 0xfffe;
    if (point === 0 || isNoncharacter) fault = 'forbidden_character';
  }
  return fault;
}
