// The form of an action's parameter schema: JSON Schema 2020-12 without what has no bound or reaches outside the document.
// https://json-schema.org/draft/2020-12

import { RE2JS } from 're2js';
import { z } from 'zod';
import { JSON_TYPES, type ParameterSchema } from '../domain/policy/parameter-type.ts';

/** `uniqueItems` compares each with each. */
const UNIQUE_ITEMS_MAX = 1_000;
const PATTERN_CHARACTERS_MAX = 500;
const VALUES_MAX = 200;
const MEMBERS_MAX = 200;

const count = z.int('write a whole number').min(0, 'below 0');
const name = z.string().min(1, 'empty').max(200, 'longer than 200 characters');
const names = z.array(name).max(MEMBERS_MAX, `more than ${MEMBERS_MAX}`);
const type = z.enum(JSON_TYPES);

/** RE2 has no look-around and no back-references, and matches in time linear in the text, whatever the pattern. */
const pattern = z
  .string()
  .max(PATTERN_CHARACTERS_MAX, `longer than ${PATTERN_CHARACTERS_MAX} characters`)
  .superRefine((text, context) => {
    try {
      RE2JS.compile(text);
    } catch (error) {
      context.addIssue(`not a pattern that RE2 takes: ${error instanceof Error ? error.message : String(error)}`);
    }
  });

const schema: z.ZodType<ParameterSchema> = z.lazy(() =>
  form.superRefine((input, context) => {
    if (input.uniqueItems !== true || (input.maxItems ?? Number.POSITIVE_INFINITY) <= UNIQUE_ITEMS_MAX) return;
    const message = `uniqueItems needs a maxItems of at most ${UNIQUE_ITEMS_MAX}, since it compares each with each`;
    context.addIssue({ code: 'custom', path: ['uniqueItems'], message });
  }),
);
const members = z
  .record(name, schema)
  .refine((all) => Object.keys(all).length <= MEMBERS_MAX, `more than ${MEMBERS_MAX} members`);
const several = z.array(schema).min(1, 'empty').max(VALUES_MAX, `more than ${VALUES_MAX}`);

const form = z.strictObject({
  type: z
    .union([type, z.array(type).min(1, 'empty')], `expected ${JSON_TYPES.join(', ')}, or a list of them`)
    .optional(),
  enum: z.array(z.json()).min(1, 'empty').max(VALUES_MAX, `more than ${VALUES_MAX}`).optional(),
  const: z.json().optional(),
  title: z.string().optional(),
  description: z.string().optional(),
  required: names.optional(),
  properties: members.optional(),
  additionalProperties: z.union([z.boolean(), schema], 'expected true, false or a schema').optional(),
  propertyNames: schema.optional(),
  minProperties: count.optional(),
  maxProperties: count.optional(),
  dependentRequired: z.record(name, names).optional(),
  items: schema.optional(),
  prefixItems: several.optional(),
  contains: schema.optional(),
  minItems: count.optional(),
  maxItems: count.optional(),
  uniqueItems: z.boolean().optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  exclusiveMinimum: z.number().optional(),
  exclusiveMaximum: z.number().optional(),
  multipleOf: z.number().positive('not above 0').optional(),
  minLength: count.optional(),
  maxLength: count.optional(),
  pattern: pattern.optional(),
  allOf: several.optional(),
  anyOf: several.optional(),
  oneOf: several.optional(),
  not: schema.optional(),
  if: schema.optional(),
  // biome-ignore lint/suspicious/noThenProperty: JSON Schema's own word, and nothing awaits this object.
  then: schema.optional(),
  else: schema.optional(),
});

/** The members of a schema: who mistypes one is told which was meant. */
export const PARAMETER_MEMBERS = Object.keys(form.shape);

/** Parameters are always an object; a schema that says otherwise would refuse every request. */
export const parameterSchema = schema.refine(
  (input) => input.type === undefined || input.type === 'object',
  'parameters are an object: write type: object',
);
