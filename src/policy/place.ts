// Where in a policy file a problem is: the value, its name, a place within its text, or the nearest thing around it.

import { type Document, isCollection, isMap, isNode, isPair, isScalar, isSeq } from 'yaml';
import type { FormProblem } from './problems.ts';

/** How far into the text the problem of a reading is, in UTF-16 units from 0. */
export function placeOf(
  yaml: Document.Parsed,
  text: string,
  problem: FormProblem & { readonly offset?: number },
): number {
  let node: unknown = yaml.contents;
  let offset = rangeOf(node)?.[0] ?? 0;
  for (const [depth, step] of problem.path.entries()) {
    if (isMap(node)) {
      const pair = node.items.find((item) => isPair(item) && keyText(item.key) === String(step));
      if (pair === undefined) break;
      const isLast = depth === problem.path.length - 1;
      const isAtName = isLast && problem.at === 'name';
      node = pair.value;
      offset = rangeOf(isAtName || isCollection(node) ? pair.key : node)?.[0] ?? offset;
    } else if (isSeq(node)) {
      node = node.items[Number(step)];
      offset = rangeOf(node)?.[0] ?? offset;
    } else break;
  }
  return offset + (problem.offset === undefined ? 0 : withinText(node, text, problem.offset));
}

/** From where to where a node is written. */
export function rangeOf(node: unknown): readonly [from: number, to: number] | undefined {
  return isNode(node) && node.range ? [node.range[0], node.range[1]] : undefined;
}

/** From the start of a written text to a place in what it says; 0 where it is written so that the two cannot be matched. */
function withinText(node: unknown, text: string, offset: number): number {
  const [from, to] = rangeOf(node) ?? [0, 0];
  if (!isScalar(node) || typeof node.value !== 'string') return 0;
  const written = text.slice(from, to);
  const value = node.value;
  // On one line, and without an escape that makes it longer than what it says.
  const start = written.indexOf(value.trimEnd());
  if (start !== -1 && value !== '') return start + offset;
  return node.type === 'BLOCK_LITERAL' ? withinLines(written, value, offset) : 0;
}

/** In a literal block each line of the text stands on a line of its own, behind the indent. */
function withinLines(written: string, value: string, offset: number): number {
  const before = value.slice(0, offset).split('\n');
  const lines = written.split('\n');
  const indent = lines[1]?.search(/\S/) ?? 0;
  const above = lines.slice(0, before.length).reduce((sum, line) => sum + line.length + 1, 0);
  return above + indent + (before.at(-1)?.length ?? 0);
}

function keyText(key: unknown): string {
  return String(typeof key === 'object' && key !== null && 'value' in key ? key.value : key);
}
