// The heading of a card in the words of the policy: a text with places for what is asked. Pure. What an agent sends fills
// places and nothing else: a brace in a value opens none.

import { oneLine } from '../request/display.ts';
import type { JsonObject, JsonValue } from '../request/request.ts';

/** A header of 135 characters holds no more of use. */
export const TITLE_CHARACTERS_MAX = 120;
/** One long value must not push the others out of sight; all of it stands in the content. */
const VALUE_CHARACTERS_MAX = 60;
const ELLIPSIS = '…';
/** Said for a value that is not there, so that its absence is seen. */
const ABSENT = '(none)';

/** A place in a title: something that every request has, or the way to a parameter. */
export type TitlePlace =
  | { readonly of: 'action' | 'resource' | 'agent' | 'environment' }
  | { readonly path: readonly string[] };
export type Title = readonly (string | TitlePlace)[];

export type TitleInput = {
  readonly action: string;
  readonly resource: string;
  readonly agent: string;
  readonly environment: string;
  readonly parameters: JsonObject;
};

export type TitleReading =
  | { readonly kind: 'title'; readonly title: Title }
  /** Where in the text, in UTF-16 units from 0, and what is wrong there. */
  | { readonly kind: 'problem'; readonly offset: number; readonly message: string };

const PLAIN_PLACES = ['action', 'resource', 'agent', 'environment'] as const;
const PARAMETER_PLACE = /^parameters((?:\.[^.{}\s]+)+)$/;

/** Reads `Refund {parameters.amount} for {resource}`. A brace that stands for itself is not written. */
export function readTitle(text: string): TitleReading {
  if ([...text].length > TITLE_CHARACTERS_MAX)
    return { kind: 'problem', offset: 0, message: `longer than ${TITLE_CHARACTERS_MAX} characters` };
  const title: (string | TitlePlace)[] = [];
  let offset = 0;
  for (const piece of text.split(/(\{[^{}]*\})/)) {
    const place = piece.startsWith('{') && piece.endsWith('}') ? placeOf(piece.slice(1, -1)) : piece;
    if (place === null)
      return {
        kind: 'problem',
        offset,
        message: `${piece} is no place; write such as {parameters.amount} or {resource}`,
      };
    const brace = typeof place === 'string' ? place.search(/[{}]/) : -1;
    if (brace !== -1)
      return {
        kind: 'problem',
        offset: offset + brace,
        message: 'a brace opens or closes a place, such as {resource}',
      };
    if (place !== '') title.push(place);
    offset += piece.length;
  }
  return { kind: 'title', title };
}

/** The heading for one request, on one line with nothing hidden in it. */
export function fillTitle(title: Title, input: TitleInput): string {
  return title.map((part) => (typeof part === 'string' ? part : shown(valueAt(part, input)))).join('');
}

/** The parameters that a title shows, as member names from the outside in. */
export function parametersIn(title: Title): readonly (readonly string[])[] {
  return title.flatMap((part) => (typeof part === 'object' && 'path' in part ? [part.path] : []));
}

function placeOf(text: string): TitlePlace | null {
  const plain = PLAIN_PLACES.find((name) => name === text);
  if (plain !== undefined) return { of: plain };
  const path = PARAMETER_PLACE.exec(text)?.[1];
  return path === undefined ? null : { path: path.slice(1).split('.') };
}

function valueAt(place: TitlePlace, input: TitleInput): JsonValue | undefined {
  if ('of' in place) return input[place.of];
  return place.path.reduce<JsonValue | undefined>((value, name) => {
    const isMembers = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isMembers && Object.hasOwn(value, name) ? (value as JsonObject)[name] : undefined;
  }, input.parameters);
}

/** Words that end where they should: a number, a code, a name without spaces. */
const PLAIN = /^[\p{L}\p{N}+-][\p{L}\p{N}._:/@+#-]*$/u;

/** Whatever could be read as words of the title stands in quotes, which it cannot end: those within are escaped. */
function shown(value: JsonValue | undefined): string {
  if (value === undefined) return ABSENT;
  if (typeof value !== 'string') return short(oneLine(JSON.stringify(value)));
  const text = oneLine(value);
  return PLAIN.test(text) ? short(text) : `"${short(oneLine(JSON.stringify(value)).slice(1, -1))}"`;
}

function short(text: string): string {
  const characters = [...text];
  if (characters.length <= VALUE_CHARACTERS_MAX) return text;
  return `${characters.slice(0, VALUE_CHARACTERS_MAX - 1).join('')}${ELLIPSIS}`;
}
