// The names in the tree, taken apart into words. Judges nothing.

import type { TreeFile } from './tree.ts';

const TYPE = /^export (?:declare )?(?:abstract )?(?:type|interface|class) (\w+)/gm;
/** What is no name: comments, texts, regular expressions. What a template puts in by `${…}` is left out with it. */
const NO_NAMES = /\/\*[\s\S]*?\*\/|\/\/.*$|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`/gm;

/** The words of a name, in lower case: `PendingWork`, `pending_work` and `pending-work` have the same two. */
export function wordsOf(name: string): string[] {
  return (name.match(/[A-Z]+(?![a-z])|[A-Z]?[a-z]+/g) ?? []).map((word) => word.toLowerCase());
}

/** The names of a file that the glossary must explain: its own, and those of the types that others may import. */
export function publicNamesOf({ path, text }: TreeFile): string[] {
  const file = path.slice(path.lastIndexOf('/') + 1).replace(/\..*$/, '');
  return [file, ...[...text.matchAll(TYPE)].map(([, name = '']) => name)];
}

/** Every name in a program, once. */
export function namesIn({ text }: TreeFile): string[] {
  return [...new Set(text.replace(NO_NAMES, ' ').match(/[A-Za-z_]\w*/g) ?? [])];
}

/** A word and those that it may come from: the singular of a plural, the verb of a participle. */
export function stemsOf(word: string): string[] {
  const cut = (ending: RegExp, ...instead: string[]) =>
    ending.test(word) ? instead.map((each) => word.replace(ending, each)) : [];
  return [
    word,
    ...cut(/ies$/, 'y'),
    ...cut(/es$/, '', 'e'),
    ...cut(/s$/, ''),
    ...cut(/ied$/, 'y'),
    ...cut(/ed$/, '', 'e'),
    ...cut(/ing$/, '', 'e'),
    ...cut(/(.)\1(?:ed|ing|er)$/, '$1'),
  ];
}
