// What may stand in a policy and yet has no effect, or another one than it seems to have. It is applied all the same.

import { describeCharacter, lookalikeOf, withoutLookalikes } from '../lookalikes.ts';
import { mixedScriptWords } from '../request/display.ts';
import { isReserved } from './actions.ts';
import { constantAnswer } from './condition.ts';
import { matchesGlob } from './glob.ts';
import { awayGroups, changeableSources, unusedGroups } from './lint-groups.ts';
import { adviceOn, meantBy } from './pattern.ts';
import type { Match, PolicyDocument, Problem, Rule } from './policy.ts';
import { loneHolders } from './role-warnings.ts';
import { contains, isStaged, stricterFirst } from './rule-stages.ts';
import { combinedRules, lateEscalations, unusedCalendars } from './stage-warnings.ts';

/** Rules named in one warning: whoever mends it needs no more. */
const RULES_NAMED_MAX = 3;
/** Comparing each rule with each other one has an end even where agents and environments are long lists. */
const COMPARISONS_MAX = 5_000_000;

/** Everything in a document without problems that an author should look at; in no order. */
export function warningsOf(document: PolicyDocument): readonly Problem[] {
  if (document.rules.length === 0) return [{ path: ['rules'], message: 'there is no rule, so everything is denied' }];
  return [
    ...unusedGroups(document),
    ...awayGroups(document),
    ...changeableSources(document),
    ...unreachableRules(document),
    ...combinedRules(document),
    ...lateEscalations(document),
    ...unusedCalendars(document),
    ...document.rules.flatMap((rule, index) => [
      ...(rule.off === true ? [{ path: ['rules', index, 'off'], message: 'this rule is switched off' }] : []),
      ...constantConditions(rule, ['rules', index, 'when']),
      ...listWarnings(rule, ['rules', index]),
      ...resourceWarnings(rule.match.resource, ['rules', index, 'match', 'resource']),
    ]),
    ...reservedActions(document),
    ...similarNames(document),
    ...loneHolders(document),
  ];
}

/** Rules that never judge, since others judge all that they match. Each warning is certain; not every case is found. */
function unreachableRules({ rules }: PolicyDocument): Problem[] {
  const order = new Map(rules.map((rule, place) => [rule, place] as const));
  const inOrder = rules
    .filter(({ off }) => off !== true)
    .sort((a, b) => precedence(a, b) || (order.get(a) ?? 0) - (order.get(b) ?? 0));
  const has_staged = rules.some((rule) => rule.effect === 'require' && isStaged(rule));
  let comparisons = 0;
  return inOrder.flatMap((rule, rank) => {
    // A rule with a condition takes only some of what it matches.
    const stronger = inOrder.filter(
      (other, at) =>
        other.when === undefined &&
        isStronger(other, rule, { is_before: at < rank, has_staged }) &&
        covers(other.match, rule.match),
    );
    comparisons += stronger.reduce((sum, other) => sum + comparisonsOf(rule.match, other.match), 0);
    if (comparisons > COMPARISONS_MAX) return [];
    const winners = winnersOf(rule.match, stronger);
    if (winners.length === 0) return [];
    const path = ['rules', order.get(rule) ?? 0, 'name'];
    return [{ path, message: `this rule never judges: ${reasonFor(rule, winners)}` }];
  });
}

/** A condition that looks at nothing of a request: the rule never judges, or the condition says nothing. */
function constantConditions({ when }: Rule, path: Problem['path']): Problem[] {
  const answer = when === undefined ? null : constantAnswer(when);
  if (answer === null) return [];
  return [
    { path, message: answer === 'fails' ? 'never holds, so this rule never judges' : 'always holds; leave it out' },
  ];
}

