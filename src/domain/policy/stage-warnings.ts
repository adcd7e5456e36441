// What stages of rules say and nobody may have meant: rules that require approval together, steps that come too late. Pure.

import { canBothMatch } from './glob.ts';
import type { Match, PolicyDocument, Problem, Rule } from './policy.ts';
import { contains, isStaged } from './rule-stages.ts';

/** Whoever mends it needs no more names. */
const RULES_NAMED_MAX = 3;
/** Steps of comparing patterns: enough for a thousand rules of which some have stages. */
const STEPS_MAX = 5_000_000;

/** Names the rules of which one has several stages, or asks each group, where what both match needs the stages of both. */
export function combinedRules({ rules }: PolicyDocument): readonly Problem[] {
  let steps = 0;
  return rules.flatMap((rule, index) => {
    const others = rules.slice(0, index).filter((other) => {
      if (rule.off === true || other.off === true) return false;
      if (rule.effect !== 'require' || other.effect !== 'require' || !(isStaged(rule) || isStaged(other))) return false;
      steps += stepsOf(rule.match, other.match);
      if (steps > STEPS_MAX || contains(rule, other) || contains(other, rule)) return false;
      return canMeet(rule, other);
    });
    if (others.length === 0) return [];
    const names = others.slice(0, RULES_NAMED_MAX).map(({ name }) => `"${name}"`);
    const more = others.length > RULES_NAMED_MAX ? ` and ${others.length - RULES_NAMED_MAX} more` : '';
    const message = `neither this rule nor ${names.join(', ')}${more} asks for all that the other does; what both match needs the stages of both`;
    return [{ path: ['rules', index, 'name'], message }];
  });
}

/** Calendars that no rule has. */
export function unusedCalendars({ calendars = {}, rules }: PolicyDocument): readonly Problem[] {
  const used = rules.map(({ hours }) => hours?.calendar);
  const unused = Object.keys(calendars).filter((name) => !used.includes(name));
  return unused.map((name) => ({ path: ['calendars', name], message: `no rule has the calendar "${name}"` }));
}

/** Reminders and escalations that fall after the end, or add nobody. */
export function lateEscalations({ rules }: PolicyDocument): readonly Problem[] {
  return rules.flatMap((rule, index) =>
    (rule.stages ?? []).flatMap(({ approvers, escalate, remind_after_seconds }, place) => {
      const path = ['rules', index, 'stages', place];
      const isLate = (seconds: number | undefined) => seconds !== undefined && seconds >= rule.timeout_seconds;
      const message = 'comes after the timeout of the rule, so it never happens';
      const known = escalate?.to.filter((name) => approvers.includes(name)) ?? [];
      return [
        ...(isLate(remind_after_seconds) ? [{ path: [...path, 'remind_after'], message }] : []),
        ...(isLate(escalate?.after_seconds) ? [{ path: [...path, 'escalate', 'after'], message }] : []),
        ...known.map((name) => ({
          path: [...path, 'escalate', 'to'],
          message: `"${name}" is asked from the beginning`,
        })),
      ];
    }),
  );
}

function canMeet({ match: a }: Rule, { match: b }: Rule): boolean {
  const someOf = (some: readonly string[], others: readonly string[]) =>
    some.some((pattern) => others.some((other) => canBothMatch(pattern, other)));
  return (
    canBothMatch(a.action, b.action) &&
    canBothMatch(a.resource, b.resource) &&
    someOf(a.agents, b.agents) &&
    someOf(a.environments, b.environments)
  );
}

function stepsOf(a: Match, b: Match): number {
  const lists = a.agents.length * b.agents.length + a.environments.length * b.environments.length;
  return a.action.length * b.action.length + a.resource.length * b.resource.length + 64 * lists;
}
