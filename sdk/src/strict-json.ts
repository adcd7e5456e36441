// Reads JSON text under the I-JSON rules (RFC 7493), so that every reader of an accepted text sees the same value.
// Pure: no node: modules and no JSON.parse, because a parser that forgives would have forgiven before this file looks.
import { isExactDecimal } from './decimal.ts';
import { JSON_LIMITS, type JsonLimits, type JsonValue, type StrictJsonCode, StrictJsonError } from './json.ts';
import { characterFault, readableText } from './json-text.ts';

type Cursor = {
  readonly text: string;
  readonly limits: JsonLimits;
  readonly path: (string | number)[];
  at: number;
  depth: number;
  members: number;
};

/**
 * Parses text or UTF-8 bytes as strict I-JSON (RFC 7493): no member twice, no number that a double would change. Throws
 * StrictJsonError with a `code` and the place, as a JSON Pointer (RFC 6901). `limits`: bytes, depth, members, length of a name.
 */
export function parseStrictJson(raw: string | Uint8Array, limits: Partial<JsonLimits> = {}): JsonValue {
  const all = { ...JSON_LIMITS, ...limits };
  const text = readableText(raw, all.bytesMax);
  const cursor: Cursor = { text, limits: all, path: [], at: 0, depth: 0, members: 0 };
  skipSpace(cursor);
  const value = readValue(cursor);
  skipSpace(cursor);
  if (cursor.at !== text.length) fail(cursor, 'syntax');
  return value;
}

function fail(cursor: Cursor, code: StrictJsonCode): never {
  throw new StrictJsonError(code, cursor.path);
}

function skipSpace(cursor: Cursor): void {
  for (; cursor.at < cursor.text.length; cursor.at += 1) {
    const unit = cursor.text.charCodeAt(cursor.at);
    if (unit !== 0x20 && unit !== 0x09 && unit !== 0x0a && unit !== 0x0d) return;
  }
}

function readValue(cursor: Cursor): JsonValue {
  switch (cursor.text[cursor.at]) {
    case '{':
      return readInside(cursor, readObject);
    case '[':
      return readInside(cursor, readArray);
    case '"':
      return readString(cursor);
    case 't':
      return readWord(cursor, 'true', true);
    case 'f':
      return readWord(cursor, 'false', false);
    case 'n':
      return readWord(cursor, 'null', null);
    default:
      return readNumber(cursor);
  }
}

function readWord<T>(cursor: Cursor, word: string, value: T): T {
  if (!cursor.text.startsWith(word, cursor.at)) fail(cursor, 'syntax');
  cursor.at += word.length;
  return value;
}

/** Steps into one container; the depth is checked before the call stack grows. */
function readInside<T>(cursor: Cursor, read: (cursor: Cursor) => T): T {
  cursor.depth += 1;
  if (cursor.depth > cursor.limits.depthMax) fail(cursor, 'too_deep');
  cursor.at += 1;
  skipSpace(cursor);
  const value = read(cursor);
  cursor.depth -= 1;
  return value;
}

/** Takes a comma and answers true, or takes the closing bracket and answers false. */
function hasMore(cursor: Cursor, close: '}' | ']'): boolean {
  skipSpace(cursor);
  const next = cursor.text[cursor.at];
  if (next !== ',' && next !== close) fail(cursor, 'syntax');
  cursor.at += 1;
  skipSpace(cursor);
  return next === ',';
}

function readArray(cursor: Cursor): JsonValue[] {
  const items: JsonValue[] = [];
  if (cursor.text[cursor.at] === ']') {
    cursor.at += 1;
    return items;
  }
  do {
    cursor.path.push(items.length);
    items.push(readValue(cursor));
    cursor.path.pop();
  } while (hasMore(cursor, ']'));
  return items;
}

function readObject(cursor: Cursor): { [name: string]: JsonValue } {
  const members: { [name: string]: JsonValue } = {};
  if (cursor.text[cursor.at] === '}') {
    cursor.at += 1;
    return members;
  }
  do {
    const name = readName(cursor);
    cursor.path.push(name);
    // Compared after unescaping: "amount" and "\u0061mount" are one name to every parser behind this one.
    if (Object.hasOwn(members, name)) fail(cursor, 'duplicate_member');
    addMember(members, name, readValue(cursor));
    cursor.path.pop();
  } while (hasMore(cursor, '}'));
  return members;
}

/** Every name is data: assigning to `__proto__` would set the prototype instead of a member. */
function addMember(members: { [name: string]: JsonValue }, name: string, value: JsonValue): void {
  if (name !== '__proto__') members[name] = value;
  else Object.defineProperty(members, name, { value, enumerable: true, configurable: true, writable: true });
}

function readName(cursor: Cursor): string {
  if (cursor.text[cursor.at] !== '"') fail(cursor, 'syntax');
  const name = readString(cursor);
  if (name.length > cursor.limits.nameLengthMax) fail(cursor, 'name_too_long');
  cursor.members += 1;
  if (cursor.members > cursor.limits.membersMax) fail(cursor, 'too_many_members');
  skipSpace(cursor);
  if (cursor.text[cursor.at] !== ':') fail(cursor, 'syntax');
  cursor.at += 1;
  skipSpace(cursor);
  return name;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};

function readString(cursor: Cursor): string {
  let value = '';
  cursor.at += 1;
  for (let from = cursor.at; ; ) {
    const unit = cursor.text.charCodeAt(cursor.at);
    // NaN (the end of the text) fails this test as well as a control character does.
    if (!(unit >= 0x20)) fail(cursor, 'syntax');
    if (unit === 0x22 || unit === 0x5c) value += cursor.text.slice(from, cursor.at);
    cursor.at += 1;
    if (unit === 0x22) break;
    if (unit === 0x5c) {
      value += readEscape(cursor);
      from = cursor.at;
    }
  }
  const fault = characterFault(value);
  if (fault) fail(cursor, fault);
  return value;
}

function readEscape(cursor: Cursor): string {
  const letter = cursor.text[cursor.at] ?? '';
  cursor.at += 1;
  if (letter !== 'u') return ESCAPES[letter] ?? fail(cursor, 'syntax');
  const hex = cursor.text.slice(cursor.at, cursor.at + 4);
  if (!/^[0-9a-fA-F]{4}$/.test(hex)) fail(cursor, 'syntax');
  cursor.at += 4;
  return String.fromCharCode(Number.parseInt(hex, 16));
}

function readNumber(cursor: Cursor): number {
  const grammar = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
  grammar.lastIndex = cursor.at;
  const text = grammar.exec(cursor.text)?.[0] ?? fail(cursor, 'syntax');
  cursor.at += text.length;
  const value = Number(text);
  // What counts is the value in decimals: 1e16 and 10000000000000000 are one number to everybody, 2^53 + 1 is not.
  // Minus zero is zero, as RFC 8785 writes it, so that nobody is given another one than was shown.
  if (Number.isFinite(value) && isExactDecimal(text, value)) return value === 0 ? 0 : value;
  return fail(cursor, Math.abs(value) > Number.MAX_SAFE_INTEGER ? 'number_out_of_range' : 'number_not_exact');
}
