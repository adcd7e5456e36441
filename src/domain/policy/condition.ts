// A rule's condition: CEL over what is asked (https://cel.dev), read once, then answered for each request. Pure; an error
// while it is answered is an answer of its own, never thrown, so that the rule's effect says what it means.

import type { ASTNode, ParseResult } from '@marcbachmann/cel-js';
import type { Labels } from '../people/labels.ts';
import type { JsonObject, JsonValue } from '../request/request.ts';
import { isClock } from './calendar.ts';
import { type ParameterType, typed, UNTYPED } from './condition-language.ts';
import { conditionRemedy } from './condition-remedy.ts';
import { childrenOf, isMacroCall, MACROS, valuesMax } from './condition-steps.ts';

/** A condition that is longer is a program; split the rule. */
export const CONDITION_CHARACTERS_MAX = 2_000;
/** No body holds more values. One that a condition takes too many steps for is an error, so it fails closed. */
const VALUES_MAX = 100_000;
/** A condition that takes too many steps for so few values would be an error for what agents do ask. */
const VALUES_NEEDED = 100;
/** So much of a text is looked at in the time of one value. */
const VALUE_CHARACTERS = 1_000;

export type ConditionInput = {
  readonly agent: {
    readonly name: string;
    readonly environment: string;
    readonly labels: Labels;
    /** The owner's address; empty where the owner has none by now. */
    readonly owner: string;
  };
  readonly action: string;
  readonly resource: string;
  readonly parameters: JsonObject;
  /** Parameters whose values are kept nowhere: a condition that looks at one of them ends in an error. */
  readonly masked?: readonly string[];
  readonly on_behalf_of: string | null;
  readonly now: Date;
};

/** One input as all conditions of a document see it, and how many values its parameters hold. */
export type ConditionContext = { readonly values: Readonly<Record<string, unknown>>; readonly walked: number };

export type ConditionAnswer = 'holds' | 'fails' | 'error';
export type Condition = (context: ConditionContext) => ConditionAnswer;

export type ConditionReading =
  | { readonly kind: 'condition'; readonly condition: Condition }
  /** Where in the text, in UTF-16 units from 0, and what is wrong there. */
  | { readonly kind: 'problem'; readonly offset: number; readonly message: string };

/** Times come as literals: what an agent sends as a parameter is text, and stays text. */
const LITERAL_FUNCTIONS: readonly string[] = ['timestamp', 'duration'];
const TIME_GETTERS: readonly string[] = [
  'getFullYear',
  'getMonth',
  'getDate',
  'getDayOfMonth',
  'getDayOfWeek',
  'getHours',
  'getMinutes',
];
/** All that may be called. A function that is not here has a fault in one engine or another, or no bound. */
const FUNCTIONS: readonly string[] = [
  ...MACROS,
  ...LITERAL_FUNCTIONS,
  ...TIME_GETTERS,
  'has',
  'size',
  'contains',
  'startsWith',
  'endsWith',
  'glob',
  'double',
];

const INSTEAD: Readonly<Record<string, string>> = {
  matches: 'write glob("order/*"), where * stands for any run of characters',
  int: 'numbers of parameters are compared as they are',
  string: 'compare values of one type',
  hour: 'write getHours("Europe/Berlin")',
  len: 'write size(…)',
  length: 'write size(…)',
  count: 'write size(…)',
  includes: 'write contains("…")',
  startswith: 'write startsWith("…")',
  endswith: 'write endsWith("…")',
};

/** Reads a condition. With types, what the parameters hold is checked; its answers do not depend on them. */
export function readCondition(text: string, parameters: ParameterType | null): ConditionReading {
  if (text.length > CONDITION_CHARACTERS_MAX) {
    return { kind: 'problem', offset: 0, message: `longer than ${CONDITION_CHARACTERS_MAX} characters` };
  }
  try {
    const parsed = UNTYPED.parse(text);
    const problem = problemIn(parsed.ast) ?? typeProblem(text, parameters);
    if (problem !== null) return problem;
    const values_max = valuesMax(parsed.ast, VALUES_MAX);
    if (values_max < VALUES_NEEDED) {
      const message = `takes too many steps for ${VALUES_NEEDED} values in the parameters; compare less within a walk`;
      return { kind: 'problem', offset: 0, message };
    }
    return { kind: 'condition', condition: answers(parsed, values_max) };
  } catch (error) {
    return asProblem(error, text);
  }
}

/** The answer of a condition that looks at nothing of a request; null for one that does. */
export function constantAnswer(text: string): 'holds' | 'fails' | null {
  const reading = readCondition(text, null);
  if (reading.kind !== 'condition' || seesAnything(UNTYPED.parse(text).ast)) return null;
  const answer = reading.condition({ values: {}, walked: 0 });
  return answer === 'error' ? null : answer;
}

function seesAnything(node: ASTNode): boolean {
  return node.op === 'id' || childrenOf(node).some(seesAnything);
}

