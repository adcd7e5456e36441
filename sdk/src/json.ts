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
  | 'negative_zero'
  | 'too_deep'
  | 'too_large'
  | 'too_many_members'
  | 'name_too_long'
  | 'forbidden_member'
  | 'not_json';

/** Bounds on one document: UTF-8 bytes, open containers, object members in all, UTF-16 units of a member name. */
export type JsonLimits = { bytesMax: number; depthMax: number; membersMax: number; nameLengthMax: number };

/** An action that an approver must read in full is far smaller than any of these. */
export const JSON_LIMITS: JsonLimits = { bytesMax: 65_536, depthMax: 32, membersMax: 1_000, nameLengthMax: 256 };

/** Error paths go into answers and logs, so a document cannot fill them. */
const PATH_LENGTH_MAX = 256;

/** Text that is not strict I-JSON: `code` is stable, `path` a JSON Pointer (RFC 6901) to the place, cut at 256 characters. */
export class StrictJsonError extends Error {
  readonly code: StrictJsonCode;
  readonly path: string;
  constructor(code: StrictJsonCode, path: readonly (string | number)[]) {
    const pointer = path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
    super(`not strict JSON: ${code}`);
    this.name = 'StrictJsonError';
    this.code = code;
    this.path = pointer.slice(0, PATH_LENGTH_MAX);
  }
}
