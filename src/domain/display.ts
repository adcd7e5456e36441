// What an approver is shown: text with hidden characters made visible, and whether all of it fits the card.
// Pure, and shared by the door that draws and the rule that refuses, so that both mean the same content.

import type { Action, JsonObject, JsonValue } from './request.ts';

/** A card holds 10,000 characters in all blocks together (Slack folds and cuts beyond); the content gets a fifth. */
export const CARD_CONTENT_CHARACTERS_MAX = 2_000;
/** Past this many lines a reader scrolls and the end is out of sight. */
export const CARD_CONTENT_LINES_MAX = 30;

/**
 * What a reader does not see, or sees elsewhere than it stands: controls but tab and line feed, format and
 * bidirectional characters, fillers, joiners, variation selectors, tags, line separators, private and unassigned ones,
 * the empty Braille cell.
 */
const HIDDEN = /(?![\t\n])[\p{C}\p{Default_Ignorable_Code_Point}\p{Zl}\p{Zp}\u2800]/gu;

const WORD = /[\p{L}\p{N}._-]+/gu;
const LATIN = /\p{Script=Latin}/u;
const LATIN_LOOKALIKE = /[\p{Script=Cyrillic}\p{Script=Greek}]/u;
const MIXED_SCRIPT_WORDS_MAX = 10;

/** The text with each hidden character as a visible escape such as `\u{202e}`. */
export function showHidden(text: string): string {
  return text.replace(HIDDEN, escaped);
}

/** Number of hidden characters in the text. */
export function countHidden(text: string): number {
  return text.match(HIDDEN)?.length ?? 0;
}

/** Words that mix Latin with Cyrillic or Greek letters, the usual homoglyph trick; the first ten. */
export function mixedScriptWords(text: string): readonly string[] {
  const words = text.match(WORD) ?? [];
  return words.filter((word) => LATIN.test(word) && LATIN_LOOKALIKE.test(word)).slice(0, MIXED_SCRIPT_WORDS_MAX);
}

/** The parameters as the approver reads them: JSON in canonical member order, hidden characters visible. */
export function contentText(action: Action): string {
  return showHidden(layOut(action.parameters, ''));
}

/** True when the whole content fits the card; else only the modal that shows all of it may approve. */
export function fitsCard(action: Action): boolean {
  const text = contentText(action);
  return [...text].length <= CARD_CONTENT_CHARACTERS_MAX && text.split('\n').length <= CARD_CONTENT_LINES_MAX;
}

/**
 * JSON as JSON.stringify lays it out with two spaces, but with members by UTF-16 code units as RFC 8785 orders them:
 * JavaScript itself would put members named like numbers first, and the screen would not show the digested order.
 */
function layOut(value: JsonValue, margin: string): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const inner = `${margin}  `;
  const [open, close, parts] = Array.isArray(value)
    ? (['[', ']', value.map((item) => layOut(item, inner))] as const)
    : ([
        '{',
        '}',
        membersOf(value as JsonObject).map(([name, member]) => `${JSON.stringify(name)}: ${layOut(member, inner)}`),
      ] as const);
  return parts.length === 0 ? `${open}${close}` : `${open}\n${inner}${parts.join(`,\n${inner}`)}\n${margin}${close}`;
}

function membersOf(value: JsonObject): (readonly [string, JsonValue])[] {
  return Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
}

function escaped(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}
