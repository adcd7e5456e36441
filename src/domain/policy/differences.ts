// What two policy documents differ in, member by member: rules, groups and people by their names, not by their places. Pure.

import { addressOf } from '../people/address.ts';
import type { PolicyDocument } from './policy.ts';

export type Difference = {
  /** Member names from the top, such as rules, small refunds, quorum. */
  readonly path: readonly string[];
  /** What stands there; undefined where nothing does. */
  readonly from: unknown;
  readonly to: unknown;
};

/** Every difference, in the order of the documents; none when they mean the same. */
export function differencesOf(from: PolicyDocument | null, to: PolicyDocument): readonly Difference[] {
  return [...compare([], from === null ? {} : named(from), named(to)), ...orderOf(from, to)];
}

type Members = Readonly<Record<string, unknown>>;

/** The document with its lists of named things as members by their names. */
function named({ rules, people, tests = [], ...rest }: PolicyDocument): Members {
  const byName = <T>(list: readonly T[], nameOf: (item: T) => string) =>
    Object.fromEntries(list.map((item) => [nameOf(item), item]));
  return {
    ...rest,
    people: byName(people, ({ email }) => addressOf(email)),
    rules: byName(rules, ({ name }) => name),
    tests: byName(tests, ({ name }) => name),
  };
}

function compare(path: readonly string[], from: Members, to: Members): Difference[] {
  const names = [...new Set([...Object.keys(from), ...Object.keys(to)])];
  return names.flatMap((name) => {
    const [before, after] = [valueIn(from, name), valueIn(to, name)];
    if (isSame(before, after)) return [];
    // What stands on neither side as members has no parts to compare.
    if (isMembers(before) && isMembers(after)) return compare([...path, name], before, after);
    // A section that one side lacks is told by its parts.
    if (path.length === 0 && isMembers(before ?? {}) && isMembers(after ?? {}))
      return compare([name], (before ?? {}) as Members, (after ?? {}) as Members);
    return [{ path: [...path, name], from: before, to: after }];
  });
}

/** Of two rules that are equally strict the first judges, so another order is a difference. */
function orderOf(from: PolicyDocument | null, to: PolicyDocument): Difference[] {
  const before = (from?.rules ?? []).map(({ name }) => name);
  const after = to.rules.map(({ name }) => name);
  const [kept, left] = [before.filter((name) => after.includes(name)), after.filter((name) => before.includes(name))];
  return isSame(kept, left) ? [] : [{ path: ['rules'], from: kept, to: left }];
}

function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Equal whatever the order of members; one without a value is as good as none. */
export function isSame(a: unknown, b: unknown): boolean {
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((item, at) => isSame(item, b[at]));
  if (!isMembers(a) || !isMembers(b)) return a === b;
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...names].every((name) => isSame(valueIn(a, name), valueIn(b, name)));
}

/** A name such as `constructor` is there only where somebody wrote it. */
function valueIn(members: Members, name: string): unknown {
  return Object.hasOwn(members, name) ? members[name] : undefined;
}
