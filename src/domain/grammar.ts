// What the names of actions, resources, agents and environments are made of: written once, and used at every door. Pure.

export type NameKind = 'action' | 'resource' | 'agent' | 'environment' | 'label';

export type Grammar = {
  /** Classes of a regular expression without flags, so that a schema may pass them on to any reader. */
  readonly first: string;
  readonly inner: string;
  readonly last: string;
  /** UTF-16 units, as the API counts them. */
  readonly characters_max: number;
  /** Completes "must" and "an action must": what a person is told. */
  readonly says: string;
};

/** Controls, DEL and C1; and the noncharacters of the basic plane, which strict JSON refuses with all others. */
const NO_LINE = '\\x00-\\x1f\\x7f-\\x9f\\ufdd0-\\ufdef\\ufffe\\uffff';

export const GRAMMARS: Readonly<Record<NameKind, Grammar>> = {
  action: {
    first: '[A-Za-z0-9_]',
    inner: '[A-Za-z0-9_.:-]',
    last: '[A-Za-z0-9_.:-]',
    characters_max: 200,
    says: 'begin with a letter, a digit or _ and hold only A-Z, a-z, 0-9 and _ . : -',
  },
  // A space at either end is out of sight on a card, and a pattern is read without it.
  resource: {
    first: `[^\\s${NO_LINE}]`,
    inner: `[^${NO_LINE}]`,
    last: `[^\\s${NO_LINE}]`,
    characters_max: 500,
    says: 'hold no control characters and neither begin nor end with a space',
  },
  agent: {
    first: '[a-z0-9]',
    inner: '[a-z0-9._-]',
    last: '[a-z0-9._-]',
    characters_max: 63,
    says: 'begin with a-z or 0-9 and hold only a-z, 0-9 and . _ -',
  },
  environment: {
    first: '[a-z0-9]',
    inner: '[a-z0-9-]',
    last: '[a-z0-9-]',
    characters_max: 63,
    says: 'begin with a-z or 0-9 and hold only a-z, 0-9 and -',
  },
  // The name of a label, and its value.
  label: {
    first: '[A-Za-z0-9]',
    inner: '[A-Za-z0-9._-]',
    last: '[A-Za-z0-9._-]',
    characters_max: 63,
    says: 'begin with a letter or a digit and hold only A-Z, a-z, 0-9 and . _ -',
  },
};

/** The form of a whole name, but for its length. */
export function formOf(kind: NameKind): RegExp {
  const { first, inner, last } = GRAMMARS[kind];
  return new RegExp(inner === last ? `^${first}${inner}*$` : `^${first}(?:${inner}*${last})?$`);
}

const FORMS = Object.fromEntries(Object.keys(GRAMMARS).map((kind) => [kind, formOf(kind as NameKind)])) as Readonly<
  Record<NameKind, RegExp>
>;
const INNERS = Object.fromEntries(
  Object.entries(GRAMMARS).map(([kind, { inner }]) => [kind, new RegExp(`^${inner}+$`)]),
) as Readonly<Record<NameKind, RegExp>>;

/** No JSON that we read has half of a surrogate pair, or a noncharacter of any plane. */
const UNSAYABLE = /[\p{Cs}\p{Noncharacter_Code_Point}]/u;

/** True for a name that a request or an agent can have. */
export function isName(kind: NameKind, text: string): boolean {
  return text.length <= GRAMMARS[kind].characters_max && FORMS[kind].test(text) && !UNSAYABLE.test(text);
}

/** True when some name of this kind has the character. */
export function hasCharacter(kind: NameKind, character: string): boolean {
  return INNERS[kind].test(character) && !UNSAYABLE.test(character);
}

/** What a star becomes where nothing would not do: a letter that each kind of name may begin and end with. */
const FILLER = 'a';

/**
 * A name that the pattern matches, or null when no name does. Every star may stand for nothing, but one at either end may have to
 * stand for the first or the last character that a name needs.
 */
export function witnessOf(kind: NameKind, pattern: string): string | null {
  const fixed = pattern.replaceAll('*', '');
  const heads = pattern.startsWith('*') ? ['', FILLER] : [''];
  const tails = pattern.endsWith('*') ? ['', FILLER] : [''];
  const names = heads.flatMap((head) => tails.map((tail) => head + fixed + tail));
  return names.find((name) => isName(kind, name)) ?? null;
}
