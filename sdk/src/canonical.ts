// The public, pure half of the SDK: strict JSON in, canonical bytes (RFC 8785) out. What is digested is made here and
// nowhere else, on the server and in the tool alike. No node: modules, so that any runtime can load it.
import canonicalize from 'canonicalize';
import { JSON_LIMITS, type JsonLimits, type JsonValue, StrictJsonError } from './json.ts';
import { characterFault } from './json-text.ts';
import { parseStrictJson } from './strict-json.ts';

export { ADVICE, type JsonLimits, type JsonValue, type StrictJsonCode, StrictJsonError } from './json.ts';
export { parseStrictJson } from './strict-json.ts';

/** What an approval is about; the digest covers these three and nothing else. */
export type ActionEnvelope = {
  /** Begins with a letter, a digit or `_`; holds only A-Z, a-z, 0-9 and `_ . : -`; at most 200 characters. */
  readonly action: string;
  /** Any text without control characters that neither begins nor ends with a space; at most 500 characters. */
  readonly resource: string;
  readonly parameters: { readonly [name: string]: JsonValue };
};

/** What stands for a masked parameter: a commitment to its value, and what a person may know of it. */
export type MaskedValue = {
  /** `sha256:…` over the salt and the value's canonical form. */
  readonly commitment: string;
  readonly type: 'string' | 'number' | 'boolean' | 'null' | 'array' | 'object';
  /** Characters of a text; of any other value, those of its canonical form. */
  readonly length: number;
};
export type MaskedValues = { readonly [name: string]: MaskedValue };

/** Keeps these bytes apart from anything else that is ever hashed or signed. */
const ACTION_DOMAINS = { 1: 'placet/action/v1\n', 2: 'placet/action/v2\n' } as const;

/** Twice what the strict reader lets in; also the end of a value that contains itself. */
const VALUE_DEPTH_MAX = 2 * JSON_LIMITS.depthMax;

/**
 * Numbers may grow by becoming canonical: `1e20` (4 bytes) has 21 digits there. The API takes up to 128 KiB of canonical form,
 * and the envelope adds one member, `v`, and where values are masked `masked` with four for each.
 */
const actionLimits = (masked: number): Partial<JsonLimits> => ({
  bytesMax: 4 * JSON_LIMITS.bytesMax,
  membersMax: JSON_LIMITS.membersMax + 1 + (masked === 0 ? 0 : 1 + 4 * masked),
});

/**
 * The canonical form (RFC 8785) of a JSON value, as UTF-8. Throws StrictJsonError for what is no JSON value: undefined, NaN, a
 * Date, a cycle (`not_json`, `too_deep`), half a surrogate pair (`lone_surrogate`).
 */
export function canonicalBytes(value: JsonValue): Uint8Array {
  const text = canonicalize(copyJson(value, []));
  if (text === undefined) throw new StrictJsonError('not_json', []);
  return new TextEncoder().encode(text);
}

/**
 * The bytes whose SHA-256 is an action's digest: `placet/action/v1`, a line feed, then the canonical form (RFC 8785) of `v`,
 * action, resource and parameters. Where parameters are masked, `v` is 2, as in the prefix, and `masked` says what stands for
 * them. Throws StrictJsonError where the approval API would refuse the action.
 */
export function actionBytes(envelope: ActionEnvelope, masked: MaskedValues = {}): Uint8Array {
  const { action, resource, parameters } = envelope;
  // A language model's arguments come as text; as such they would be another action than the one that runs.
  if (typeof parameters !== 'object' || parameters === null || Array.isArray(parameters)) {
    throw new StrictJsonError('not_an_object', ['parameters']);
  }
  const count = Object.keys(masked).length;
  const version = count === 0 ? 1 : 2;
  const more = version === 1 ? {} : { masked };
  const canonical = canonicalBytes({ v: version, action, resource, parameters, ...more });
  // What cannot be asked must not be digested either: the same reader judges both sides.
  parseStrictJson(canonical, actionLimits(count));
  const domain = new TextEncoder().encode(ACTION_DOMAINS[version]);
  const bytes = new Uint8Array(domain.length + canonical.length);
  bytes.set(domain);
  bytes.set(canonical, domain.length);
  return bytes;
}

/** Copies plain JSON data, reading each member once, so that no toJSON, getter or later change can alter what is written. */
function copyJson(value: unknown, path: readonly (string | number)[]): JsonValue {
  if (path.length > VALUE_DEPTH_MAX) throw new StrictJsonError('too_deep', path);
  if (value === null || typeof value === 'boolean') return value;
  if (typeof value === 'string') return checkString(value, path);
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  if (Array.isArray(value)) return Array.from(value, (item, index) => copyJson(item, [...path, index]));
  if (typeof value !== 'object' || !isPlain(value)) throw new StrictJsonError('not_json', path);
  const copy: { [name: string]: JsonValue } = Object.create(null);
  for (const [name, member] of Object.entries(value)) {
    copy[checkString(name, path)] = copyJson(member, [...path, name]);
  }
  return copy;
}

function checkString(text: string, path: readonly (string | number)[]): string {
  if (characterFault(text) === 'lone_surrogate') throw new StrictJsonError('lone_surrogate', path);
  return text;
}

/** An object literal of any realm: its prototype is absent or is itself the end of the chain. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
