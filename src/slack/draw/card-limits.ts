// What a card of Slack holds, and whether all of a request fits it: one answer for what draws the card and for the use case that
// makes a longer one be opened first. Pure.

import { contentText, oneLine } from '../../domain/request/display.ts';
import type { Action, ApprovalRequest } from '../../domain/request/request.ts';

/** A card holds 10,000 characters in all blocks together (Slack folds and cuts beyond); the content gets a fifth. */
export const CARD_CONTENT_CHARACTERS_MAX = 2_000;
/** 2,000 characters that each escape to five would leave no space for the rest of the card. */
const CARD_CONTENT_LENGTH_MAX = 4_000;
/** Past this many lines a reader scrolls and the end is out of sight. */
export const CARD_CONTENT_LINES_MAX = 30;
/** A header holds 150 characters; the rest of it is ours ("Cancelled: " is the longest). */
export const CARD_TITLE_LENGTH_MAX = 135;
/** A field that a reader takes in at a glance; Slack's own limit is 2,000. */
export const CARD_FIELD_LENGTH_MAX = 600;
/** Our own words between action and resource, and around scopes, audience and lifetime. */
const TITLE_WORDS_LENGTH = 4;
const CREDENTIAL_WORDS_LENGTH = 70;

/** True when the card shows all that an approval would be for; else only the modal that shows all of it may approve. */
export function fitsCard(input: Pick<ApprovalRequest, 'credential' | 'presentation'> & Action): boolean {
  const { action, resource, credential, presentation } = input;
  const named = lengthOf(oneLine(action)) + lengthOf(oneLine(resource)) + TITLE_WORDS_LENGTH;
  // Under a heading of the policy's they stand in a field of their own.
  const hasField = presentation?.title != null;
  const field = credential === null ? '' : oneLine(`${credential.scopes.join(' ')}${credential.audience}`);
  return (
    isShort(contentText(input)) &&
    named <= (hasField ? CARD_FIELD_LENGTH_MAX : CARD_TITLE_LENGTH_MAX) &&
    lengthOf(field) + CREDENTIAL_WORDS_LENGTH <= CARD_FIELD_LENGTH_MAX
  );
}

/** True when this content, as shown, fits the card whole. */
export function isShort(text: string): boolean {
  const hasFewLines = text.split('\n').length <= CARD_CONTENT_LINES_MAX;
  return hasFewLines && [...text].length <= CARD_CONTENT_CHARACTERS_MAX && lengthOf(text) <= CARD_CONTENT_LENGTH_MAX;
}

/** Length as Slack counts it at worst: code points after escaping. */
export function lengthOf(text: string): number {
  let length = 0;
  for (const character of text) length += widthOf(character);
  return length;
}

/** Characters that one code point takes once Slack has escaped it. */
export function widthOf(character: string): number {
  if (character === '&') return 5;
  return character === '<' || character === '>' ? 4 : 1;
}
