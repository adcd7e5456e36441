// What is asked, held to what the policy says of such asks, before anything is written.

import { PlacetError } from '../../domain/errors.ts';
import type { ActionEntry } from '../../domain/policy/actions.ts';
import type { ParameterSchema, Violation } from '../../domain/policy/parameter-type.ts';
import type { Rule } from '../../domain/policy/policy.ts';
import type { Ask, JsonObject } from '../../domain/request/request.ts';

export type CheckDeps = {
  /** What is wrong with parameters by the schema that the policy has for their action. */
  readonly checkParameters: (schema: ParameterSchema, parameters: JsonObject) => readonly Violation[];
};

/** Throws parameters_invalid, whatever rule would judge it: what is not of the policy's kind is no such action at all. */
export function checkParametersOf(
  { checkParameters }: CheckDeps,
  entry: ActionEntry | null,
  parameters: JsonObject,
): void {
  const violations = entry?.parameters === undefined ? [] : checkParameters(entry.parameters, parameters);
  if (violations.length === 0) return;
  const errors = violations.map(({ pointer, message }) => ({ path: `/parameters${pointer}`, message }));
  throw new PlacetError('parameters_invalid', { errors });
}

/** A letter or a digit: dots, or what nobody sees, are no words. */
const WORDS = /[\p{L}\p{N}]/u;

/** Throws justification_missing where the rule asks for the agent's why and there are no words. */
export function checkJustified({ justification }: Ask, rule: Rule | null): void {
  if (rule?.justification === 'required' && !WORDS.test(justification ?? ''))
    throw new PlacetError('justification_missing', { rule: rule.name });
}
