// What approver groups are made of: groups within groups, and those that run in a circle. Pure.

import { type MemberSource, sourceOf } from '../people/membership.ts';
import type { GroupEntry, PolicyDocument } from './policy.ts';

type Groups = PolicyDocument['approver_groups'];

/** One group, and where its members come from. */
export type Part = { readonly name: string; readonly entry: GroupEntry; readonly source: MemberSource };

/** The groups with members of their own that this one is made of, however deep, each once; itself where it has its own. */
export function partsOf(groups: Groups, name: string): readonly Part[] {
  const seen = new Set<string>();
  const walk = (one: string): Part[] => {
    const entry = Object.hasOwn(groups, one) ? groups[one] : undefined;
    if (entry === undefined || seen.has(one)) return [];
    seen.add(one);
    const source = sourceOf(entry);
    return source.kind === 'groups' ? (entry.groups ?? []).flatMap(walk) : [{ name: one, entry, source }];
  };
  return walk(name);
}

/** The groups among whose people the source of this one chooses, as parts. */
export function amongOf(groups: Groups, name: string): readonly Part[] {
  const among = groups[name]?.on_call?.among ?? [];
  return [...new Map(among.flatMap((one) => partsOf(groups, one)).map((part) => [part.name, part])).values()];
}

/** The names that a group leads to again, in their order and the first once more at the end; null where it does not. */
export function cycleOf(groups: Groups, name: string): readonly string[] | null {
  const seen = new Set<string>();
  const walk = (one: string, way: readonly string[]): readonly string[] | null => {
    for (const next of (Object.hasOwn(groups, one) ? groups[one]?.groups : undefined) ?? []) {
      if (next === name) return [...way, name];
      if (seen.has(next)) continue;
      seen.add(next);
      const found = walk(next, [...way, next]);
      if (found !== null) return found;
    }
    return null;
  };
  return walk(name, [name]);
}

/** Every group that another one names, as a part or as one to choose among. */
export function namedByGroups(groups: Groups): ReadonlySet<string> {
  return new Set(
    Object.values(groups).flatMap(({ groups: parts = [], on_call }) => [...parts, ...(on_call?.among ?? [])]),
  );
}
