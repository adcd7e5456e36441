// Random rules: what lint says of a rule that never judges is true of whatever is asked.

import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { evaluate, type PolicyDocument, type Rule } from '../../src/domain/policy/policy.ts';
import { warningsOf } from '../../src/domain/policy/warnings.ts';

const days = ['mon', 'tue', 'wed', 'thu', 'fri'] as const;
const office = { time_zone: 'UTC', days, from_minutes: 480, to_minutes: 1_080, except: [] };
const moments = [new Date('2026-11-27T12:00:00Z'), new Date('2026-11-27T23:00:00Z')];

const pattern = fc.constantFrom('*', 'a*', '*b', 'ab', 'a', 'b', 'a*b');
const mostlyAll = fc.oneof({ weight: 3, arbitrary: fc.constant('*') }, pattern);
const list = fc.uniqueArray(mostlyAll, { minLength: 1, maxLength: 2 });
const patterns = fc.dictionary(fc.constantFrom('x', 'y'), pattern, { noNullPrototype: true });
type Asking = 'at any hour' | 'in its hours' | 'in stages';
const made = fc.record({
  effect: fc.constantFrom<Rule['effect'][]>('allow', 'deny', 'require', 'require', 'require'),
  quorum: fc.constantFrom(1, 2),
  timeout_seconds: fc.constantFrom(60, 600),
  match: fc.record(
    { action: mostlyAll, resource: mostlyAll, agents: list, environments: list, labels: patterns },
    { requiredKeys: ['action', 'resource', 'agents', 'environments'] },
  ),
  condition: fc.constantFrom({}, {}, { when: 'parameters.amount > 1' }, { when: 'parameters.missing' }),
  approvers: fc.subarray(['dba', 'payments'], { minLength: 1 }),
  asking: fc.constantFrom<Asking[]>('at any hour', 'at any hour', 'in its hours', 'in stages'),
});

function demandOf(asking: Asking, approvers: string[]): Partial<Rule> {
  if (asking === 'in its hours') return { approvers, hours: { calendar: 'office', outside: 'deny' } };
  if (asking === 'at any hour') return { approvers };
  return { approvers: [], quorum: 1, stages: [{ approvers, quorum: 1, each: true }] };
}

const policies = fc.array(made, { maxLength: 5 }).map(
  (all): PolicyDocument => ({
    version: 1,
    people: [],
    approver_groups: {},
    calendars: { office },
    rules: all.map(({ condition, asking, approvers, ...rest }, place) => ({
      ...rest,
      ...condition,
      ...{ name: String(place), credential: null, approvers: [] },
      ...(rest.effect === 'require' ? demandOf(asking, approvers) : {}),
    })),
  }),
);

const name = fc.constantFrom('a', 'b', 'ab', 'aab', 'c');
const input = fc.record({
  agent: fc.record({
    name,
    environment: name,
    labels: fc.dictionary(fc.constantFrom('x', 'y'), name, { noNullPrototype: true }),
    owner: fc.constant(''),
  }),
  action: name,
  resource: name,
  parameters: fc.record({ amount: fc.constantFrom(1, 2) }),
  on_behalf_of: fc.constant(null),
  now: fc.constantFrom(...moments),
});

test('a rule that is warned of never judges whatever is asked, in stages and outside of hours too', () => {
  const inputs = fc.array(input, { minLength: 30, maxLength: 30 });
  let warned = 0;
  const property = fc.property(policies, inputs, (policy, each) => {
    const dead = warningsOf(policy)
      .filter(({ message }) => message.startsWith('this rule never judges'))
      .map(({ path }) => policy.rules[Number(path[1])]?.name);
    warned += dead.length;
    return each.every((one) => !dead.includes(evaluate(policy, one).rule?.name));
  });
  fc.assert(property, { numRuns: 1_000 });
  expect(warned).toBeGreaterThan(100);
});
