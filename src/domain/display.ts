// What an approver is shown: text with hidden characters made visible, and whether all of it fits the card.
// Pure, and shared by the door that draws and the rule that refuses, so that both mean the same content.

import type { Action, JsonValue } from './request.ts';

/** A card holds 10,000 characters in all blocks together (Slack folds and cuts beyond); the content gets a fifth. */
export const CARD_CONTENT_CHARACTERS_MAX = 2_000;
/** Past this many lines a reader scrolls and the end is out of sight. */
export const CARD_CONTENT_LINES_MAX = 30;

/** Bidirectional controls, zero-width and filler characters, tags, variation selectors, other controls but line feed and tab. */
const HIDDEN =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\u{1d173}-\u{1d17a}\u{e0000}-\u{e0fff}]/gu;

/** A word that mixes Latin with Cyrillic or Greek letters, the usual homoglyph trick. */
const MIXED_SCRIPT =
  /(?=[\p{L}\p{N}._-]*\p{Script=Latin})(?=[\p{L}\p{N}._-]*[\p{Script=Cyrillic}\p{Script=Greek}])[\p{L}\p{N}._-]+/gu;

/** The text with each hidden character as a visible escape such as `\u{202e}`. */
export function showHidden(text: string): string {
  return text.replace(HIDDEN, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}

/** Number of hidden characters in the text. */
export function countHidden(text: string): number {
  return [...text.matchAll(HIDDEN)].length;
}

/** Words that mix scripts, at most ten of them. */
export function mixedScriptWords(text: string): readonly string[] {
  return [...text.matchAll(MIXED_SCRIPT)].slice(0, 10).map((match) => match[0]);
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
