// Says what is wrong with the form of a policy in plain words. Knows zod's issues, not files or lines.

import type { z } from 'zod';

export type FormProblem = {
  readonly path: readonly (string | number)[];
  readonly message: string;
  /** Whether the name of the member is wrong or its value. */
  readonly at: 'name' | 'value';
};

type Issue = z.core.$ZodIssue;

/** One problem for each thing to mend, with the path of it in the file. */
export function formProblems(error: z.ZodError, value: unknown): FormProblem[] {
  return error.issues.flatMap((issue) => toProblems(issue, value));
}

function toProblems(issue: Issue, value: unknown): FormProblem[] {
  const path = issue.path.map((step) => (typeof step === 'number' ? step : String(step)));
  const found = valueAt(value, path);
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => ({ path: [...path, key], message: `unknown member "${key}"`, at: 'name' }));
    case 'invalid_key':
      return [{ path, message: issue.issues[0]?.message ?? 'a name that is not allowed', at: 'name' }];
    case 'invalid_type':
      if (found === undefined) return [{ path, message: `"${path.at(-1)}" is missing`, at: 'value' }];
      return [{ path, message: `expected ${wordFor(issue.expected)}, found ${wordOf(found)}`, at: 'value' }];
    case 'invalid_value':
      if (found === undefined) return [{ path, message: `"${path.at(-1)}" is missing`, at: 'value' }];
      return [{ path, message: `expected ${issue.values.map(String).join(', ')}`, at: 'value' }];
    default:
      return [{ path, message: issue.message, at: 'value' }];
  }
}

function valueAt(value: unknown, path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>(
    (inner, step) =>
      typeof inner === 'object' && inner !== null && Object.hasOwn(inner, step)
        ? (inner as Record<string | number, unknown>)[step]
        : undefined,
    value,
  );
}

function wordFor(expected: string): string {
  switch (expected) {
    case 'string':
      return 'text';
    case 'array':
      return 'a list';
    case 'object':
    case 'record':
      return 'members';
    case 'int':
    case 'number':
      return 'a whole number';
    default:
      return expected;
  }
}

function wordOf(found: unknown): string {
  if (found === null) return 'nothing';
  if (Array.isArray(found)) return 'a list';
  if (typeof found === 'object') return 'members';
  return typeof found === 'string' ? 'text' : `${typeof found} ${String(found)}`;
}
