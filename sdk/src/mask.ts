// Masked parameters: a commitment stands for each value that no approver is shown. Whoever has the value and its salt can make
// the commitment again, and nobody else can tell which value it is.
import { createHash } from 'node:crypto';
import {
  type ActionEnvelope,
  canonicalBytes,
  type JsonValue,
  type MaskedValue,
  type MaskedValues,
} from './canonical.ts';

/** The salts of masked parameters by name: 128 bits each, in base64url (RFC 4648 section 5). */
export type Salts = { readonly [name: string]: string };

/** 16 bytes in base64url, whose last character holds four bits. */
const SALT = /^[A-Za-z0-9_-]{21}[AQgw]$/;

/** True for the text form of a salt. */
export function isSalt(value: unknown): value is string {
  return typeof value === 'string' && SALT.test(value);
}

/**
 * What stands for a value under a salt: SHA-256 over the salt's 16 bytes and the value's canonical form (RFC 8785). Throws
 * TypeError for what is no salt, and StrictJsonError for what is no JSON.
 */
export function maskValue(value: JsonValue, salt: string): MaskedValue {
  if (!isSalt(salt)) throw new TypeError('a salt is 16 bytes in base64url');
  const canonical = canonicalBytes(value);
  const digest = createHash('sha256').update(Buffer.from(salt, 'base64url')).update(canonical).digest('hex');
  const text = typeof value === 'string' ? value : new TextDecoder().decode(canonical);
  return { commitment: `sha256:${digest}`, type: typeOf(value), length: [...text].length };
}

/**
 * The action without each parameter that has a salt, and what stands for its value (RFC 8785, FIPS 180-4). One that is not there
 * stays away. Throws as maskValue does.
 */
export function maskAction(
  envelope: ActionEnvelope,
  salts: Salts,
): { readonly envelope: ActionEnvelope; readonly masked: MaskedValues } {
  const { action, resource, parameters } = envelope;
  const isMasked = ([name]: readonly [string, JsonValue]) => Object.hasOwn(salts, name);
  const members = Object.entries(parameters);
  const open = Object.fromEntries(members.filter((member) => !isMasked(member)));
  const masked = members
    .filter(isMasked)
    .map(([name, value]): [string, MaskedValue] => [name, maskValue(value, salts[name] ?? '')]);
  return { envelope: { action, resource, parameters: open }, masked: Object.fromEntries(masked) };
}

function typeOf(value: JsonValue): MaskedValue['type'] {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return typeof value as 'string' | 'number' | 'boolean' | 'object';
}

/** The salts in the answer to an ask; only that one and its repeats have them. */
export function saltsOf({
  masked,
}: {
  readonly masked?: { readonly [name: string]: { readonly salt: string | null } } | null;
}): Salts {
  const salts = Object.entries(masked ?? {}).flatMap(([name, { salt }]) => (salt === null ? [] : [[name, salt]]));
  return Object.fromEntries(salts) as Salts;
}
