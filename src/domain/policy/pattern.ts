// What is wrong with a pattern that nothing can match, and what was probably meant. Pure.

import { GRAMMARS, hasCharacter, isName, type NameKind, witnessOf } from '../grammar.ts';
import { HIDDEN_CLASS } from '../joiners.ts';
import { describeCharacter, withoutLookalikes } from '../lookalikes.ts';

/** More alternatives than this are no slip of the pen. */
const ALTERNATIVES_MAX = 20;
/** A pattern in a message is for recognising it. */
const SHOWN_CHARACTERS_MAX = 100;

const QUOTES = /["'`´«»\u2018-\u201f\u2039\u203a\u300c-\u300f\uff02\uff07]/g;
const HIDDEN = new RegExp(`[${HIDDEN_CLASS}]`, 'gu');
const ARTICLE: Readonly<Record<NameKind, string>> = {
  action: 'an action',
  resource: 'a resource',
  agent: 'an agent',
  environment: 'an environment',
  label: 'a label',
};

/** Why no name of this kind can ever match the pattern, with what was probably meant; null when one can. */
export function patternFault(kind: NameKind, pattern: string): string | null {
  if (witnessOf(kind, pattern) !== null) return null;
  return [`matches no ${kind}: ${reasonOf(kind, pattern, '*')}`, adviceOn(kind, meantBy(kind, pattern), pattern)]
    .filter((part) => part !== null)
    .join('; ');
}

/** Why a text is no name of this kind, with what was probably meant; null when it is one. */
export function nameFault(kind: NameKind, text: string): string | null {
  if (isName(kind, text)) return null;
  const [meant = '', ...more] = meantBy(kind, text);
  const isClear = more.length === 0 && isName(kind, meant);
  return `${reasonOf(kind, text, '')}${isClear ? `; did you mean "${shown(meant)}"?` : ''}`;
}

function reasonOf(kind: NameKind, text: string, wildcard: '*' | ''): string {
  const { says, characters_max } = GRAMMARS[kind];
  const strange = [...text].find((character) => !hasCharacter(kind, character) && character !== wildcard);
  if (strange !== undefined) return `it has ${describeCharacter(strange)}, and ${ARTICLE[kind]} must ${says}`;
  const { length } = wildcard === '' ? text : text.replaceAll(wildcard, '');
  if (length > characters_max)
    return `${ARTICLE[kind]} has at most ${characters_max} characters, and these are ${length}`;
  const [start] = text;
  return start === undefined
    ? 'it is empty'
    : `it begins with ${describeCharacter(start)}, and ${ARTICLE[kind]} must ${says}`;
}

/** What to write instead, for whoever meant these; null when it is anybody's guess. */
export function adviceOn(kind: NameKind, meant: readonly string[], pattern: string): string | null {
  if (/^[!\u00ac]/.test(pattern)) return 'a pattern cannot say "not", so name what is meant';
  if (meant.length === 0) return null;
  const [first = ''] = meant;
  if (meant.length === 1) return `did you mean "${shown(first)}"?`;
  return kind === 'action' || kind === 'resource' || kind === 'label'
    ? `a pattern is one, so write a rule for each: ${meant.map((one) => `"${shown(one)}"`).join(', ')}`
    : `a pattern is one, so write a list: [${meant.map(shown).join(', ')}]`;
}

function shown(text: string): string {
  const characters = [...text];
  return characters.length <= SHOWN_CHARACTERS_MAX ? text : `${characters.slice(0, SHOWN_CHARACTERS_MAX).join('')}…`;
}

/** What somebody who writes this probably means, as patterns that can match; none when it is anybody's guess. */
export function meantBy(kind: NameKind, pattern: string): readonly string[] {
  const seen = pattern.replace(QUOTES, '').replace(HIDDEN, '').replaceAll('\u2026', '*');
  const plain = kind === 'resource' ? seen : withoutMarks(withoutLookalikes(seen));
  const meant = [...new Set(alternativesOf(plain.trim()).map((each) => spell(kind, withoutExpression(each))))];
  const isKnown = meant.every((each) => each !== '' && witnessOf(kind, each) !== null);
  return isKnown && meant.length <= ALTERNATIVES_MAX ? meant : [];
}

/** "cafe" for "café". */
function withoutMarks(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '');
}

/** The patterns that a list, a group of braces or a choice of a regular expression stands for; none when they are too many. */
function alternativesOf(text: string): string[] {
  const open = [text];
  const done: string[] = [];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const group = /\{([^{}]*)\}|\((?:\?:)?([^()]*)\)/.exec(next);
    if (group === null) done.push(next);
    else {
      const [before, after] = [next.slice(0, group.index), next.slice(group.index + group[0].length)];
      const choices = (group[1] ?? group[2] ?? '').split(/[,|;]/);
      open.push(...choices.reverse().map((choice) => `${before}${choice.trim()}${after}`));
    }
    // Forty groups of two would be more patterns than anybody has time for.
    if (open.length + done.length > ALTERNATIVES_MAX) return [];
  }
  return done.flatMap((each) => {
    // A pattern in brackets is a list that was quoted, unless they stand for one character of many.
    const list = /^\[(.*,.*)\]$/s.exec(each)?.[1] ?? each;
    return list.split(/\s*[,;|]\s*/).filter((part) => part !== '');
  });
}

/** A regular expression, or a pattern of another tongue, in ours as far as it has one. */
function withoutExpression(text: string): string {
  const isExpression = /^\^|\$$|\\|\[|[+?]/.test(text);
  return text
    .replace(/^\/(.*\\.*)\/[a-z]*$/, '$1')
    .replace(/^\^|\$$/g, '')
    .replace(isExpression ? /(?<!\\)\.[*+]\??/g : /\.\+|^\.\*$/g, '*')
    .replace(/(?:\\[dDwWsS]|\[[^\]]*\])(?:[*+?]|\{\d*,?\d*\})*/g, '*')
    .replace(/\\(.)/g, '$1')
    .replace(/[?%+]/g, '*')
    .replace(/\*+/g, '*');
}

/** The text in the letters that names of this kind are written in. */
function spell(kind: NameKind, text: string): string {
  switch (kind) {
    case 'action':
      return text
        .replace(/[\s/\\>]+|->/g, '.')
        .replace(/\.{2,}/g, '.')
        .replace(/^[.:-]+/, '');
    case 'resource':
      return text.trim();
    case 'agent':
      return text
        .toLowerCase()
        .replace(/[\s/:@+]+/g, '-')
        .replace(/^[._-]+/, '');
    case 'environment':
      return text
        .toLowerCase()
        .replace(/[\s/:@+._]+/g, '-')
        .replace(/^-+/, '');
    case 'label':
      return text.replace(/[\s/:@+]+/g, '-').replace(/^[._-]+/, '');
  }
}
