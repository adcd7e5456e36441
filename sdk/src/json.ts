// The words of strict JSON: its values, its limits and its one error. Pure.

export type JsonValue =
  | null
  | boolean
  | number
  | string
  | readonly JsonValue[]
  | { readonly [name: string]: JsonValue };

export type StrictJsonCode =
  | 'invalid_utf8'
  | 'byte_order_mark'
  | 'syntax'
  | 'duplicate_member'
  | 'lone_surrogate'
  | 'forbidden_character'
  | 'number_out_of_range'
  | 'number_not_exact'
  | 'too_deep'
  | 'too_large'
  | 'too_many_members'
  | 'name_too_long'
  | 'not_json'
  | 'not_an_object';

/** Bounds on one document: UTF-8 bytes, open containers, object members in all, UTF-16 units of a member name. */
export type JsonLimits = { bytesMax: number; depthMax: number; membersMax: number; nameLengthMax: number };

/** An action that an approver must read in full is far smaller than any of these. */
export const JSON_LIMITS: JsonLimits = { bytesMax: 65_536, depthMax: 32, membersMax: 1_000, nameLengthMax: 256 };

/** Error paths go into answers and logs, so a document cannot fill them. */
const PATH_LENGTH_MAX = 256;

/**
 * What is wrong and what to do, for each code. A specification is cited only where it says so: sizes, NUL and the
 * numbers that another reader would change are our own limits.
 */
export const ADVICE: Readonly<Record<StrictJsonCode, string>> = {
  invalid_utf8: 'these bytes are no UTF-8 (RFC 7493 section 2.1): encode the text as UTF-8',
  byte_order_mark: 'a byte order mark comes first (RFC 8259 section 8.1): send the text without it',
  syntax: 'this is not JSON (RFC 8259): let a JSON library write it, without comments, NaN or Infinity',
  duplicate_member: 'this member stands here twice (RFC 7493 section 2.3): send it once',
  lone_surrogate: 'this text has half of a character (RFC 7493 section 2.1): cut texts between characters',
  forbidden_character: 'this text has NUL or a noncharacter: leave it out, or send the text encoded, such as in Base64',
  number_out_of_range: 'some readers would take this number for another one: send it as text, in quotes',
  number_not_exact: 'some readers would take this number for another one: send it as text, in quotes',
  too_deep: 'this is nested too deep: send fewer levels, or the inner ones as text',
  too_large: 'this is too large: send less, such as the digest of a large content',
  too_many_members: 'these are too many members: send fewer, such as a list instead of numbered names',
  name_too_long: 'the name of a member is too long: send a shorter one, and the long text as a value',
  not_json: 'this is no value of JSON: send a text, a number, true, false, null, a list or an object of these',
  not_an_object: 'this is not an object: parse the arguments first, such as with JSON.parse',
};

/** Text that is not strict I-JSON: `code` is stable, `path` a JSON Pointer (RFC 6901) to the place, cut at 256 characters. */
export class StrictJsonError extends Error {
  readonly code: StrictJsonCode;
  readonly path: string;
  constructor(code: StrictJsonCode, path: readonly (string | number)[]) {
    const whole = path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
    const pointer = whole.slice(0, PATH_LENGTH_MAX);
    super(`not strict JSON (${code})${pointer === '' ? '' : ` at ${pointer}`}: ${ADVICE[code]}`);
    this.name = 'StrictJsonError';
    this.code = code;
    this.path = pointer;
  }
}
