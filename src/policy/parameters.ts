// Whether parameters are what the policy says of their action. Checks; changes nothing of them.

import { format, type Schema, Validator } from '@cfworker/json-schema';
import { RE2JS } from 're2js';
import { closed, type ParameterSchema, type Violation } from '../domain/policy/parameter-type.ts';
import type { JsonObject } from '../domain/request/request.ts';

/** The first ones of a hostile text say enough. */
const VIOLATIONS_MAX = 10;
const MESSAGE_CHARACTERS_MAX = 200;

export type CheckParameters = (parameters: JsonObject) => readonly Violation[];

const checks = new WeakMap<ParameterSchema, CheckParameters>();

/** What is wrong with parameters by their schema; a schema that is kept is compiled once. */
export function checkParameters(schema: ParameterSchema, parameters: JsonObject): readonly Violation[] {
  const check = checks.get(schema) ?? createCheck(schema);
  checks.set(schema, check);
  return check(parameters);
}

/** Compiles a schema for many requests. */
export function createCheck(schema: ParameterSchema): CheckParameters {
  const validator = new Validator(withLinearPatterns(closed(schema)) as Schema, '2020-12', false);
  return (parameters) => {
    const { valid, errors } = validator.validate(parameters);
    if (valid) return [];
    // The library tells each failure again for everything around it; the innermost one names the cause.
    const causes = errors.filter(({ keyword }) => !AROUND.includes(keyword));
    return (causes.length === 0 ? errors : causes)
      .slice(0, VIOLATIONS_MAX)
      .map(({ instanceLocation, keyword, error }) => ({
        pointer: instanceLocation.slice(1),
        message: OWN_MESSAGES[keyword] ?? [...error].slice(0, MESSAGE_CHARACTERS_MAX).join(''),
      }));
  };
}

/** Failures that only repeat one further in. */
const AROUND: readonly string[] = [
  'properties',
  'items',
  'prefixItems',
  'allOf',
  'additionalProperties',
  'propertyNames',
];
const OWN_MESSAGES: Readonly<Record<string, string>> = {
  false: 'The action has no such parameter.',
  format: 'Text does not match the pattern.',
};

const SCHEMA_IN: readonly string[] = [
  'additionalProperties',
  'propertyNames',
  'items',
  'contains',
  'not',
  'if',
  'then',
  'else',
];
const SCHEMAS_IN: readonly string[] = ['properties', 'prefixItems', 'allOf', 'anyOf', 'oneOf'];

/**
 * The schema with its patterns as formats that RE2 decides: the library would give them to JavaScript's own engine, where
 * one text can hold the process for ever. Formats of others are none of ours, so the names cannot meet.
 */
function withLinearPatterns(schema: unknown): unknown {
  if (typeof schema !== 'object' || schema === null) return schema;
  const members = Object.entries(schema).map(([name, part]: [string, unknown]): [string, unknown] => {
    if (name === 'pattern') return ['format', formatOf(String(part))];
    if (SCHEMA_IN.includes(name)) return [name, withLinearPatterns(part)];
    return [name, SCHEMAS_IN.includes(name) ? each(part) : part];
  });
  return Object.fromEntries(members);
}

function each(schemas: unknown): unknown {
  if (Array.isArray(schemas)) return schemas.map(withLinearPatterns);
  return Object.fromEntries(
    Object.entries(schemas as object).map(([name, schema]) => [name, withLinearPatterns(schema)]),
  );
}

function formatOf(pattern: string): string {
  const name = `re2:${pattern}`;
  const compiled = RE2JS.compile(pattern);
  format[name] ??= (text) => compiled.matcher(text).find();
  return name;
}
