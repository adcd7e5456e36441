// What an approver is shown: all of the content as text, with hidden characters made visible. Knows no screen and no card.

import { HIDDEN_CLASS, replaceHidden, withoutSpelledJoiners } from '../joiners.ts';
import { lookalikeOf } from '../lookalikes.ts';
import type { Action, JsonObject, JsonValue, MaskedValue, Presentation } from './request.ts';

/** Hidden characters, but for those that a text of several lines shows. Joiners that are spelling are none of it. */
const HIDDEN = new RegExp(`(?![\\t\\n])[${HIDDEN_CLASS}]`, 'gu');

/** How far a level of the layout stands in. */
const MARGIN = '  ';

const WORD = /[\p{L}\p{N}._-]+/gu;
const LATIN = /\p{Script=Latin}/u;
/** Alphabets that share half of their letters with Latin; in a Latin word any letter of theirs is one too many. */
const KIN = /[\p{Script=Cyrillic}\p{Script=Greek}]/u;
/** Japanese and Chinese are written with Latin words between, without a space. */
const AT_HOME = /[\p{ASCII}\p{Script=Latin}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u;
/** The scripts in use that run from right to left; JavaScript has no property for the direction itself. */
const RIGHT_TO_LEFT =
  /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\p{Script=Adlam}]/u;
const MIXED_SCRIPT_WORDS_MAX = 10;

/** The text with each hidden character as a visible escape such as `\u{202e}`. */
export function showHidden(text: string): string {
  return replaceHidden(text, HIDDEN, escaped);
}

/** Number of hidden characters in the text. */
export function countHidden(text: string): number {
  return withoutSpelledJoiners(text).match(HIDDEN)?.length ?? 0;
}

/** Words that mix Latin with letters of another script that look like it, the usual homoglyph trick; the first ten. */
export function mixedScriptWords(text: string): readonly string[] {
  const words = text.match(WORD) ?? [];
  return words.filter((word) => LATIN.test(word) && [...word].some(isForeign)).slice(0, MIXED_SCRIPT_WORDS_MAX);
}

/** The word with its foreign letters as escapes: the only way to see which of them look like Latin ones. */
export function showLookalikes(word: string): string {
  return Array.from(word, (character) => (isForeign(character) ? escaped(character) : character)).join('');
}

/** A letter or digit that a reader of a Latin word takes for one of its own. */
function isForeign(character: string): boolean {
  if (AT_HOME.test(character)) return false;
  return KIN.test(character) || /^[A-Za-z0-9]$/.test(lookalikeOf(character) ?? '');
}

/** True when letters that run from right to left may put what stands beside them in another order on the screen. */
export function hasRightToLeft(text: string): boolean {
  return RIGHT_TO_LEFT.test(text);
}

/** What is shown of a request: its action, in the order that the policy gives its parameters. */
export type Content = Action & { readonly presentation: Pick<Presentation, 'show'> | null };

/** The parameters as the approver reads them: JSON, hidden characters visible. Those of `show` first, then all others;
 * of masked ones only that they are there. */
export function contentText({ parameters, masked = {}, presentation }: Content): string {
  const shown = [
    ...Object.entries(parameters).map(([name, value]) => ({ name, text: layOut(value, MARGIN) })),
    // Without quotes, so that no text of an agent reads the same.
    ...Object.entries(masked).map(([name, value]) => ({ name, text: `(masked: ${maskedText(value)})` })),
  ];
  const first = presentation?.show ?? [];
  const rank = ({ name }: { readonly name: string }) => (first.includes(name) ? first.indexOf(name) : first.length);
  const ordered = shown.sort((a, b) => rank(a) - rank(b) || (a.name < b.name ? -1 : 1));
  if (ordered.length === 0) return '{}';
  const lines = ordered.map(({ name, text }) => `${MARGIN}${JSON.stringify(name)}: ${text}`);
  return showHidden(`{\n${lines.join(',\n')}\n}`);
}

const TYPE_WORDS: Readonly<Record<MaskedValue['type'], string>> = {
  string: 'text',
  number: 'number',
  boolean: 'true or false',
  null: 'nothing',
  array: 'list',
  object: 'members',
};

/** "text, 16 characters": all that a person is told of a masked value. */
function maskedText({ type, length }: MaskedValue): string {
  return `${TYPE_WORDS[type]}, ${counted(length, 'character')}`;
}

/** Foreign text on one line with nothing hidden in it: line feeds and tabs show as escapes too. */
export function oneLine(text: string): string {
  return showHidden(text).replaceAll('\n', '\\n').replaceAll('\t', '\\t');
}

/**
 * JSON as JSON.stringify lays it out with two spaces, but with members by UTF-16 code units as RFC 8785 orders them:
 * JavaScript itself would put members named like numbers first, and the screen would not show the digested order.
 * A text of several lines goes on below itself after each `\n`, so that a script reads as one.
 */
function layOut(value: JsonValue, margin: string): string {
  const inner = `${margin}  `;
  if (typeof value === 'string') return layOutText(value, inner);
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const [open, close, parts] = Array.isArray(value)
    ? (['[', ']', value.map((item) => layOut(item, inner))] as const)
    : ([
        '{',
        '}',
        membersOf(value as JsonObject).map(([name, member]) => `${JSON.stringify(name)}: ${layOut(member, inner)}`),
      ] as const);
  return parts.length === 0 ? `${open}${close}` : `${open}\n${inner}${parts.join(`,\n${inner}`)}\n${margin}${close}`;
}

/** The line break on the screen is layout, and stands after the escape of the one in the text. */
function layOutText(text: string, margin: string): string {
  return JSON.stringify(text).replace(/\\(.)(?!"$)/g, (pair, name) => (name === 'n' ? `${pair}\n${margin}` : pair));
}

function membersOf(value: JsonObject): (readonly [string, JsonValue])[] {
  return Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
}

function escaped(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}

/** "1 approval", "2 approvals", "18,204 characters". */
export function counted(count: number, noun: string): string {
  return `${count.toLocaleString('en-US')} ${noun}${count === 1 ? '' : 's'}`;
}
