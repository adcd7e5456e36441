// Looks for a secret in a text in every coat that it may wear there. Knows no product.
import { constants, inflateRawSync } from 'node:zlib';

/** Enough of a secret to be one, when its ends are lost to the alignment of base64. */
const NEEDLE_CHARACTERS_MIN = 16;

/** The secret in UTF-8 and in UTF-16, each as it is and in base64, base64url, hex, percent-encoding and escapes. */
export function coatsOf(secret: string | Uint8Array): string[] {
  const coats = bytesOf(secret).flatMap(coatsOfBytes);
  const raw = typeof secret === 'string' ? [secret, encodeURIComponent(secret), ...escapesOf(secret)] : [];
  return [...new Set([...raw, ...coats])].filter((coat) => coat.length >= NEEDLE_CHARACTERS_MIN);
}

function bytesOf(secret: string | Uint8Array): Buffer[] {
  if (typeof secret !== 'string') return [Buffer.from(secret)];
  const little = Buffer.from(secret, 'utf16le');
  return [Buffer.from(secret), little, Buffer.from(little).swap16()];
}

/** Each character as JSON, JavaScript and HTML may write it. */
function escapesOf(text: string): string[] {
  const codes = [...text].map((character) => character.charCodeAt(0));
  const each = (write: (code: number) => string) => codes.map(write).join('');
  const hex = (code: number, length: number) => code.toString(16).padStart(length, '0');
  const upper = (code: number, length: number) => hex(code, length).toUpperCase();
  const json = (plain: string) => JSON.stringify(plain).slice(1, -1);
  return [
    ...[json(text), json(json(text))],
    ...[each((code) => `\\u${hex(code, 4)}`), each((code) => `\\u${upper(code, 4)}`)],
    ...[each((code) => `\\x${hex(code, 2)}`), each((code) => `\\x${upper(code, 2)}`)],
    ...[each((code) => `&#${code};`), each((code) => `&#x${hex(code, 2)};`), each((code) => `&#x${upper(code, 2)};`)],
  ];
}

function coatsOfBytes(bytes: Buffer): string[] {
  const aligned = [0, 1, 2].flatMap((before) => {
    const padded = Buffer.concat([Buffer.alloc(before), bytes]);
    // The first and last characters also hold bits of the neighbours.
    const inner = (text: string) => text.slice(Math.ceil((before * 8) / 6), Math.floor((padded.length * 8) / 6));
    return [inner(padded.toString('base64')), inner(padded.toString('base64url'))];
  });
  const hex = bytes.toString('hex');
  const percent = (hex.match(/../g) ?? []).map((byte) => `%${byte}`).join('');
  return [bytes.toString('latin1'), ...aligned, hex, hex.toUpperCase(), percent, percent.toUpperCase()];
}

/** Names of the secrets that stand in the text, whatever they wear, also within what is packed there. */
export function secretsIn(text: string, secrets: Readonly<Record<string, string | Uint8Array>>): string[] {
  const searched = [text, ...unpacked(text)];
  return Object.entries(secrets).flatMap(([name, secret]) =>
    coatsOf(secret).some((coat) => searched.some((each) => each.includes(coat))) ? [name] : [],
  );
}

/** How gzip begins whatever has no name of a file. */
const GZIP_MAGIC = Buffer.from([0x1f, 0x8b, 0x08, 0x00]);
const GZIP_HEADER_BYTES = 10;

/** What gzip packed into the hex and base64 of a text. */
function unpacked(text: string): string[] {
  const runs = text.match(/[\w+/-]{24,}/g) ?? [];
  return runs.flatMap((run) => {
    const hex = run.slice(run.search(/1f8b08/i));
    return [gunzip(Buffer.from(run, 'base64')), gunzip(Buffer.from(hex, 'hex'))].filter((found) => found !== '');
  });
}

/** What was packed; empty where it was not, and as much as there is where the end is missing. */
function gunzip(bytes: Buffer): string {
  const start = bytes.indexOf(GZIP_MAGIC);
  if (start === -1) return '';
  try {
    // Not gunzip: it refuses what is followed by other bytes.
    const packed = bytes.subarray(start + GZIP_HEADER_BYTES);
    return inflateRawSync(packed, { finishFlush: constants.Z_SYNC_FLUSH }).toString('utf8');
  } catch {
    return '';
  }
}

/** Everything in a value as one text; bytes as the characters that they encode, also in Buffers and protobuf's objects. */
export function textOf(value: unknown): string {
  if (value instanceof Uint8Array) return `${Buffer.from(value).toString('utf8')} ${gunzip(Buffer.from(value))}`;
  if (typeof value !== 'object' || value === null) return String(value);
  return Object.entries(value)
    .map(([name, member]) => `${name} ${textOf(member)}`)
    .join('\n');
}
