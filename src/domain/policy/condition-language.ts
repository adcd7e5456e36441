// The language of conditions: CEL (https://cel.dev) with what a condition may see, and numbers that mix. Pure.

import { Environment } from '@marcbachmann/cel-js';
import { matchesGlob } from './glob.ts';

/** Together with the bound on the steps of an answer, these keep one short. */
const NODES_MAX = 500;
const DEPTH_MAX = 32;
const LITERAL_ITEMS_MAX = 100;
const ARGUMENTS_MAX = 4;

/** What the members of an action's parameters hold, where the policy says so: misspelt names and types are refused. */
export type ParameterType =
  | 'number'
  | 'text'
  | 'boolean'
  | 'any'
  | { readonly kind: 'list'; readonly item: ParameterType }
  | { readonly kind: 'members'; readonly members: Readonly<Record<string, ParameterType>> };

const base = createBase();
/** Parameters of any form: what answers are computed in. */
export const UNTYPED = base.clone().registerVariable('parameters', 'map<string, dyn>');

/** Parameters of this form: what a condition is checked in. */
export function typed(parameters: ParameterType): Environment {
  // Only to be checked: where types are known at the time of the answer, the engine mixes numbers in a list by itself.
  const environment = base
    .clone()
    .registerOperator('double in list<int>', () => false)
    .registerOperator('int in list<double>', () => false);
  const type = celType(parameters);
  return typeof type === 'string'
    ? environment.registerVariable('parameters', type)
    : environment.registerVariable({ name: 'parameters', schema: type });
}

type CelType = string | { [name: string]: CelType };

function celType(type: ParameterType): CelType {
  if (type === 'number') return 'double';
  if (type === 'text') return 'string';
  if (type === 'boolean') return 'bool';
  if (type === 'any') return 'dyn';
  if (type.kind === 'members') {
    return Object.fromEntries(Object.entries(type.members).map(([name, member]) => [name, celType(member)]));
  }
  const item = celType(type.item);
  return `list<${typeof item === 'string' ? item : 'dyn'}>`;
}

function createBase(): Environment {
  const environment = new Environment({
    unlistedVariablesAreDyn: false,
    enableOptionalTypes: false,
    limits: {
      maxAstNodes: NODES_MAX,
      maxDepth: DEPTH_MAX,
      maxListElements: LITERAL_ITEMS_MAX,
      maxMapEntries: LITERAL_ITEMS_MAX,
      maxCallArguments: ARGUMENTS_MAX,
    },
  })
    .registerVariable({
      name: 'agent',
      schema: { name: 'string', environment: 'string', labels: 'map<string, string>', owner: 'string' },
    })
    .registerVariable('action', 'string')
    .registerVariable('resource', 'string')
    .registerVariable('on_behalf_of', 'string')
    .registerVariable('now', 'google.protobuf.Timestamp')
    .registerFunction('string.glob(string): bool', (text: string, pattern: string) => matchesGlob(pattern, text));
  // A parameter is a double, and people write 500, which is an int to CEL: for numbers the two are one here.
  const numbers = {
    '+': (a: number, b: number) => a + b,
    '-': (a: number, b: number) => a - b,
    '*': (a: number, b: number) => a * b,
    '/': (a: number, b: number) => a / b,
    '%': (a: number, b: number) => a % b,
  };
  for (const [sign, compute] of Object.entries(numbers)) {
    const mixed = (a: number | bigint, b: number | bigint) => compute(Number(a), Number(b));
    for (const [left, right] of [
      ['double', 'int'],
      ['int', 'double'],
    ]) {
      environment.registerOperator(`${left} ${sign} ${right}: double`, mixed);
    }
  }
  environment.registerOperator('double % double: double', numbers['%']);
  environment.registerOperator('double == int', (a: number, b: bigint) => a === Number(b));
  return environment;
}
