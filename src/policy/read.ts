// Reads a policy file: bounded YAML, then its form, then domain's lint; every problem with its line and column.
// Reads text, not disks; applies nothing.

import { type Document, isAlias, isNode, isScalar, LineCounter, parseDocument, visit } from 'yaml';
import { placeOfHidden } from '../domain/joiners.ts';
import { describeCharacter } from '../domain/lookalikes.ts';
import { lint } from '../domain/policy/lint.ts';
import { POLICY_FILE_BYTES_MAX, type PolicyDocument, type Problem } from '../domain/policy/policy.ts';
import { runTests } from '../domain/policy/policy-tests.ts';
import { warningsOf } from '../domain/policy/warnings.ts';
import { checkParameters } from './parameters.ts';
import { placeOf, rangeOf } from './place.ts';
import { formProblems } from './problems.ts';
import { policySchema } from './schema.ts';
import { repairSlips, SLIP_KINDS } from './slips.ts';
import { yamlDepth } from './yaml-depth.ts';

/** A policy nests six levels; far below this the parser's recursion is safe. */
const DEPTH_MAX = 20;
/** Nobody mends more in one go. */
const PROBLEMS_MAX = 100;

export type PlacedProblem = {
  /** Both from 1. */
  readonly line: number;
  readonly column: number;
  readonly path: readonly (string | number)[];
  readonly message: string;
};

export type PolicyFile =
  | {
      readonly kind: 'document';
      readonly document: PolicyDocument;
      /** What may stay as it is, and should be looked at. */
      readonly warnings: readonly PlacedProblem[];
    }
  | { readonly kind: 'problems'; readonly problems: readonly PlacedProblem[] };

/** The document of a policy file, or everything that is wrong with it in the order of its lines. */
export function parsePolicyFile(bytes: Uint8Array): PolicyFile {
  const text = decode(bytes);
  if (typeof text !== 'string') return text;
  // As files were saved on machines of long ago: YAML ends lines so, and its reader does not.
  if (/\r/.test(text) && !text.includes('\n'))
    return atStart('lines end with CR alone; save the file with LF line ends');
  const read = readText(text);
  return read.stage < STAGES.sense ? withCauses(text, read) : read.file;
}

/** How far the reading of a text came: its YAML, its form, its sense, or all of it. */
const STAGES = { yaml: 0, form: 1, sense: 2, whole: 3 } as const;
type Reading = { readonly stage: number; readonly file: PolicyFile };

/**
 * Slips of the keyboard instead of what they cause: a slip is a cause when without it the reading comes further, or finds less.
 * What else is wrong is told as well.
 */
function withCauses(text: string, first: Reading): PolicyFile {
  let [current, reading] = [text, first];
  let causes: PlacedProblem[] = [];
  for (const kind of SLIP_KINDS) {
    let best = { text: current, reading, causes };
    const { slips, texts } = repairSlips(current, kind);
    for (const repaired of texts) {
      const next = readText(repaired);
      if (!isFurther(next, best.reading)) continue;
      best = { text: repaired, reading: next, causes: [...causes, ...slips.map((slip) => ({ ...slip, path: [] }))] };
    }
    ({ text: current, reading, causes } = best);
  }
  if (causes.length === 0) return first.file;
  return inOrder([...causes, ...(reading.file.kind === 'problems' ? reading.file.problems : [])]);
}

/** True when a reading came further than another one, or as far and found less. */
function isFurther(next: Reading, than: Reading): boolean {
  return next.stage > than.stage || (next.stage === than.stage && countOf(next) < countOf(than));
}

function countOf({ file }: Reading): number {
  return file.kind === 'problems' ? file.problems.length : 0;
}

function readText(text: string): Reading {
  const broken = (file: PolicyFile) => ({ stage: STAGES.yaml, file });
  if (yamlDepth(text) > DEPTH_MAX) return broken(atStart(`nested deeper than ${DEPTH_MAX} levels`));
  const lines = new LineCounter();
  const yaml = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    version: '1.2',
    schema: 'core',
    merge: false,
    stringKeys: true,
    uniqueKeys: true,
  });
  const faults = yamlProblems(yaml, lines);
  if (faults.length > 0) return broken(inOrder(faults));
  const strange = unkept(text, lines);
  if (strange.length > 0) return broken(inOrder(strange));
  if (yaml.contents === null) return broken(atStart('the file is empty; a policy starts with version: 1'));
  const value: unknown = yaml.toJS();
  const parsed = policySchema.safeParse(value);
  if (!parsed.success) {
    const problems = formProblems(parsed.error, value).map((problem) =>
      at(lines, placeOf(yaml, text, problem), problem.path, problem.message),
    );
    return { stage: STAGES.form, file: inOrder(problems) };
  }
  const { calendars, ...rest } = parsed.data;
  const document: PolicyDocument = calendars === undefined ? rest : { ...rest, calendars };
  const placed = (problems: readonly Problem[]) =>
    problems.map((problem) =>
      at(lines, placeOf(yaml, text, { ...problem, at: 'value' }), problem.path, problem.message),
    );
  const problems = [...placed(lint(document)), ...unseenInResources(yaml, lines, { text, document })];
  if (problems.length > 0) return { stage: STAGES.sense, file: inOrder(problems) };
  // Last: a document that cannot work judges nothing.
  const failed = placed(runTests(document, checkParameters));
  if (failed.length > 0) return { stage: STAGES.sense, file: inOrder(failed) };
  return { stage: STAGES.whole, file: { kind: 'document', document, warnings: sorted(placed(warningsOf(document))) } };
}

