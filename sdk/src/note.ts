// Signed notes and checkpoints (C2SP signed-note, tlog-checkpoint) under Ed25519 keys: read, and made for whoever signs.
import { createHash, createPublicKey, verify } from 'node:crypto';
import { LogError } from './log-error.ts';
import { HASH_BYTES } from './merkle.ts';
import { isPublicKey } from './public-key.ts';

/** The type of Ed25519 signatures in a key of a note. */
const ED25519 = 0x01;
const KEY_ID_BYTES = 4;
const SIGNATURE_BYTES = 64;
/** A verifier takes sixteen at least; nobody needs more of ours. */
const SIGNATURES_MAX = 16;
const NOTE_CHARACTERS_MAX = 100_000;
/** The name of a log and its key: no space, no plus, nothing that would end a line. */
const NAME = /^[^\s+\p{Cc}]{1,200}$/u;
const SIGNATURE_LINE = /^— ([^\s+]+) ([A-Za-z0-9+/]+={0,2})$/u;
const SIZE = /^(?:0|[1-9]\d{0,15})$/;

/** The public key of a log, under its name. */
export type LogKey = { readonly name: string; readonly id: Buffer; readonly public_key: Buffer };

/** The key of that name; throws LogError `key_invalid`. */
export function logKey(name: string, public_key: Uint8Array): LogKey {
  // Under a key of small order any note is signed, by nobody.
  if (!NAME.test(name) || !isPublicKey(public_key)) throw new LogError('key_invalid');
  const typed = Buffer.concat([Buffer.of(ED25519), public_key]);
  const id = createHash('sha256').update(`${name}\n`).update(typed).digest().subarray(0, KEY_ID_BYTES);
  return { name, id, public_key: Buffer.from(public_key) };
}

/** A key as one line, `name+id+key`: what is handed out, and pinned. */
export function formatLogKey({ name, id, public_key }: LogKey): string {
  const typed = Buffer.concat([Buffer.of(ED25519), public_key]);
  return `${name}+${id.toString('hex')}+${typed.toString('base64')}`;
}

/** Reads such a line; throws LogError `key_invalid`, also where the id is not that of the key. */
export function parseLogKey(line: string): LogKey {
  const [name = '', id = '', ...rest] = line.trim().split('+');
  const typed = fromBase64(rest.join('+'));
  if (typed === null || typed[0] !== ED25519 || !isPublicKey(typed.subarray(1))) throw new LogError('key_invalid');
  const key = logKey(name, typed.subarray(1));
  if (key.id.toString('hex') !== id) throw new LogError('key_invalid');
  return key;
}

/** The text of a note that this key signed; throws LogError. Signatures of keys that nobody knows are passed over. */
export function openNote(note: string, key: LogKey): string {
  if (note.length > NOTE_CHARACTERS_MAX || hasControl(note)) throw new LogError('note_invalid');
  const end = note.lastIndexOf('\n\n');
  const lines = note.slice(end + 2).split('\n');
  if (end < 0 || lines.pop() !== '' || lines.length === 0 || lines.length > SIGNATURES_MAX)
    throw new LogError('note_invalid');
  const text = note.slice(0, end + 1);
  let isSigned = false;
  for (const line of lines) {
    const [, name, encoded = ''] = SIGNATURE_LINE.exec(line) ?? [];
    const bytes = fromBase64(encoded);
    if (name === undefined || bytes === null || bytes.length <= KEY_ID_BYTES) throw new LogError('note_invalid');
    if (name !== key.name || !bytes.subarray(0, KEY_ID_BYTES).equals(key.id)) continue;
    if (!isSignature(bytes.subarray(KEY_ID_BYTES), text, key)) throw new LogError('signature_invalid');
    // Ed25519 has one signature of a text: twice the same says that somebody was at it.
    if (isSigned) throw new LogError('note_invalid');
    isSigned = true;
  }
  if (!isSigned) throw new LogError('signature_missing');
  return text;
}

function isSignature(signature: Buffer, text: string, { public_key }: LogKey): boolean {
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: public_key.toString('base64url') };
  const key = createPublicKey({ key: jwk, format: 'jwk' });
  return signature.length === SIGNATURE_BYTES && verify(null, Buffer.from(text, 'utf8'), key, signature);
}

/** The note of a text with one signature under it. */
export function formatNote(text: string, { name, id }: LogKey, signature: Uint8Array): string {
  return `${text}\n— ${name} ${Buffer.concat([id, signature]).toString('base64')}\n`;
}

export type Checkpoint = { readonly origin: string; readonly size: number; readonly root: Buffer };

/** What is signed of a checkpoint. */
export function formatCheckpoint({ origin, size, root }: Checkpoint): string {
  return `${origin}\n${size}\n${root.toString('base64')}\n`;
}

/** The checkpoint that this key signed for the log of its name; throws LogError. More lines than three are not ours. */
export function openCheckpoint(note: string, key: LogKey): Checkpoint {
  const [origin = '', size = '', root = '', end, ...more] = openNote(note, key).split('\n');
  const hash = fromBase64(root);
  if (end !== '' || more.length > 0 || !SIZE.test(size) || hash?.length !== HASH_BYTES)
    throw new LogError('checkpoint_invalid');
  if (!Number.isSafeInteger(Number(size))) throw new LogError('checkpoint_invalid');
  if (origin !== key.name) throw new LogError('origin_mismatch');
  return { origin, size: Number(size), root: hash };
}

/** Standard base64 (RFC 4648 section 4) in its one form, or null. */
export function fromBase64(text: string): Buffer | null {
  const bytes = Buffer.from(text, 'base64');
  return bytes.length > 0 && bytes.toString('base64') === text ? bytes : null;
}

/** ASCII's control characters other than the end of a line: a note has none of them. */
function hasControl(text: string): boolean {
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit < 0x20 && unit !== 0x0a) return true;
  }
  return false;
}
