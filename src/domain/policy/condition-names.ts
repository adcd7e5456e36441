// Comparisons of a condition that come out the same whatever is asked: with a name that nobody can have, or one that the
// rule's own match leaves out. As a pattern that matches nothing, a deny with one denies nothing. Pure.

import type { ASTNode } from '@marcbachmann/cel-js';
import { isName, type NameKind } from '../grammar.ts';
import { addressFault, addressOf } from '../people/address.ts';
import { UNTYPED } from './condition-language.ts';
import { childrenOf, isMacroCall } from './condition-steps.ts';
import { matchesGlob } from './glob.ts';
import type { ParameterSchema } from './parameter-type.ts';
import { nameFault, patternFault } from './pattern.ts';
import type { Match } from './policy.ts';

/** What a part of a condition stands for, where its values have a form. */
type Seen = { readonly of: NameKind | 'address'; readonly label?: string };
type Compared = { readonly seen: Seen; readonly how: How; readonly texts: readonly Literal[] };
type How = '==' | 'in' | 'glob' | 'startsWith' | 'endsWith' | 'contains';
type Literal = { readonly text: string; readonly offset: number };

/** Where in the condition, in UTF-16 units from 0, and what is wrong there. */
export type ConditionFault = { readonly offset: number; readonly message: string };

const MEMBERS: Readonly<Record<string, Seen>> = {
  name: { of: 'agent' },
  environment: { of: 'environment' },
  owner: { of: 'address' },
};
const VARIABLES: Readonly<Record<string, Seen>> = {
  action: { of: 'action' },
  resource: { of: 'resource' },
  on_behalf_of: { of: 'address' },
};
/** Whoever mends it needs no more. */
const VALUES_SHOWN_MAX = 10;
const LABEL: Seen = { of: 'label' };
const CALLS: readonly How[] = ['glob', 'startsWith', 'endsWith', 'contains'];

/**
 * Each text in a condition, which can be read, that nothing compared with it can be; and names that no label has. With the schema
 * of the parameters, those too that are none of its values.
 */
export function impossibleNames(condition: string, parameters: ParameterSchema = {}): readonly ConditionFault[] {
  const nodes = nodesIn(condition);
  return [...nodes.flatMap((node) => noValues(node, parameters)), ...nodes.flatMap(noNames)];
}

function noNames(node: ASTNode): readonly ConditionFault[] {
  const { seen, how, texts }: Compared = comparisonOf(node) ?? { seen: LABEL, how: '==', texts: labelNames(node) };
  return texts.flatMap(({ text, offset }) => {
    const message = faultOf(seen, how, text);
    return message === null ? [] : [{ offset, message }];
  });
}

/** Texts that a parameter, which its schema lists, is compared with and can never be. */
function noValues(node: ASTNode, parameters: ParameterSchema): readonly ConditionFault[] {
  if (!['==', '!=', 'in'].includes(node.op)) return [];
  const [left, right] = childrenOf(node);
  if (left === undefined || right === undefined) return [];
  const values = (schemaAt(left, parameters) ?? schemaAt(right, parameters))?.enum;
  if (values === undefined) return [];
  const texts = [left, ...(right.op === 'list' ? childrenOf(right) : [right])].map(literalOf);
  return texts
    .filter((text) => text !== null)
    .filter(({ text }) => !values.includes(text))
    .map(({ text, offset }) => ({
      offset,
      message: `"${text}" is none of the values in the schema: ${listed(values)}`,
    }));
}

function listed(values: readonly unknown[]): string {
  const shown = values.slice(0, VALUES_SHOWN_MAX).map((value) => JSON.stringify(value));
  return `${shown.join(', ')}${values.length > VALUES_SHOWN_MAX ? ', …' : ''}`;
}

/** What the schema says of `parameters.a.b`; null for anything else. */
function schemaAt(node: ASTNode, parameters: ParameterSchema): ParameterSchema | null {
  if (node.op === 'id') return node.args === 'parameters' ? parameters : null;
  const place = placeIn(node);
  const properties = place === null ? undefined : schemaAt(place.whole, parameters)?.properties;
  return place !== null && properties !== undefined && Object.hasOwn(properties, place.name)
    ? (properties[place.name] ?? null)
    : null;
}

/** The member of a whole, as `whole.name` or `whole["name"]`. */
function placeIn(node: ASTNode): { readonly whole: ASTNode; readonly name: string } | null {
  if (node.op !== '.' && node.op !== '[]') return null;
  const [whole, at] = node.args as readonly [ASTNode, ASTNode | string];
  const name = typeof at === 'string' ? at : (literalOf(at)?.text ?? null);
  return name === null ? null : { whole, name };
}

/** Where the condition asks for what the rule's own match leaves out, so that the two never hold together; null when nowhere. */
export function besideMatch(condition: string, match: Match): ConditionFault | null {
  for (const part of nodesIn(condition).slice(0, 1).flatMap(conjuncts)) {
    const compared = comparisonOf(part);
    const [first] = compared?.texts ?? [];
    if (compared === null || first === undefined || !['==', 'in'].includes(compared.how) || part.op === '!=') continue;
    const patterns = patternsOf(match, compared.seen);
    const isLeft = compared.texts.some(({ text }) => patterns.some((pattern) => matchesGlob(pattern, text)));
    if (patterns.length === 0 || isLeft) continue;
    const message = `never holds beside "match", which leaves this only ${patterns.map((each) => `"${each}"`).join(', ')}`;
    return { offset: first.offset, message };
  }
  return null;
}