/** The rules that together take every pair of agent and environment from a match; none when they leave one. */
function winnersOf({ agents, environments }: Match, stronger: readonly Rule[]): readonly Rule[] {
  const reach = stronger.map(({ match }, at) => ({
    at,
    agents: agents.map((agent) => match.agents.some((wide) => isWithin(agent, wide))),
    environments: environments.map((environment) => match.environments.some((wide) => isWithin(environment, wide))),
  }));
  const winners = agents.flatMap((_agent, i) =>
    environments.map((_environment, j) => reach.find((each) => each.agents[i] && each.environments[j])?.at),
  );
  if (winners.includes(undefined)) return [];
  return stronger.filter((_rule, at) => winners.includes(at));
}

function comparisonsOf(narrow: Match, wide: Match): number {
  const { agents, environments } = narrow;
  return agents.length * (wide.agents.length + environments.length) + environments.length * wide.environments.length;
}

const STRENGTH = { deny: 0, require: 1, allow: 2 } as const;

/** Negative when `a` judges wherever both match. Of several that deny or allow, the first written does. */
function precedence(a: Rule, b: Rule): number {
  return STRENGTH[a.effect] - STRENGTH[b.effect] || stricterFirst(a, b);
}

/** True when `other` judges wherever it matches with `rule`, whatever else does. */
function isStronger(
  other: Rule,
  rule: Rule,
  { is_before, has_staged }: { readonly is_before: boolean; readonly has_staged: boolean },
): boolean {
  if (other === rule) return false;
  if (other.effect !== 'require' || rule.effect !== 'require') return is_before;
  // Outside its hours it denies, whichever rule requires more.
  if (rule.hours?.outside === 'deny') return false;
  if (!has_staged) return is_before;
  // Where the two meet alone and neither is in stages, the stricter one judges.
  return contains(other, rule) && (is_before || (!contains(rule, other) && (isStaged(other) || isStaged(rule))));
}

function covers(wide: Match, narrow: Match): boolean {
  return (
    isWithin(narrow.action, wide.action) &&
    isWithin(narrow.resource, wide.resource) &&
    coversLabels(wide.labels, narrow.labels)
  );
}

function coversLabels(wide: Match['labels'] = {}, narrow: Match['labels'] = {}): boolean {
  return Object.entries(wide).every(
    ([name, pattern]) => Object.hasOwn(narrow, name) && isWithin(narrow[name] ?? '', pattern),
  );
}

/** True when `wide` matches all that `narrow` does: only a star of the one can take in a star of the other. */
function isWithin(narrow: string, wide: string): boolean {
  return matchesGlob(wide, narrow);
}

function reasonFor(rule: Rule, winners: readonly Rule[]): string {
  const names = winners.slice(0, RULES_NAMED_MAX).map(({ name }) => `"${name}"`);
  const more = winners.length > RULES_NAMED_MAX ? ` and ${winners.length - RULES_NAMED_MAX} more` : '';
  const [first] = winners;
  const whys = [...new Set(winners.map((winner) => whyStronger(winner, rule)))];
  const verb = winners.length === 1 ? 'matches' : 'match';
  return first === undefined ? '' : `${names.join(', ')}${more} ${verb} all that it does, and ${whys.join(' or ')}`;
}

function whyStronger(winner: Rule, rule: Rule): string {
  if (winner.effect !== rule.effect) return `${winner.effect} beats ${rule.effect}`;
  if (isStaged(winner) || isStaged(rule)) return 'it asks for all that this rule does';
  if (winner.quorum !== rule.quorum) return 'the larger quorum judges';
  if (winner.timeout_seconds !== rule.timeout_seconds) return 'the shorter timeout judges';
  return 'of equal rules the one written first judges';
}

/** An id is a legal name too, so that a rule for one would match nothing in silence. */
const AGENT_ID = /^agt_[0-9a-hjkmnp-tv-z*]{8,}$/;

