// What the policy says of an action's parameters: a JSON Schema, and which types a condition may rely on by it. Pure.
// https://json-schema.org/draft/2020-12

import type { ParameterType } from './condition-language.ts';

export const JSON_TYPES = ['object', 'array', 'string', 'number', 'integer', 'boolean', 'null'] as const;

/** The members that a schema may have, each as the specification types it. */
export type ParameterSchema = {
  readonly type?: (typeof JSON_TYPES)[number] | readonly (typeof JSON_TYPES)[number][] | undefined;
  readonly enum?: readonly unknown[] | undefined;
  readonly const?: unknown;
  readonly title?: string | undefined;
  readonly description?: string | undefined;
  readonly required?: readonly string[] | undefined;
  readonly properties?: Readonly<Record<string, ParameterSchema>> | undefined;
  readonly additionalProperties?: boolean | ParameterSchema | undefined;
  readonly propertyNames?: ParameterSchema | undefined;
  readonly minProperties?: number | undefined;
  readonly maxProperties?: number | undefined;
  readonly dependentRequired?: Readonly<Record<string, readonly string[]>> | undefined;
  readonly items?: ParameterSchema | undefined;
  readonly prefixItems?: readonly ParameterSchema[] | undefined;
  readonly contains?: ParameterSchema | undefined;
  readonly minItems?: number | undefined;
  readonly maxItems?: number | undefined;
  readonly uniqueItems?: boolean | undefined;
  readonly minimum?: number | undefined;
  readonly maximum?: number | undefined;
  readonly exclusiveMinimum?: number | undefined;
  readonly exclusiveMaximum?: number | undefined;
  readonly multipleOf?: number | undefined;
  readonly minLength?: number | undefined;
  readonly maxLength?: number | undefined;
  readonly pattern?: string | undefined;
  readonly allOf?: readonly ParameterSchema[] | undefined;
  readonly anyOf?: readonly ParameterSchema[] | undefined;
  readonly oneOf?: readonly ParameterSchema[] | undefined;
  readonly not?: ParameterSchema | undefined;
  readonly if?: ParameterSchema | undefined;
  readonly then?: ParameterSchema | undefined;
  readonly else?: ParameterSchema | undefined;
};

/** Which parameter is wrong (RFC 6901), and why. */
export type Violation = { readonly pointer: string; readonly message: string };

/** The schema as it judges: where it lists parameters, it knows no other unless it says so. Further in, as JSON Schema has it. */
export function closed(schema: ParameterSchema): ParameterSchema {
  const isOpen = schema.properties === undefined || schema.additionalProperties !== undefined;
  return { type: 'object', ...schema, ...(isOpen ? {} : { additionalProperties: false }) };
}

/** What the members hold, as far as the schema says it for every request; null where it says nothing. */
export function parameterType(schema: ParameterSchema): ParameterType | null {
  const type = typeOf(closed(schema));
  return type === 'any' ? null : type;
}

function typeOf(schema: ParameterSchema): ParameterType {
  switch (schema.type) {
    case 'number':
    case 'integer':
      return 'number';
    case 'string':
      return 'text';
    case 'boolean':
      return 'boolean';
    case 'array':
      return { kind: 'list', item: schema.prefixItems === undefined && schema.items ? typeOf(schema.items) : 'any' };
    case 'object': {
      // Further members may come: then nothing can be said of a name that is not here.
      if (schema.additionalProperties !== false || schema.properties === undefined) return 'any';
      const members = Object.entries(schema.properties).map(([name, member]) => [name, typeOf(member)] as const);
      return { kind: 'members', members: Object.fromEntries(members) };
    }
    default:
      return 'any';
  }
}