/** What must all hold for the condition to hold. */
function conjuncts(node: ASTNode): readonly ASTNode[] {
  return node.op === '&&' ? childrenOf(node).flatMap(conjuncts) : [node];
}

/** Every node, the whole first; none where a walk over a list calls its items as one of ours is called. */
function nodesIn(condition: string): readonly ASTNode[] {
  const nodes = below(UNTYPED.parse(condition).ast);
  const items = nodes.filter(isMacroCall).map((node) => String(childrenOf(node)[1]?.args));
  return items.some((item) => item === 'agent' || item === 'parameters' || Object.hasOwn(VARIABLES, item)) ? [] : nodes;
}

function below(node: ASTNode): readonly ASTNode[] {
  return [node, ...childrenOf(node).flatMap(below)];
}

/** The patterns of the match that what is seen must fit; none where it leaves it open. */
function patternsOf({ action, resource, agents, environments, labels = {} }: Match, { of, label }: Seen) {
  const own = label !== undefined && Object.hasOwn(labels, label) ? [labels[label] ?? ''] : [];
  return { action: [action], resource: [resource], agent: agents, environment: environments, label: own, address: [] }[
    of
  ] as readonly string[];
}

/** Names of labels that are written as texts: `agent.labels["team"]` and `"team" in agent.labels`. */
function labelNames(node: ASTNode): readonly Literal[] {
  const [left, right] = childrenOf(node);
  if (left === undefined || right === undefined) return [];
  const name = node.op === '[]' && isLabels(left) ? right : node.op === 'in' && isLabels(right) ? left : null;
  const literal = name === null ? null : literalOf(name);
  return literal === null ? [] : [literal];
}

function comparisonOf(node: ASTNode): Compared | null {
  const [left, right] = childrenOf(node);
  if (left === undefined || right === undefined) return null;
  switch (node.op) {
    case '==':
    case '!=': {
      const seen = seenIn(left) ?? seenIn(right);
      const text = literalOf(left) ?? literalOf(right);
      return seen === null || text === null ? null : { seen, how: '==', texts: [text] };
    }
    case 'in': {
      const seen = seenIn(left);
      const items = right.op === 'list' ? childrenOf(right).map(literalOf) : [null];
      const texts = items.filter((item) => item !== null);
      return seen === null || texts.length < items.length ? null : { seen, how: 'in', texts };
    }
    case 'rcall': {
      const how = CALLS.find((each) => each === node.args[0]);
      const [seen, text] = [seenIn(left), literalOf(right)];
      return how === undefined || seen === null || text === null ? null : { seen, how, texts: [text] };
    }
    default:
      return null;
  }
}

function seenIn(node: ASTNode): Seen | null {
  if (node.op === 'id') return own(VARIABLES, String(node.args));
  const place = placeIn(node);
  if (place === null) return null;
  const { whole, name } = place;
  if (whole.op === 'id' && whole.args === 'agent') return own(MEMBERS, name);
  return isLabels(whole) ? { of: 'label', label: name } : null;
}

function isLabels(node: ASTNode): boolean {
  const place = placeIn(node);
  return place?.name === 'labels' && place.whole.op === 'id' && place.whole.args === 'agent';
}

function own(known: Readonly<Record<string, Seen>>, name: string): Seen | null {
  return Object.hasOwn(known, name) ? (known[name] ?? null) : null;
}

function literalOf(node: ASTNode): Literal | null {
  return node.op === 'value' && typeof node.args === 'string' ? { text: node.args, offset: node.start } : null;
}

function faultOf({ of: kind }: Seen, how: How, text: string): string | null {
  if (kind === 'address') return addressFaultOf(how, text);
  if (how === 'glob') return patternFault(kind, text);
  const around = { '==': [''], in: [''], startsWith: ['', 'a'], endsWith: ['', 'a'], contains: ['', 'a'] }[how];
  const canBe = around.some((before) => around.some((after) => isName(kind, withEnds(how, text, [before, after]))));
  return canBe ? null : `no ${kind} is like this: ${nameFault(kind, text)}`;
}

/** The text with a letter at those of its ends that are open. */
function withEnds(how: How, text: string, [before, after]: readonly [string, string]): string {
  if (how === 'startsWith') return `${text}${after}`;
  if (how === 'endsWith') return `${before}${text}`;
  return `${before}${text}${after}`;
}

/** Addresses are compared in the one form that they are kept in; the empty text stands for nobody. */
function addressFaultOf(how: How, text: string): string | null {
  const isWhole = how === '==' || how === 'in';
  if (isWhole && text === '') return null;
  const fault = isWhole ? addressFault(text) : null;
  if (fault !== null) return `no address is like this: ${fault}`;
  const kept = isWhole ? addressOf(text) : keptPart(text);
  return kept === text ? null : `addresses are kept in lower case and their domains in ASCII: write "${kept}"`;
}

/** A part of an address as it is kept, where it has a whole domain. */
function keptPart(text: string): string {
  return text.startsWith('@') ? addressOf(`a${text}`).slice(1) : text.toLowerCase();
}
