// Receipts: the proof that one event stands in a log (C2SP tlog-proof), with the event and what its holder may see of it.
// Nothing in it is believed: the leaf is held against the signed root, each value against the leaf.
import { canonicalBytes, type JsonValue } from './canonical.ts';
import { type CommitmentInput, SALT_BYTES } from './commitment.ts';
import { sha256Digest } from './digest.ts';
import { type LogEvent, openLeaf } from './leaf.ts';
import { LogError } from './log-error.ts';
import { HASH_BYTES, hashLeaf, verifyInclusion } from './merkle.ts';
import { type Checkpoint, fromBase64, openCheckpoint, parseLogKey } from './note.ts';

const HEAD = 'c2sp.org/tlog-proof@v1';
const INDEX_LINE = /^index (0|[1-9]\d{0,15})$/;
const EXTRA = 'extra ';
/** A leaf and all of its values are some 300 KB at most, each written in base64 twice. */
const CHARACTERS_MAX = 1_000_000;
/** One hash a level, of a tree that no log will ever fill. */
const HASHES_MAX = 63;

/** A receipt, taken apart. */
export type Receipt = {
  readonly index: number;
  /** From the leaf's sibling up. */
  readonly proof: readonly Uint8Array[];
  /** The signed checkpoint, as the log gave it out. */
  readonly note: string;
  readonly leaf: Uint8Array;
  /** What may be shown of what the leaf commits to. */
  readonly values: readonly CommitmentInput[];
};

/** Writes a receipt: a tlog-proof whose extra line holds the leaf and the values, which its format lets applications add. */
export function formatReceipt({ index, proof, note, leaf, values }: Receipt): string {
  const shown = values.map(({ name, salt, value }) => [name, { salt: toBase64(salt), value: toBase64(value) }]);
  const extra = toBase64(canonicalBytes({ leaf: toBase64(leaf), values: Object.fromEntries(shown) }));
  return [HEAD, `${EXTRA}${extra}`, `index ${index}`, ...proof.map(toBase64), '', note].join('\n');
}

export type VerifiedReceipt = {
  readonly event: LogEvent;
  /** What was shown of what the event commits to. */
  readonly values: { readonly [name: string]: JsonValue };
  readonly index: number;
  readonly leaf_hash: Buffer;
  readonly checkpoint: Checkpoint;
};

/**
 * What a receipt proves with the log's public key alone: that this event stands in that log, at this place. Throws LogError for
 * anything else, such as one hash too many or a value that is not what the log commits to.
 */
export function verifyReceipt(text: string, { key }: { readonly key: string }): VerifiedReceipt {
  const trusted = parseLogKey(key);
  const { index, proof, note, leaf, values: shown } = readReceipt(text);
  const checkpoint = openCheckpoint(note, trusted);
  const leaf_hash = hashLeaf(leaf);
  verifyInclusion({ index, size: checkpoint.size, leaf_hash, proof, root: checkpoint.root });
  const { event, values } = openLeaf(leaf, shown);
  requireOwnDigest(shown, values);
  return { event, values, index, leaf_hash, checkpoint };
}

function readReceipt(text: string): Receipt {
  if (text.length > CHARACTERS_MAX) throw new LogError('receipt_invalid');
  const end = text.indexOf('\n\n');
  const [head, extra, index, ...hashes] = text.slice(0, end).split('\n');
  const [, place] = INDEX_LINE.exec(index ?? '') ?? [];
  const isFit = end > 0 && head === HEAD && extra?.startsWith(EXTRA) === true && hashes.length <= HASHES_MAX;
  if (!isFit || place === undefined) throw new LogError('receipt_invalid');
  const proof = hashes.map((line) => bytesOf(line, HASH_BYTES));
  return { index: Number(place), proof, note: text.slice(end + 2), ...readExtra(extra.slice(EXTRA.length)) };
}

function readExtra(encoded: string): Pick<Receipt, 'leaf' | 'values'> {
  const { leaf, values } = parseExtra(bytesOf(encoded));
  if (typeof leaf !== 'string' || !isObject(values)) throw new LogError('receipt_invalid');
  const shown = Object.entries(values).map(([name, held]) => {
    if (!isObject(held) || typeof held['salt'] !== 'string' || typeof held['value'] !== 'string')
      throw new LogError('receipt_invalid', name);
    return { name, salt: bytesOf(held['salt'], SALT_BYTES), value: bytesOf(held['value']) };
  });
  return { leaf: bytesOf(leaf), values: shown };
}

function parseExtra(bytes: Buffer): { readonly leaf?: unknown; readonly values?: unknown } {
  try {
    const extra: unknown = JSON.parse(bytes.toString('utf8'));
    return isObject(extra) ? extra : {};
  } catch (error) {
    throw new LogError('receipt_invalid', undefined, error);
  }
}

/** Whoever shows both the content and its digest shows that the one is of the other. */
function requireOwnDigest(shown: readonly CommitmentInput[], { digest }: VerifiedReceipt['values']): void {
  const content = shown.find(({ name }) => name === 'content')?.value;
  if (content === undefined || digest === undefined) return;
  const { v } = JSON.parse(Buffer.from(content).toString('utf8')) as { readonly v: unknown };
  const domain = Buffer.from(`placet/action/v${String(v)}\n`);
  if (sha256Digest(Buffer.concat([domain, content])) !== digest) throw new LogError('commitment_mismatch', 'content');
}

function bytesOf(encoded: string, length?: number): Buffer {
  const bytes = fromBase64(encoded);
  if (bytes === null || (length !== undefined && bytes.length !== length)) throw new LogError('receipt_invalid');
  return bytes;
}

function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}

function isObject(value: unknown): value is { readonly [name: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
