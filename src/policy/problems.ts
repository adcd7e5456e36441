// Says what is wrong with the form of a policy in plain words. Knows zod's issues, not files or lines.

import type { z } from 'zod';
import { nearest } from './near.ts';
import { MEMBERS } from './schema.ts';

export type FormProblem = {
  readonly path: readonly (string | number)[];
  readonly message: string;
  /** Whether the name of the member is wrong or its value. */
  readonly at: 'name' | 'value';
};

type Issue = z.core.$ZodIssue;

/** How zod begins its own messages about types. */
const ZOD_WORDS = 'Invalid input';

/** One problem for each thing to mend, with the path of it in the file. */
export function formProblems(error: z.ZodError, value: unknown): FormProblem[] {
  return error.issues.flatMap((issue) => toProblems(issue, value));
}

function toProblems(issue: Issue, value: unknown): FormProblem[] {
  const path = issue.path.map((step) => (typeof step === 'number' ? step : String(step)));
  const found = valueAt(value, path);
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => ({ path: [...path, key], message: unknownMember(key, path), at: 'name' }));
    case 'invalid_key':
      return [{ path, message: issue.issues[0]?.message ?? 'a name that is not allowed', at: 'name' }];
    case 'invalid_type':
      if (found === undefined) return [{ path, message: `"${path.at(-1)}" is missing`, at: 'value' }];
      // A message of the schema's own knows more than the type.
      if (!issue.message.startsWith(ZOD_WORDS)) return [{ path, message: issue.message, at: 'value' }];
      return [
        {
          path,
          message: `expected ${wordFor(issue.expected)}, found ${wordOf(found)}${advice(issue, found)}`,
          at: 'value',
        },
      ];
    case 'invalid_value':
      if (found === undefined) return [{ path, message: `"${path.at(-1)}" is missing`, at: 'value' }];
      return [
        {
          path,
          message: `expected ${issue.values.map(String).join(', ')}${meantValue(issue.values, found)}`,
          at: 'value',
        },
      ];
    default:
      return [{ path, message: issue.message, at: 'value' }];
  }
}

/** What other tools, and people, call our members. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  env: 'environments',
  threshold: 'quorum',
  approvals: 'quorum',
  required: 'quorum',
  groups: 'approvers',
  group: 'approvers',
  condition: 'when',
  if: 'when',
  unless: 'when',
  decision: 'effect',
  ttl: 'lifetime',
  expiry: 'timeout',
  expires: 'timeout',
  id: 'name',
  description: 'name',
  users: 'members',
  emails: 'members',
  usergroup: 'slack_user_group',
  aud: 'audience',
  tool: 'action',
};

function unknownMember(name: string, path: readonly (string | number)[]): string {
  const place = placeOf(path);
  const here = MEMBERS[place] ?? [];
  const other = Object.hasOwn(OTHER_NAMES, name.toLowerCase()) ? OTHER_NAMES[name.toLowerCase()] : undefined;
  const meant = other !== undefined && here.includes(other) ? other : nearest(name, here);
  if (meant !== null) return `unknown member "${name}"; did you mean "${meant}"?`;
  const [home] = Object.entries(MEMBERS).find(([other, names]) => other !== place && names.includes(name)) ?? [];
  // A list without quotes and brackets: what stands behind the first comma reads as a member.
  if (home === undefined && place === 'rules.*.match' && /[.*/:]/.test(name))
    return `unknown member "${name}"; a pattern is one, so write a rule for each`;
  if (home === undefined) return `unknown member "${name}"`;
  return `unknown member "${name}"; it stands ${WHERE[home] ?? 'elsewhere'}`;
}

const WHERE: Readonly<Record<string, string>> = {
  '': 'at the top of the file, without an indent',
  'people.*': 'with a person in "people"',
  'approver_groups.*': 'in a group of "approver_groups"',
  'actions.*': 'with an action in "actions"',
  'actions.*.parameters': 'in the schema of the parameters',
  'calendars.*': 'in a calendar of "calendars"',
  'rules.*.hours': 'in "hours"',
  'rules.*': 'with a rule in "rules"',
  'rules.*.stages.*': 'with a stage in "stages"',
  'rules.*.stages.*.escalate': 'in "escalate"',
  'tests.*': 'with a test in "tests"',
  'tests.*.ask': 'in "ask"',
  'tests.*.expect': 'in "expect"',
  'rules.*.match': 'in "match"',
  'rules.*.credential': 'in "credential"',
};

/** The path as a key of MEMBERS: what comes second is any name or index, and so is any place in a list. */
function placeOf(path: readonly (string | number)[]): string {
  return path.map((step, depth) => (depth === 1 || typeof step === 'number' ? '*' : step)).join('.');
}

/** What to type instead, where the value itself says it. */
function advice(issue: Extract<Issue, { code: 'invalid_type' }>, found: unknown): string {
  switch (issue.expected) {
    case 'string':
      if (Array.isArray(found)) return '; write one, and a rule of its own for each other';
      return typeof found === 'number' || typeof found === 'boolean' ? `; write "${String(found)}", in quotes` : '';
    case 'array':
      if (typeof found === 'number' || typeof found === 'boolean') return `; write ["${String(found)}"]`;
      return typeof found === 'string' ? `; write [${inList(found)}]` : '';
    case 'int':
    case 'number':
      if (typeof found !== 'string') return '';
      return inDigits(found);
    default:
      return '';
  }
}

function inDigits(text: string): string {
  if (/^\s*\d{1,9}\s*$/.test(text)) return `; write ${text.trim()}, without quotes`;
  // What ends a line elsewhere, or comments on it, is part of the text here.
  const [, digits] = /^\s*(\d{1,9})\s*(?:[;,]|\/\/.*)$/.exec(text) ?? [];
  return digits === undefined ? '; write it in digits, such as 2' : `; write ${digits} alone`;
}

/** A text as the entries of a list in brackets: in quotes where YAML would take it for something else. */
function inList(text: string): string {
  const entries = text
    .split(/[,;]/)
    .map((part) => part.trim())
    .filter((part) => part !== '');
  return entries.map((entry) => (/^[\w][\w.@/-]*$/.test(entry) ? entry : JSON.stringify(entry))).join(', ');
}

/** What other tools call the same. */
const SAME: Readonly<Record<string, string>> = {
  ...Object.fromEntries(['block', 'forbid', 'reject', 'refuse', 'drop', 'never'].map((word) => [word, 'deny'])),
  ...Object.fromEntries(['permit', 'accept', 'pass', 'grant', 'always'].map((word) => [word, 'allow'])),
  ...Object.fromEntries(['ask', 'approve', 'approval', 'review', 'prompt'].map((word) => [word, 'require'])),
};

function meantValue(values: readonly unknown[], found: unknown): string {
  if (typeof found !== 'string') return '';
  const plain = found.trim().toLowerCase();
  const same = Object.hasOwn(SAME, plain) ? SAME[plain] : undefined;
  if (same !== undefined && values.includes(same)) return `; did you mean ${same}?`;
  const number = values.find((value) => typeof value === 'number' && String(value) === found.trim());
  if (number !== undefined) return `; write ${String(number)}, without quotes`;
  const meant = nearest(
    found,
    values.filter((value) => typeof value === 'string'),
  );
  return meant === null ? '' : `; did you mean ${meant}?`;
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
