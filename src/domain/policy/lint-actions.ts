// What cannot work in what a policy says of its actions: names that no action has, titles and orders of parameters that the
// schema does not know. Pure.

import type { ActionEntry } from './actions.ts';
import type { ParameterType } from './condition-language.ts';
import { type ParameterSchema, parameterType } from './parameter-type.ts';
import { nameFault } from './pattern.ts';
import type { PolicyDocument, Problem } from './policy.ts';
import { parametersIn, readTitle } from './title.ts';

/** Everything that is wrong with the actions of a document. */
export function lintActions({ actions = {} }: PolicyDocument): readonly Problem[] {
  return Object.entries(actions).flatMap(([name, entry]) => {
    const path = ['actions', name];
    const fault = nameFault('action', name);
    return [
      ...(fault === null ? [] : [{ path, message: `no action has this name: ${fault}` }]),
      ...lintTitle(entry, [...path, 'title']),
      ...lintShow(entry, [...path, 'show']),
      ...lintMask(entry, [...path, 'mask']),
    ];
  });
}

/** A longer text is content, which an approver must see. */
const MASKED_CHARACTERS_MAX = 64;

/** A mask without a bound could hide anything at all from whoever approves. */
function lintMask({ mask = [], parameters }: ActionEntry, path: Problem['path']): Problem[] {
  return mask.flatMap((name, place): Problem[] => {
    if (mask.indexOf(name) < place) return [{ path: [...path, place], message: `"${name}" stands here twice` }];
    const { properties = {} } = parameters ?? {};
    if (!Object.hasOwn(properties, name))
      return [{ path: [...path, place], message: `"${name}" must stand in the properties of the schema` }];
    if (isBounded(properties[name] ?? {})) return [];
    const bound = `an enum, or type: string with a pattern or a maxLength of at most ${MASKED_CHARACTERS_MAX}`;
    return [{ path: [...path, place], message: `"${name}" needs a bound in the schema: ${bound}` }];
  });
}

function isBounded({ enum: values, type, pattern, maxLength }: ParameterSchema): boolean {
  if (values !== undefined) return true;
  // A pattern and a length say nothing of what is no text.
  return (
    type === 'string' && (pattern !== undefined || (maxLength ?? Number.POSITIVE_INFINITY) <= MASKED_CHARACTERS_MAX)
  );
}

function lintTitle({ title, parameters, mask = [] }: ActionEntry, path: Problem['path']): Problem[] {
  if (title === undefined) return [];
  const reading = readTitle(title);
  if (reading.kind === 'problem') return [{ path, message: reading.message, offset: reading.offset }];
  return parametersIn(reading.title).flatMap((names) => {
    const offset = title.indexOf(`{parameters.${names.join('.')}}`);
    if (mask.includes(names[0] ?? ''))
      return [{ path, message: `"${names[0]}" is masked, and a title shows it`, offset }];
    const unknown = unknownIn(parameters, names);
    return unknown === null ? [] : [{ path, message: `the schema has no parameter "${unknown}"`, offset }];
  });
}

function lintShow({ show = [], parameters }: ActionEntry, path: Problem['path']): Problem[] {
  return show.flatMap((name, place): Problem[] => {
    if (show.indexOf(name) < place) return [{ path: [...path, place], message: `"${name}" stands here twice` }];
    if (unknownIn(parameters, [name]) === null) return [];
    return [{ path: [...path, place], message: `the schema has no parameter "${name}"` }];
  });
}

/** The way to the first name that no request can have; null when the schema leaves it open. */
function unknownIn(schema: ParameterSchema | undefined, names: readonly string[]): string | null {
  let type = schema === undefined ? null : parameterType(schema);
  for (const [depth, name] of names.entries()) {
    if (type === null || type === 'any') return null;
    const members: Readonly<Record<string, ParameterType>> =
      typeof type === 'object' && type.kind === 'members' ? type.members : {};
    if (!Object.hasOwn(members, name)) return names.slice(0, depth + 1).join('.');
    type = members[name] ?? null;
  }
  return null;
}
