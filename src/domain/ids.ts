// Prefixed, sortable, random ids. Takes time and random bytes as data; makes neither.

export const ID_PREFIXES = {
  request: 'apr',
  decision: 'dec',
  grant: 'grt',
  lease: 'lse',
  agent: 'agt',
  agentKey: 'agk',
  person: 'prs',
  group: 'grp',
  policy: 'pol',
  adminToken: 'tok',
  event: 'evt',
  message: 'msg',
} as const;

export type IdKind = keyof typeof ID_PREFIXES;

/** 128 bits, so that an id can serve as a `jti` (RFC 7519 section 4.1.7) that nobody can guess. */
export const ID_RANDOM_BYTES = 16;

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const TIME_BYTES = 6;
const BODY_CHARACTERS = 36;

/** An id of `kind`: prefix, then 48 bits of `now_ms` and 128 bits of `random` in Crockford base32. */
export function makeId(kind: IdKind, now_ms: number, random: Uint8Array): string {
  if (random.length !== ID_RANDOM_BYTES) throw new RangeError(`an id takes ${ID_RANDOM_BYTES} random bytes`);
  let bits = 0n;
  for (const byte of [...timeBytes(now_ms), ...random]) bits = (bits << 8n) | BigInt(byte);
  let body = '';
  for (let place = 0; place < BODY_CHARACTERS; place += 1) {
    body = (ALPHABET[Number(bits & 31n)] ?? '') + body;
    bits >>= 5n;
  }
  return `${ID_PREFIXES[kind]}_${body}`;
}

/** True when `text` has the form of an id of `kind`; says nothing about whether it exists. */
export function isId(kind: IdKind, text: string): boolean {
  return text.startsWith(`${ID_PREFIXES[kind]}_`) && /^[a-z]{3}_[0-9a-hjkmnp-tv-z]{36}$/.test(text);
}

function timeBytes(now_ms: number): number[] {
  return Array.from({ length: TIME_BYTES }, (_, place) => Math.floor(now_ms / 256 ** (TIME_BYTES - 1 - place)) % 256);
}
