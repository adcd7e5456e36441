// How many steps the answer of a condition may take at most, by how much is asked: the engine has no bound of its own. Pure.

import type { ASTNode } from '@marcbachmann/cel-js';

/** Some milliseconds: a rule that takes longer would let an agent, or its author, keep everybody else waiting. */
const STEPS_MAX = 50_000;
/** An agent has few labels, and each name of what is asked is short. */
const SMALL = 20;

/** The functions that walk a list. */
export const MACROS: readonly string[] = ['exists', 'exists_one', 'all', 'filter', 'map'];
/** Of these the value may be as large as what they are made from; that of any other one is a number, a truth or a time. */
const GROWING: readonly string[] = ['+', 'list', 'map', '.', '[]', '?:'];
/** These look at all of what they are made from; two values are compared up to the end of the smaller one. */
const LOOKING: readonly string[] = ['+', 'contains', 'startsWith', 'endsWith', 'glob'];

/** What a part of a condition takes, and how large its value may be. */
type Cost = { readonly steps: number; readonly size: number };
/** How large the parameters are, and which name stands for one item of a list. */
type Scope = { readonly values: number; readonly item: string | null };

/** For so many values in the parameters the answer stays within its steps; below 0 where it never does. */
export function valuesMax(condition: ASTNode, most: number): number {
  const fits = (values: number) => costOf(condition, { values, item: null }).steps <= STEPS_MAX;
  if (fits(most)) return most;
  let [low, high] = [-1, most];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (fits(middle)) low = middle;
    else high = middle;
  }
  return low;
}

/** True for a call that walks a list. */
export function isMacroCall(node: ASTNode): boolean {
  return node.op === 'rcall' && MACROS.includes(node.args[0]);
}

/** The nodes below one, in the order of the text. */
export function childrenOf(node: ASTNode): readonly ASTNode[] {
  return [node.args]
    .flat(3)
    .filter((part): part is ASTNode => typeof part === 'object' && part !== null && 'op' in part);
}

function costOf(node: ASTNode, scope: Scope): Cost {
  if (node.op === 'value') return { steps: 1, size: 1 };
  if (node.op === 'id') return { steps: 1, size: sizeOf(String(node.args), scope) };
  const parts = childrenOf(node);
  if (isMacroCall(node)) return macroCost(node, parts, scope);
  const costs = parts.map((part) => costOf(part, scope));
  const { steps, size } = sum(costs);
  const name = node.op === 'call' || node.op === 'rcall' ? String(node.args[0]) : node.op;
  return {
    steps: 1 + steps + lookedAt(name, costs),
    size: GROWING.includes(name) ? 1 + size : 1,
  };
}

function lookedAt(name: string, costs: readonly Cost[]): number {
  if (name === '==' || name === '!=') return Math.min(...costs.map(({ size }) => size));
  // Each item of the list up to its own end.
  if (name === 'in') return costs[1]?.size ?? 0;
  return LOOKING.includes(name) ? sum(costs).size : 0;
}

/**
 * A list has no more items than its size, and all of them together are no larger. What is done with one grows no faster than the
 * item, since no macro stands in another: so it is enough to ask what it takes for an item of one.
 */
function macroCost(node: ASTNode, [list, item, ...body]: readonly ASTNode[], scope: Scope): Cost {
  const receiver = list === undefined ? { steps: 0, size: 0 } : costOf(list, scope);
  const each = sum(body.map((part) => costOf(part, { ...scope, item: String(item?.args) })));
  const steps = 1 + receiver.steps + receiver.size * (1 + each.steps);
  const [name] = node.args as readonly unknown[];
  if (name === 'map') return { steps, size: 1 + receiver.size * each.size };
  return { steps, size: name === 'filter' ? receiver.size : 1 };
}

function sizeOf(name: string, { values, item }: Scope): number {
  if (name === item) return 1;
  return name === 'parameters' ? values : SMALL;
}

function sum(costs: readonly Cost[]): Cost {
  return costs.reduce((all, { steps, size }) => ({ steps: all.steps + steps, size: all.size + size }), {
    steps: 0,
    size: 0,
  });
}
