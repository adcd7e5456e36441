// What would run, as the card and the Review modal show it: a head, all of it in parts, and warnings. Pure.
// One answer to "does the card show all of it?", so that no card holds Approve over something it hides.

import {
  contentText,
  counted,
  countHidden,
  hasRightToLeft,
  mixedScriptWords,
  oneLine,
  showLookalikes,
} from '../../domain/request/display.ts';
import type { CardRecord } from '../../domain/request/record.ts';
import type { ApprovalRequest } from '../../domain/request/request.ts';
import { fitsCard, isShort, lengthOf, widthOf } from './card-limits.ts';
import { cut, listed, short } from './text.ts';

/** The head of content that does not fit: enough to see what it is about. */
const HEAD_LENGTH_MAX = 1_200;
const HEAD_LINES_MAX = 15;
/** A text object holds 3,000 characters. */
const PART_LENGTH_MAX = 2_900;
const SUSPECT_WORD_LENGTH_MAX = 40;
const DIGEST_PREFIX_CHARACTERS = 'sha256:'.length + 12;

/** True when the card shows everything that the approval would be for; else only the Review modal holds Approve. */
export function isShownWhole({ request }: Pick<CardRecord, 'request'>): boolean {
  return !request.needs_review && fitsCard(request);
}

/** The content for the card: all of it when it fits, else its head. */
export function cardContent({ request }: Pick<CardRecord, 'request'>): string {
  const text = contentText(request);
  return isShort(text) ? text : cut(text.split('\n').slice(0, HEAD_LINES_MAX).join('\n'), HEAD_LENGTH_MAX);
}

/** What the card says when it does not show everything, or null. */
export function hiddenNotice(record: Pick<CardRecord, 'request'>): string | null {
  if (isShownWhole(record)) return null;
  const text = contentText(record.request);
  // The button goes with the end of the request.
  const where = record.request.state === 'pending' ? 'Review shows all of it.' : 'The record holds all of it.';
  if (isShort(text)) return `Not everything fits here. ${where}`;
  return `Only the beginning of ${counted([...text].length, 'character')} is shown here. ${where}`;
}

/** Warnings about characters and words that look like something else; each is one sentence. */
export function warningsOf(request: ApprovalRequest): string[] {
  const raw = [request.action, request.resource, JSON.stringify(request.parameters), request.justification ?? ''];
  const hidden = raw.reduce((sum, text) => sum + countHidden(text), 0);
  const words = raw.flatMap((text) => mixedScriptWords(text)).slice(0, 10);
  const warnings: string[] = [];
  if (hidden > 0) warnings.push(`Warning: contains ${counted(hidden, 'hidden character')}, shown as \\u{…}.`);
  if (words.length > 0) {
    const shown = listed(words.map((word) => `“${short(showLookalikes(word), SUSPECT_WORD_LENGTH_MAX)}”`));
    warnings.push(`Warning: letters of two alphabets in one word, which may look like another word: ${shown}.`);
  }
  if (raw.some(hasRightToLeft)) {
    warnings.push(
      'Warning: letters that run from right to left, so words may stand in another order than they are in.',
    );
  }
  return warnings;
}

/** "sha256:ab12cd34ef56", enough to compare by eye with Home, the modal and the log. */
export function digestPrefix(request: ApprovalRequest): string {
  return request.digest.slice(0, DIGEST_PREFIX_CHARACTERS);
}

/** "What will run (3 parameters)". What was approved may have run by now, or not; what was not approved never runs. */
export function contentLabel(request: ApprovalRequest): string {
  const count = Object.keys({ ...request.parameters, ...request.masked }).length;
  return `${tenseOf(request)} (${count === 0 ? 'no parameters' : counted(count, 'parameter')})`;
}

function tenseOf({ state }: ApprovalRequest): string {
  if (state === 'pending') return 'What will run';
  return state === 'approved' ? 'What was approved' : 'What would have run';
}

/** The text in parts that each fit one text object, cut at line ends where there are some. Nothing is left out. */
export function partsOf(text: string): string[] {
  const parts: string[] = [];
  let part = '';
  let length = 0;
  for (const line of text.split(/(?<=\n)/)) {
    const width = lengthOf(line);
    if (length + width > PART_LENGTH_MAX && part !== '') {
      parts.push(part);
      part = '';
      length = 0;
    }
    if (width <= PART_LENGTH_MAX) {
      part += line;
      length += width;
    } else {
      parts.push(...brokenLine(line));
    }
  }
  return part === '' ? parts : [...parts, part];
}

function brokenLine(line: string): string[] {
  const parts: string[] = [];
  let part = '';
  let length = 0;
  for (const character of line) {
    if (length + widthOf(character) > PART_LENGTH_MAX) {
      parts.push(part);
      part = '';
      length = 0;
    }
    part += character;
    length += widthOf(character);
  }
  return part === '' ? parts : [...parts, part];
}

/** Foreign text of several lines, cut to a few of them; empty ones do not count and are left out. */
export function excerpt(text: string, limits: { characters: number; lines: number }): string {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const kept = lines.slice(0, limits.lines).map(oneLine).join('\n');
  return cut(lines.length > limits.lines ? `${kept}…` : kept, limits.characters);
}
