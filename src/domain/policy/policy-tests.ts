// The tests of a policy: asks that it says of itself how it judges them. Pure.

import { labelsFault } from '../people/labels.ts';
import type { JsonObject } from '../request/request.ts';
import { entryOf, isReserved } from './actions.ts';
import type { ParameterSchema, Violation } from './parameter-type.ts';
import { nameFault } from './pattern.ts';
import {
  evaluate,
  type Judgement,
  type PolicyDocument,
  type PolicyInput,
  type PolicyTest,
  type Problem,
} from './policy.ts';
import { stagesOf } from './rule-stages.ts';

/** Each is judged by all rules, so these keep lint short. */
export const TESTS_MAX = 500;
/** For tests that do not say when they ask: a moment at which no rule can depend on the day of the lint. */
const NOW_DEFAULT = '2000-01-01T12:00:00Z';

const NAMED = ['agent', 'environment', 'action', 'resource'] as const;

type CheckParameters = (schema: ParameterSchema, parameters: JsonObject) => readonly Violation[];

/** Each test of the document that fails, at what it expected; names that stand twice besides. */
export function runTests(document: PolicyDocument, checkParameters: CheckParameters): readonly Problem[] {
  const { tests = [] } = document;
  return tests.flatMap((test, index): Problem[] => {
    const path = ['tests', index];
    if (tests.findIndex(({ name }) => name === test.name) < index)
      return [{ path: [...path, 'name'], message: `another test is named "${test.name}"` }];
    const refused = refusalOf(document, test, checkParameters);
    if (refused !== null) return [{ path: [...path, 'ask', refused.member], message: refused.message }];
    const judgement = evaluate(document, inputOf(test));
    return differences(test, judgement).map(({ member, message }) => {
      return { path: [...path, 'expect', member], message: `"${test.name}": ${message}` };
    });
  });
}

function refusalOf(document: PolicyDocument, { ask }: PolicyTest, checkParameters: CheckParameters) {
  for (const member of NAMED) {
    const message = nameFault(member, ask[member]);
    if (message !== null) return { member, message };
  }
  const fault = labelsFault(ask.labels);
  if (fault !== null) return { member: 'labels', message: fault };
  if (isReserved(ask.action)) return { member: 'action', message: 'no agent asks for an action of the product' };
  const schema = entryOf(document, ask.action)?.parameters;
  const [violation] = schema === undefined ? [] : checkParameters(schema, ask.parameters);
  if (violation === undefined) return null;
  const where = violation.pointer === '' ? '' : ` at ${violation.pointer}`;
  return { member: 'parameters', message: `refused by the schema of the action${where}: ${violation.message}` };
}

function inputOf({ ask }: PolicyTest): PolicyInput {
  const { agent: name, environment, labels, owner = '', now, ...rest } = ask;
  return { ...rest, agent: { name, environment, labels, owner }, now: new Date(now ?? NOW_DEFAULT) };
}

type Difference = { readonly member: keyof PolicyTest['expect']; readonly message: string };

function differences({ expect }: PolicyTest, { effect, rule }: Judgement): readonly Difference[] {
  const judged = rule === null ? 'no rule matches' : `rule "${rule.name}"`;
  if (effect !== expect.effect) return [{ member: 'effect', message: `the policy says ${effect} (${judged})` }];
  const found: Difference[] = [];
  if (expect.rule !== undefined && expect.rule !== (rule?.name ?? null))
    found.push({ member: 'rule', message: `judged otherwise: ${judged}` });
  const stages = rule === null || effect !== 'require' ? [] : stagesOf(rule).map(({ approvers }) => approvers);
  if (expect.stages !== undefined && textOf(expect.stages) !== textOf(stages))
    found.push({ member: 'stages', message: `the stages are ${textOf(stages)}` });
  return found;
}

/** As it would be written, the groups of a stage in one order. */
function textOf(stages: readonly (readonly string[])[]): string {
  return `[${stages.map((groups) => `[${[...groups].sort().join(', ')}]`).join(', ')}]`;
}
