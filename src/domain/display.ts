// What an approver is shown: text with hidden characters made visible, and whether all of it fits the card.
// Pure, and shared by the door that draws and the rule that refuses, so that both mean the same content.

import type { Action, JsonValue } from './request.ts';

/** A card holds 10,000 characters in all blocks together (Slack folds and cuts beyond); the content gets a fifth. */
export const CARD_CONTENT_CHARACTERS_MAX = 2_000;
/** Past this many lines a reader scrolls and the end is out of sight. */
export const CARD_CONTENT_LINES_MAX = 30;

/** Controls but tab and line feed, fillers, zero-width and bidirectional characters, variation selectors, tags. */
const HIDDEN_RANGES: readonly (readonly [number, number])[] = [
  [0x00, 0x08],
  [0x0b, 0x1f],
  [0x7f, 0x9f],
  [0xad, 0xad],
  [0x34f, 0x34f],
  [0x61c, 0x61c],
  [0x115f, 0x1160],
  [0x17b4, 0x17b5],
  [0x180b, 0x180f],
  [0x200b, 0x200f],
  [0x2028, 0x202e],
  [0x2060, 0x206f],
  [0x3164, 0x3164],
  [0xfe00, 0xfe0f],
  [0xfeff, 0xfeff],
  [0xffa0, 0xffa0],
  [0xfff0, 0xfffb],
  [0x1d173, 0x1d17a],
  [0xe0000, 0xe0fff],
];

const WORD = /[\p{L}\p{N}._-]+/gu;
const LATIN = /\p{Script=Latin}/u;
const LATIN_LOOKALIKE = /[\p{Script=Cyrillic}\p{Script=Greek}]/u;
const MIXED_SCRIPT_WORDS_MAX = 10;

/** The text with each hidden character as a visible escape such as `\u{202e}`. */
export function showHidden(text: string): string {
  return [...text].map((character) => (isHidden(character) ? escaped(character) : character)).join('');
}

/** Number of hidden characters in the text. */
export function countHidden(text: string): number {
  return [...text].filter(isHidden).length;
}

/** Words that mix Latin with Cyrillic or Greek letters, the usual homoglyph trick; the first ten. */
export function mixedScriptWords(text: string): readonly string[] {
  const words = text.match(WORD) ?? [];
  return words.filter((word) => LATIN.test(word) && LATIN_LOOKALIKE.test(word)).slice(0, MIXED_SCRIPT_WORDS_MAX);
}

/** The parameters as the approver reads them: JSON with two spaces, canonical member order, hidden characters visible. */
export function contentText(action: Action): string {
  return showHidden(JSON.stringify(sorted(action.parameters), null, 2));
}

/** True when the whole content fits the card; else only the modal that shows all of it may approve. */
export function fitsCard(action: Action): boolean {
  const text = contentText(action);
  return [...text].length <= CARD_CONTENT_CHARACTERS_MAX && text.split('\n').length <= CARD_CONTENT_LINES_MAX;
}

/** Members by UTF-16 code units, as RFC 8785 orders them, so that the screen shows the digested order. */
function sorted(value: JsonValue): JsonValue {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map(sorted);
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return Object.fromEntries(members.map(([name, member]) => [name, sorted(member)]));
}

function isHidden(character: string): boolean {
  const point = character.codePointAt(0) ?? 0;
  return HIDDEN_RANGES.some(([from, to]) => point >= from && point <= to);
}

function escaped(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}