function decode(bytes: Uint8Array): string | PolicyFile {
  if (bytes.length > POLICY_FILE_BYTES_MAX) return atStart(`larger than ${POLICY_FILE_BYTES_MAX / 1024} KiB`);
  if (isUtf16(bytes)) return atStart('this is UTF-16; save the file as UTF-8 instead');
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return atStart('this is not UTF-8; save the file as UTF-8');
  }
}

/** As some editors save a file: with a mark at its start, or without and a zero in every second byte. */
function isUtf16([first, second]: Uint8Array): boolean {
  const hasMark = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
  return hasMark || ((first === 0) !== (second === 0) && second !== undefined);
}

/** Broken syntax, and what a policy never needs: tags, anchors and aliases, of which one can stand for a million nodes. */
function yamlProblems(yaml: Document.Parsed, lines: LineCounter): PlacedProblem[] {
  // What a reader of YAML stumbles over behind its first fault is nearly always the same fault again.
  const first = yaml.errors.find(({ code }) => !ALONE.has(code));
  const faults = yaml.errors.filter((error) => ALONE.has(error.code) || error === first);
  const problems = [...faults, ...yaml.warnings].map((error) => at(lines, error.pos[0], [], plainMessage(error)));
  visit(yaml, (key, node) => {
    if (!isNode(node)) return;
    const offset = node.range?.[0] ?? 0;
    // JavaScript would lose it in silence, and with it what a rule asks for.
    if (key === 'key' && isScalar(node) && node.value === '__proto__') {
      problems.push(at(lines, offset, [], 'no name in a policy may be __proto__'));
    }
    if (isAlias(node) || node.anchor !== undefined) {
      problems.push(at(lines, offset, [], 'anchors and aliases (& and *) are not allowed in a policy'));
    }
    const [strange] = (isScalar(node) && typeof node.value === 'string' && UNKEPT.exec(node.value)) || [];
    if (strange !== undefined) problems.push(at(lines, offset, [], unkeptMessage(strange)));
    if (node.tag !== undefined && yaml.warnings.length === 0) {
      problems.push(at(lines, offset, [], 'tags (!) are not allowed in a policy'));
    }
  });
  return problems;
}

/** What no text of PostgreSQL or of JSON (RFC 7493) holds: the character zero, and half of a character. */
const UNKEPT = /[\0\p{Surrogate}]/u;

/** The same as it stands in the text itself, be it in a comment: the text is kept as well. */
function unkept(text: string, lines: LineCounter): PlacedProblem[] {
  const found = UNKEPT.exec(text);
  return found === null ? [] : [at(lines, found.index, [], unkeptMessage(found[0]))];
}

function unkeptMessage(character: string): string {
  return `here is ${describeCharacter(character)}, which nothing can keep; delete it`;
}

/** A resource may have characters that nobody sees; in its pattern they stand as an escape, which a reader of the file sees. */
function unseenInResources(
  yaml: Document.Parsed,
  lines: LineCounter,
  { text, document }: { readonly text: string; readonly document: PolicyDocument },
): PlacedProblem[] {
  return document.rules.flatMap((_rule, index) => {
    const path = ['rules', index, 'match', 'resource'];
    const [from, to] = rangeOf(yaml.getIn(path, true)) ?? [0, 0];
    const written = text.slice(from, to);
    const place = placeOfHidden(written);
    if (place === null) return [];
    const point = written.codePointAt(place) ?? 0;
    const code = point.toString(16);
    const escaped = code.length > 4 ? `\\U${code.padStart(8, '0')}` : `\\u${code.padStart(4, '0')}`;
    const advice = `delete it, or write it as ${escaped} within double quotes if it is meant`;
    return [at(lines, from + place, path, `here is ${describeCharacter(String.fromCodePoint(point))}; ${advice}`)];
  });
}

const OTHER_INDENT = 'this line has another indent than the members beside it; give them the same number of spaces';

/** Faults that stand for themselves, however many there are. */
const ALONE: ReadonlySet<string> = new Set(['DUPLICATE_KEY', 'MULTIPLE_DOCS', 'TAB_AS_INDENT', 'NON_STRING_KEY']);

function plainMessage(error: { readonly code: string; readonly message: string }): string {
  switch (error.code) {
    case 'DUPLICATE_KEY':
      return 'this member stands here twice';
    case 'MULTIPLE_DOCS':
      return 'one file holds one policy; a second document starts here';
    case 'TAB_AS_INDENT':
      return 'the indent has a tab; type spaces instead';
    case 'NON_STRING_KEY':
      return 'a member name is text';
    case 'BAD_INDENT':
      if (/end with a/.test(error.message)) return 'a "[" or "{" that opens before this place is not closed';
      return OTHER_INDENT;
    case 'BLOCK_AS_IMPLICIT_KEY':
    case 'MULTILINE_IMPLICIT_KEY':
    case 'UNEXPECTED_TOKEN':
      return 'YAML cannot tell what this belongs to; look at the indent, quotes, brackets and ":" of this line and the one above';
    default:
      return /^Sequence item without/.test(error.message) ? OTHER_INDENT : error.message;
  }
}

function at(lines: LineCounter, offset: number, path: readonly (string | number)[], message: string): PlacedProblem {
  const { line, col } = lines.linePos(offset);
  return { line, column: col, path, message };
}

function atStart(message: string): PolicyFile {
  return { kind: 'problems', problems: [{ line: 1, column: 1, path: [], message }] };
}

function inOrder(problems: readonly PlacedProblem[]): PolicyFile {
  return { kind: 'problems', problems: sorted(problems) };
}

function sorted(problems: readonly PlacedProblem[]): PlacedProblem[] {
  return [...problems].sort((a, b) => a.line - b.line || a.column - b.column).slice(0, PROBLEMS_MAX);
}
