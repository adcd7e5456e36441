// Slips of the keyboard that make YAML say something odd far from where they are: which there are in a text, and the text
// without them. Whether one is the cause of a problem, its reader finds out by reading the text without it.

import { describeCharacter } from '../domain/lookalikes.ts';
import { MEMBERS } from './schema.ts';

export type Slip = { readonly line: number; readonly column: number; readonly message: string };
export type SlipKind = {
  readonly find: (line: string) => { readonly column: number; readonly message: string } | null;
  readonly repair: (line: string) => string;
  /** A text that has this has none of the kind. */
  readonly unless?: RegExp;
  /** What may have been meant instead. */
  readonly others?: readonly ((line: string) => string)[];
};

const NAME = '["\']?[A-Za-z_][\\w-]*["\']?';
/** Spaces that YAML takes for letters, and tabs, which it takes for no indent. */
const SPACE = '[\\t\\u00a0\\u1680\\u2000-\\u200b\\u202f\\u205f\\u3000\\ufeff]';
const INDENT = new RegExp(`^( *(?:- *)*)(${SPACE})[ \\t\\u00a0\\u1680\\u2000-\\u200b\\u202f\\u205f\\u3000\\ufeff]*`);
const UNSEEN = /[\u200b\ufeff]/;
const AFTER_SIGN = new RegExp(`([:,\\[{-])( *)(${SPACE})`);
const COLON = new RegExp(`(^ *(?:- *)*${NAME}|[{,] *${NAME})( *)([\\uff1a\\ufe55\\ua789\\u2236]) *`);
const COLON_ALONE = new RegExp(`^( *(?:- +)*${NAME}):(?![ :/]|$)`);
const EQUALS = new RegExp(`^( *(?:- +)*${NAME}) *= *(?=\\S)`);
const QUOTE = /[\u201c\u201d\u201e\u201f\u00ab\u00bb\uff02]/;
const QUOTES = /[\u2018-\u201f\u00ab\u00bb\uff02\uff07]/g;
const WIDE = /[\uff0c\u3001\uff3b\uff3d\uff5b\uff5d]/;
const WIDES: Readonly<Record<string, string>> = {
  '\uff0c': ', ',
  '\u3001': ', ',
  '\uff3b': '[',
  '\uff3d': ']',
  '\uff5b': '{',
  '\uff5d': '}',
};
/** A block of code as Markdown has it, copied with its fence. */
const FENCE = /^\s*(?:```+|~~~+)\s*[A-Za-z]*\s*$/;
const TIGHT_DASH = /^( *)-(?=[^\s-])/;
/** The name of a channel where its id stands: YAML reads the rest of the line as a comment. */
const HASH = new RegExp(`(${NAME}: +)(#[\\w-]+)(?=[ ,}\\]]|$)`);
/** What ends a line elsewhere, and none in YAML. */
const LINE_END = /[\u0085\u2028\u2029]/;
const BEFORE_COLON = new RegExp(`(^ *(?:- *)*${NAME}) *(${SPACE})\\s*:`);
/** A member as it is known, and a value behind it: lines of a longer text rarely begin so. */
const NO_COLON = new RegExp(
  `^( *(?:- +)*)(${[...new Set(Object.values(MEMBERS).flat())].join('|')}) +(?=[^\\s:=])([^:]*)$`,
);
/** At the begin of a value these have a meaning of their own in YAML. */
const MARKED = /((?:^ *- +|[\w"']: +|[[,] *))([*!%@`][^\s,\]}]*)(?=[ ,}\]]|$)/;
const DASH = /^( *)([\u2010-\u2015\u2022\u2212*\u00b7]) +(?=\S)/;

/** A tab is as wide as its editor draws it: which width, the reading of the text without tabs tells. */
const [TAB_WIDTH, ...OTHER_WIDTHS] = [2, 4, 8, 1] as const;

const withoutStrangeIndent = (tab_width: number) => (line: string) =>
  line.replace(INDENT, (indent) =>
    indent
      .replace(/[\u200b\ufeff]/g, '')
      .replace(/\t/g, ' '.repeat(tab_width))
      .replace(/[^ -]/g, ' '),
  );

/** From the indent inwards: what is repaired first makes the next be seen. */
export const SLIP_KINDS: readonly SlipKind[] = [
  {
    find: (line) =>
      found(FENCE.exec(line), ({ 0: fence }) => ({
        column: fence.indexOf('`') + 1,
        message: `"${fence.trim()}" is a mark of Markdown; delete this line`,
      })),
    repair: (line) => line.replace(FENCE, ''),
  },
  {
    find: (line) => {
      const [, before = '', strange = ''] = INDENT.exec(line) ?? [];
      if (strange === '') return null;
      const advice = UNSEEN.test(strange) ? 'delete it' : 'type spaces instead';
      return { column: before.length + 1, message: `the indent has ${describeCharacter(strange)}; ${advice}` };
    },
    repair: withoutStrangeIndent(TAB_WIDTH),
    others: OTHER_WIDTHS.map(withoutStrangeIndent),
  },
  {
    find: (line) => {
      const found = AFTER_SIGN.exec(line);
      if (found === null) return null;
      const [, sign = '', spaces = '', strange = ''] = found;
      const message = `behind "${sign}" stands ${describeCharacter(strange)}; type a space instead`;
      return { column: found.index + 2 + spaces.length, message };
    },
    repair: (line) => line.replace(new RegExp(AFTER_SIGN, 'g'), '$1$2 '),
  },
  {
    find: (line) =>
      found(COLON.exec(line), ({ 1: name = '', 2: spaces = '', 3: colon = '', index }) => ({
        column: index + name.length + spaces.length + 1,
        message: `${describeCharacter(colon)} is a letter in YAML; type ":" and a space instead`,
      })),
    repair: (line) => line.replace(new RegExp(COLON, 'g'), '$1: '),
  },
  {
    find: (line) =>
      found(COLON_ALONE.exec(line), ([all = '']) => ({
        column: all.length,
        message: 'behind the ":" of a member stands a space; type one',
      })),
    repair: (line) => line.replace(COLON_ALONE, '$1: '),
  },
  {
    find: (line) =>
      found(EQUALS.exec(line), ([all = '', name = '']) => ({
        column: all.indexOf('=', name.length) + 1,
        message: '"=" stands where a member has its ":"; type ":" and a space instead',
      })),
    repair: (line) => line.replace(EQUALS, '$1: '),
  },
  {
    find: (line) =>
      found(DASH.exec(line), ([, spaces = '', dash = '']) => ({
        column: spaces.length + 1,
        message: `${describeCharacter(dash)} begins no entry of a list; type "-" and a space instead`,
      })),
    repair: (line) => line.replace(DASH, '$1- '),
  },
  {
    find: (line) =>
      found(TIGHT_DASH.exec(line), ([, spaces = '']) => ({
        column: spaces.length + 2,
        message: 'behind the "-" of an entry stands a space; type one',
      })),
    repair: (line) => line.replace(TIGHT_DASH, '$1- '),
  },
  {
    find: (line) =>
      found(LINE_END.exec(line), ({ 0: end, index }) => ({
        column: index + 1,
        message: `here is ${describeCharacter(end)}, which ends no line in YAML; press Enter instead`,
      })),
    repair: (line) => line.replace(new RegExp(LINE_END, 'g'), '\n'),
  },
  {
    find: (line) =>
      found(BEFORE_COLON.exec(line), ({ 0: all, 2: strange = '' }) => ({
        column: all.lastIndexOf(strange) + 1,
        message: `before ":" stands ${describeCharacter(strange)}; delete it`,
      })),
    repair: (line) => line.replace(BEFORE_COLON, '$1:'),
  },
  {
    find: (line) =>
      found(NO_COLON.exec(line), ({ 1: indent = '', 2: name = '' }) => ({
        column: indent.length + name.length + 1,
        message: `behind "${name}" stands no ":"; type ":" and a space`,
      })),
    repair: (line) => line.replace(NO_COLON, '$1$2: $3'),
  },
  {
    find: (line) =>
      found(MARKED.exec(line), ({ 1: before = '', 2: value = '', index }) => ({
        column: index + before.length + 1,
        message: `"${value.charAt(0)}" at the begin of a value is a mark of YAML; write "${value}", in quotes`,
      })),
    repair: (line) => line.replace(new RegExp(MARKED, 'g'), '$1"$2"'),
    // Whoever has an anchor means its alias.
    unless: /(?:^|[\s[,])&[A-Za-z_]/,
  },
  {
    find: (line) =>
      found(HASH.exec(line), ({ 0: all, 2: value = '', index }) => ({
        column: index + all.length - value.length + 1,
        message: `"#" behind a space begins a comment; write "${value}", in quotes`,
      })),
    repair: (line) => line.replace(new RegExp(HASH, 'g'), '$1"$2"'),
  },
  {
    find: (line) =>
      found(QUOTE.exec(line), ({ 0: quote, index }) => ({
        column: index + 1,
        message: `${describeCharacter(quote)} is a letter in YAML; type a straight quote (") instead`,
      })),
    repair: (line) => line.replace(QUOTES, (quote) => (QUOTE.test(quote) ? '"' : "'")),
  },
  {
    find: (line) =>
      found(WIDE.exec(line), ({ 0: sign, index }) => ({
        column: index + 1,
        message: `${describeCharacter(sign)} is a letter in YAML; type "${(WIDES[sign] ?? '').trim()}" instead`,
      })),
    repair: (line) => line.replace(new RegExp(WIDE, 'g'), (sign) => WIDES[sign] ?? sign),
  },
];

function found<T extends { readonly column: number; readonly message: string }>(
  match: RegExpExecArray | null,
  say: (match: RegExpExecArray) => T,
): T | null {
  return match === null ? null : say(match);
}

/** Each slip of a kind in the text, once a line, and the texts that it may stand for; comments are left as they are. */
export function repairSlips(
  text: string,
  kind: SlipKind,
): { readonly slips: readonly Slip[]; readonly texts: readonly string[] } {
  if (kind.unless?.test(text) === true) return { slips: [], texts: [] };
  const lines = text.split('\n');
  const slips = lines.flatMap((line, at) => {
    const slip = isComment(line) ? null : kind.find(line);
    return slip === null ? [] : [{ line: at + 1, ...slip }];
  });
  if (slips.length === 0) return { slips, texts: [] };
  const repairs = [kind.repair, ...(kind.others ?? [])];
  const texts = repairs.map((repair) => lines.map((line) => (isComment(line) ? line : repair(line))).join('\n'));
  return { slips, texts: [...new Set(texts)] };
}

function isComment(line: string): boolean {
  return /^\s*#/.test(line);
}