/** Entries of a list beside which they say nothing: the same twice, or a pattern within another. */
function listWarnings(rule: Rule, path: Problem['path']): Problem[] {
  const lists = { agents: rule.match.agents, environments: rule.match.environments };
  const patterns = Object.entries(lists).flatMap(([member, list]) =>
    list.flatMap((pattern, place): Problem[] => {
      const wider = list.find((other, at) => {
        return at !== place && isWithin(pattern, other) && (at < place || !isWithin(other, pattern));
      });
      if (wider === undefined) return [];
      const message = `"${pattern}" adds nothing beside "${wider}"`;
      return [{ path: [...path, 'match', member, place], message }];
    }),
  );
  const ids = rule.match.agents.flatMap((pattern, place): Problem[] => {
    if (!AGENT_ID.test(pattern)) return [];
    const message = `"${pattern}" reads like an id, and an agent is matched by its name`;
    return [{ path: [...path, 'match', 'agents', place], message }];
  });
  const doubled = rule.approvers.flatMap((name, place): Problem[] =>
    rule.approvers.indexOf(name) === place
      ? []
      : [{ path: [...path, 'approvers', place], message: `"${name}" stands here twice` }],
  );
  return [...patterns, ...ids, ...doubled];
}

/** A resource may have nearly any character, so what looks like a slip in its pattern is only looked at twice. */
function resourceWarnings(pattern: string, path: Problem['path']): Problem[] {
  const strange = strangeIn(pattern);
  if (strange !== undefined) {
    const meant = withoutLookalikes(pattern.replaceAll('\u2026', '*')).replace(/\s/g, ' ');
    return [{ path, message: `has ${describeCharacter(strange)}; did you mean "${meant}"?` }];
  }
  if (!FOREIGN.some((form) => form.test(pattern))) return [];
  const message = 'only * is special in a pattern, and the rest stands for itself';
  const meant = meantBy('resource', pattern).filter((each) => each !== pattern);
  return [
    { path, message: [message, adviceOn('resource', meant, pattern)].filter((part) => part !== null).join('; ') },
  ];
}

/** A letter of another script in a Latin word, or a space, star or slash of another kind. */
function strangeIn(pattern: string): string | undefined {
  const [word = ''] = mixedScriptWords(pattern);
  const isLookalike = (each: string) => /\P{ASCII}/u.test(each) && lookalikeOf(each) !== null;
  return (
    [...word].find(isLookalike) ?? /[\u00a0\u2000-\u200a\u202f\u3000\u2026\uff0a\u2217\uff0f\u2215]/.exec(pattern)?.[0]
  );
}

/** Lists, groups, quotes and regular expressions, where they can hardly be part of a resource's own name. */
const FOREIGN: readonly RegExp[] = [
  /^["'`\u2018-\u201f\u00ab].*["'`\u2018-\u201f\u00bb]$/,
  /\{[^{}]*,[^{}]*\}/,
  /^[!\u00ac^]/,
  /\\[./]|\\[dDwWsS][*+{]/,
  /\[[^\]]+\][*+{]/,
  /\((?:\?:)?[^()]*\|[^()]*\)|\*\|/,
  /\*\s*[,;]\s*\S|[^\s,;][,;]\s+[\w-]+\//,
  // Several of one kind in a row, and the star of SQL.
  /^([^,;|/\s]+\/)[^,;|]+(?:[,;|]\s*\1[^,;|]+)+$/,
  /(?:^|\/)%$/,
];

/** No agent can ask for these, so what stands here of them judges and shows nothing. */
function reservedActions({ rules, actions = {} }: PolicyDocument): Problem[] {
  const message = 'actions that begin with "placet." are the product\'s own: no agent asks for one';
  return [
    ...rules.flatMap(({ match }, index) =>
      isReserved(match.action) ? [{ path: ['rules', index, 'match', 'action'], message }] : [],
    ),
    ...Object.keys(actions).flatMap((name) => (isReserved(name) ? [{ path: ['actions', name], message }] : [])),
  ];
}

/** Two names that a reader of a card takes for one. */
function similarNames({ rules }: PolicyDocument): Problem[] {
  const seen = new Map<string, string>();
  return rules.flatMap(({ name }, index) => {
    const plain = withoutLookalikes(name).toLowerCase().replace(/\s+/g, ' ');
    const other = seen.get(plain);
    if (other === undefined) seen.set(plain, name);
    if (other === undefined || other === name) return [];
    return [{ path: ['rules', index, 'name'], message: `reads like the name of another rule, "${other}"` }];
  });
}