/** What the conditions of a document see of one request: made once, whatever their number. */
export function conditionContext({
  agent,
  parameters,
  masked = [],
  on_behalf_of,
  ...input
}: ConditionInput): ConditionContext {
  const values = {
    ...input,
    agent: { ...agent, labels: asMap(agent.labels) },
    parameters: new Map([...memberEntries(parameters), ...masked.map((name) => [name, UNKNOWN] as const)]),
    on_behalf_of: on_behalf_of ?? '',
  };
  return { values, walked: countValues(parameters) };
}

function answers(parsed: ParseResult, values_max: number): Condition {
  return ({ values, walked }) => {
    if (walked > values_max) return 'error';
    try {
      const answer: unknown = parsed(values);
      if (typeof answer !== 'boolean') return 'error';
      return answer ? 'holds' : 'fails';
    } catch {
      return 'error';
    }
  };
}

/** What CEL allows and a condition does not: calls beyond the list, nested macros, kinds of literals that no parameter has. */
function problemIn(node: ASTNode, isInMacro = false): Extract<ConditionReading, { kind: 'problem' }> | null {
  const problem = ownProblem(node, isInMacro);
  if (problem !== null) return { kind: 'problem', offset: node.start, message: problem };
  const isMacro = isMacroCall(node);
  for (const [place, child] of childrenOf(node).entries()) {
    // The list that a macro walks is the receiver: one after the other is no nesting.
    const found = problemIn(child, isInMacro || (isMacro && place > 0));
    if (found !== null) return found;
  }
  return null;
}

function ownProblem(node: ASTNode, isInMacro: boolean): string | null {
  if (node.op === 'value') {
    const isPlain = node.args === null || ['string', 'number', 'bigint', 'boolean'].includes(typeof node.args);
    return isPlain ? null : 'only text, numbers, true, false and null are written here';
  }
  if (node.op !== 'call' && node.op !== 'rcall') return null;
  const [name] = node.args;
  if (!FUNCTIONS.includes(name)) {
    const instead = Object.hasOwn(INSTEAD, name) ? `: ${INSTEAD[name]}` : '';
    return `${name}() is not available${instead}`;
  }
  if (isMacroCall(node) && isInMacro) return `${name}() inside another of its kind walks too much; split the condition`;
  return literalProblem(node.op === 'call' ? node.args[1] : node.args[2], name);
}

function literalProblem(args: readonly ASTNode[], name: string): string | null {
  const isTime = LITERAL_FUNCTIONS.includes(name);
  if (!isTime && !TIME_GETTERS.includes(name)) return null;
  const [argument] = args;
  if (argument === undefined) return null;
  if (argument.op !== 'value' || typeof argument.args !== 'string') return `${name}() takes a text in quotes`;
  const text = argument.args;
  if (isTime) return isTimeText(name, text) ? null : `"${text}" is no ${name}`;
  return isClock(text) ? null : `"${text}" is no time zone; write it such as "Europe/Berlin"`;
}

function isTimeText(name: string, text: string): boolean {
  try {
    UNTYPED.evaluate(`${name}(${JSON.stringify(text)})`);
    return true;
  } catch {
    return false;
  }
}

function typeProblem(
  text: string,
  parameters: ParameterType | null,
): Extract<ConditionReading, { kind: 'problem' }> | null {
  const checked = (parameters === null ? UNTYPED : typed(parameters)).check(text);
  if (checked.error !== undefined) return asProblem(checked.error, text);
  if (checked.type === 'bool' || checked.type === 'dyn') return null;
  return { kind: 'problem', offset: 0, message: `says ${checked.type ?? 'nothing'}; a condition is true or false` };
}

/** A value of no type of the language: the engine answers nothing that looks at it, not even whether it is there. */
const UNKNOWN = new (class Unknown {})();

/** Maps, because the engine tells what an object is by its member `constructor`, and that is the agent's to write. */
function asMap(value: JsonValue): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (isList(value)) return value.map(asMap);
  return new Map(memberEntries(value));
}

function memberEntries(value: JsonObject): (readonly [string, unknown])[] {
  return Object.entries(value).map(([name, member]) => [name, asMap(member)]);
}

function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}

function countValues(value: JsonValue): number {
  if (typeof value === 'string') return 1 + value.length / VALUE_CHARACTERS;
  if (typeof value !== 'object' || value === null) return 1;
  return Object.values(value).reduce<number>((sum, member) => sum + countValues(member), 1);
}

function asProblem(error: unknown, text: string): Extract<ConditionReading, { kind: 'problem' }> {
  const { summary, range } = error as { readonly summary?: string; readonly range?: { readonly start: number } };
  // What is no error of the reader's is a fault of ours: it is not taken for the author's.
  if (summary === undefined) throw error;
  const offset = range?.start ?? 0;
  const remedy = conditionRemedy(summary, text, offset);
  return { kind: 'problem', offset, message: remedy === null ? summary : `${summary}; ${remedy}` };
}
