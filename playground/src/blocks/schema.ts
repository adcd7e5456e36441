// Small checks that are put together into Slack's schemas. They collect every fault with its JSON pointer; they know no block.
import type { Json, JsonObject } from '../protocol.ts';

/** Faults found so far, in Slack's words: `must be less than 76 characters [json-pointer:/blocks/0/…]`. */
export type Issues = string[];
export type Check = (value: Json | undefined, path: string, issues: Issues) => void;

/** Faults reported at most: a broken payload of hundreds of blocks should not answer with thousands of lines. */
const ISSUES_MAX = 20;

/** Adds one fault. */
export function issue(issues: Issues, path: string, text: string): void {
  if (issues.length < ISSUES_MAX) issues.push(`[ERROR] ${text} [json-pointer:${path}]`);
}

/** Whether the value is a JSON object. */
export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Length in code points as Slack stores the text: `&`, `<` and `>` as entities, those already escaped once. */
export function storedLength(text: string, isPlain = true): number {
  const escaped = text.replace(/&(?!(amp|lt|gt);)/g, '&amp;');
  return [...(isPlain ? escaped.replace(/</g, '&lt;').replace(/>/g, '&gt;') : escaped)].length;
}

/** A string of `min` to `max` code points. */
export function string(max: number, min = 0): Check {
  return (value, path, issues) => {
    if (typeof value !== 'string') return issue(issues, path, 'must provide a string');
    const length = [...value].length;
    if (length > max) issue(issues, path, `must be less than ${max + 1} characters`);
    if (length < min) issue(issues, path, `must be more than ${min - 1} characters`);
  };
}

/** One of the given strings. */
export function oneOf(...allowed: string[]): Check {
  return (value, path, issues) => {
    if (typeof value === 'string' && allowed.includes(value)) return;
    issue(issues, path, `must be a valid enum value: ${allowed.join(', ')}`);
  };
}

export const boolean: Check = (value, path, issues) => {
  if (typeof value !== 'boolean') issue(issues, path, 'must provide a boolean');
};

/** A whole number between the two. */
export function integer(min: number, max: number): Check {
  return (value, path, issues) => {
    if (typeof value !== 'number' || !Number.isInteger(value)) return issue(issues, path, 'must provide an integer');
    if (value < min || value > max) issue(issues, path, `must be between ${min} and ${max}`);
  };
}

/** A string that the pattern matches. */
export function pattern(expression: RegExp, expected: string): Check {
  return (value, path, issues) => {
    if (typeof value !== 'string' || !expression.test(value)) issue(issues, path, `must be ${expected}`);
  };
}

/** A list of `min` to `max` items that each pass. */
export function array(item: Check, max: number, min = 0): Check {
  return (value, path, issues) => {
    if (!Array.isArray(value)) return issue(issues, path, 'must provide an array');
    if (value.length > max) issue(issues, path, `no more than ${max} items allowed`);
    if (value.length < min) issue(issues, path, `must have at least ${min} item${min === 1 ? '' : 's'}`);
    for (const [index, entry] of value.entries()) item(entry, `${path}/${index}`, issues);
  };
}

export type Shape = { required?: Record<string, Check>; optional?: Record<string, Check> };

/** An object with exactly these properties, `type` aside. */
export function object(shape: Shape): Check {
  const known: Record<string, Check> = { ...shape.optional, ...shape.required };
  return (value, path, issues) => {
    if (!isObject(value)) return issue(issues, path, 'must provide an object');
    for (const name of Object.keys(shape.required ?? {})) {
      if (value[name] === undefined || value[name] === null) issue(issues, path, `missing required field: ${name}`);
    }
    for (const [name, entry] of Object.entries(value)) {
      if (name === 'type') continue;
      const check = Object.hasOwn(known, name) ? known[name] : undefined;
      if (!check) issue(issues, path, `invalid additional property: ${name}`);
      else if (entry !== null) check(entry, `${path}/${name}`, issues);
    }
  };
}

/** An object whose `type` chooses the check. The table is asked late, so that tables may name each other. */
export function byType(table: () => Record<string, Check>): Check {
  return (value, path, issues) => {
    if (!isObject(value)) return issue(issues, path, 'must provide an object');
    const type = value['type'];
    if (typeof type !== 'string') return issue(issues, path, 'missing required field: type');
    const known = table();
    const check = Object.hasOwn(known, type) ? known[type] : undefined;
    if (!check) return issue(issues, `${path}/type`, `unsupported type: ${type}`);
    check(value, path, issues);
  };
}

/** All of the checks, one after the other. */
export function all(...checks: Check[]): Check {
  return (value, path, issues) => {
    for (const check of checks) check(value, path, issues);
  };
}

/** At least one of the properties is there. */
export function needsOneOf(...names: string[]): Check {
  return (value, path, issues) => {
    if (isObject(value) && names.some((name) => value[name] !== undefined && value[name] !== null)) return;
    issue(issues, path, `missing required field: ${names.join(' or ')}`);
  };
}
