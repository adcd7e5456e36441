// Text for Slack: measuring, cutting, escaping, and phrases that draw as rich text and as plain words. Pure.

import { counted, oneLine } from '../../domain/request/display.ts';
import { type Block, type Inline, type RichPart, richText } from './block-kit.ts';
import { lengthOf, widthOf } from './card-limits.ts';

/** A piece of a phrase: words, bold words, a moment in the reader's own time zone, a Slack account in brackets, or the name of a
 * user group or channel.
 * `at` goes after the word "at" and is the time alone; `due` names the day too. */
export type Part =
  | string
  | { readonly bold: string }
  | { readonly at: Date }
  | { readonly due: Date }
  | { readonly user: string }
  | { readonly user_group: string }
  | { readonly channel: string }
  | { readonly everyone: 'channel' };
export type Phrase = readonly Part[];

/** So long after the request a time alone may be that of another day. */
const SAME_DAY_HOURS = 20;

/** The phrase about a request that was made then: what happened on a later day is told with its day. */
export function withDays(phrase: Phrase, { created_at }: { readonly created_at: Date }): Phrase {
  const later_ms = created_at.getTime() + SAME_DAY_HOURS * 3_600_000;
  return phrase.map((part) =>
    typeof part === 'object' && 'at' in part && part.at.getTime() > later_ms ? { due: part.at } : part,
  );
}

const TIME_FORMAT = '{time}';
const DATE_FORMAT = '{date_short_pretty} {time}';
const ELLIPSIS = '…';

/** Slack's three control characters as entities, so that the text cannot become a mention or a link. */
export function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** The text within `max` characters, ending in an ellipsis when something was left out. Cuts on code points. */
export function cut(text: string, max: number): string {
  if (text.length <= max && lengthOf(text) <= max) return text;
  let kept = '';
  let length = 0;
  for (const character of text) {
    length += widthOf(character);
    if (length > max) return trimToFit(kept, max);
    kept += character;
  }
  return kept;
}

function trimToFit(kept: string, max: number): string {
  const characters = [...kept];
  while (lengthOf(characters.join('')) + ELLIPSIS.length > max && characters.length > 0) characters.pop();
  return characters.join('') + ELLIPSIS;
}

/** A bold label of ours and its value: nothing that stands in a value can look like another fact. */
export function fact(label: string, value: Part): Part[] {
  return [{ bold: label }, '  ', value];
}

/** A name or other short foreign text, on one line, within `max` characters. */
export function short(text: string, max: number): string {
  return cut(oneLine(text), max);
}

/** The moment in UTC, as mail, push and screen readers get it: `2026-11-21 14:30 UTC`. */
export function utc(at: Date): string {
  return `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** Foreign words in a phrase stay words. */
function inline(phrase: Phrase): Inline[] {
  return phrase.filter((part) => part !== '').flatMap(inlinePart);
}

function inlinePart(part: Part): Inline[] {
  if (typeof part === 'string') return [{ type: 'text', text: part }];
  if ('bold' in part) return [{ type: 'text', text: part.bold, style: { bold: true } }];
  if ('at' in part) return [dateElement(part.at, TIME_FORMAT)];
  if ('due' in part) return [dateElement(part.due, DATE_FORMAT)];
  if ('user_group' in part) return [{ type: 'usergroup', usergroup_id: part.user_group }];
  if ('channel' in part) return [{ type: 'channel', channel_id: part.channel }];
  if ('everyone' in part) return [{ type: 'broadcast', range: part.everyone }];
  return [
    { type: 'text', text: ' (' },
    { type: 'user', user_id: part.user },
    { type: 'text', text: ')' },
  ];
}

function dateElement(at: Date, format: string): Inline {
  return { type: 'date', timestamp: unix(at), format, fallback: utc(at) };
}

/** The phrase as one part of a rich text. */
export function section(phrase: Phrase): RichPart {
  return { type: 'rich_text_section', elements: inline(phrase) };
}

/** The same, set apart as somebody else's words. */
export function quote(phrase: Phrase): RichPart {
  return { type: 'rich_text_quote', elements: inline(phrase) };
}

/** The phrase as a block of its own. */
export function sentence(phrase: Phrase): Block {
  return richText(section(phrase));
}

/** The phrase as words for `text`, escaped, times in UTC; mentions are left out so that nobody is pinged. */
export function fallback(phrase: Phrase): string {
  return phrase.map(fallbackPart).join('');
}

function fallbackPart(part: Part): string {
  if (typeof part === 'string') return escaped(part);
  if ('bold' in part) return escaped(part.bold);
  if ('user' in part || 'everyone' in part) return '';
  if ('user_group' in part) return escaped(part.user_group);
  if ('channel' in part) return escaped(part.channel);
  return utc('at' in part ? part.at : part.due);
}

/** "a", "a and b", "a, b and c". */
export function listed(items: readonly string[], word = 'and'): string {
  if (items.length < 2) return items.join('');
  return `${items.slice(0, -1).join(', ')} ${word} ${items[items.length - 1] ?? ''}`;
}

/** "5 minutes", "90 seconds", "2 hours": the largest unit that divides the time. */
export function spokenDuration(seconds: number): string {
  if (seconds % 3_600 === 0) return counted(seconds / 3_600, 'hour');
  if (seconds % 60 === 0) return counted(seconds / 60, 'minute');
  return counted(seconds, 'second');
}

function unix(at: Date): number {
  return Math.floor(at.getTime() / 1_000);
}
