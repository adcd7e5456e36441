// The policy document and its rules: which rule judges a request. Pure.

import type { Labels } from '../people/labels.ts';
import type { OnCallEntry } from '../people/membership.ts';
import type { Denial, Effect, JsonObject } from '../request/request.ts';
import type { ActionEntry } from './actions.ts';
import {
  type Condition,
  type ConditionAnswer,
  type ConditionContext,
  type ConditionInput,
  conditionContext,
  readCondition,
} from './condition.ts';
import { matchesGlob } from './glob.ts';
import { type Calendars, isOutside } from './hours.ts';
import { withNeeds } from './needs.ts';
import type { PolicyChanges } from './proposal.ts';
import type { RoleEntries } from './role-entries.ts';
import { judgingRule, type RuleDemand, stricterFirst } from './rule-stages.ts';

/** Limits that keep one evaluation short and one document readable. */
/** About 1,000 rules with their people; a larger file is a mistake or an attack on the parser. */
export const POLICY_FILE_BYTES_MAX = 256 * 1024;
export const RULES_MAX = 1_000;
export const GROUP_MEMBERS_MAX = 500;
export const QUORUM_MAX = 20;
export const TIMEOUT_SECONDS_MIN = 1;
export const TIMEOUT_SECONDS_MAX = 30 * 86_400;
export const TIMEOUT_SECONDS_DEFAULT = 600;

/** Until when somebody is away, and who decides in that place meanwhile. */
export type AwayEntry = { readonly until: string; readonly delegate?: string | undefined };

export type PersonEntry = {
  readonly email: string;
  readonly name: string | null;
  readonly slack: readonly string[];
  /** Left out while nobody is away, so that documents without keep their digest. */
  readonly away?: AwayEntry | undefined;
};

export type GroupEntry = {
  readonly members: readonly string[];
  readonly slack_user_group: string | null;
  /** A private channel whose members these are; this and what follows is left out where it does not hold. */
  readonly channel_members?: string | undefined;
  readonly on_call?: OnCallEntry | undefined;
  /** Other groups that this one is made of. */
  readonly groups?: readonly string[] | undefined;
  readonly channel: string;
};

export type Match = {
  readonly action: string;
  readonly resource: string;
  readonly agents: readonly string[];
  readonly environments: readonly string[];
  /** Patterns of values by the names of labels, which an agent must all have; left out where it need not have any. */
  readonly labels?: Labels | undefined;
};

export type Rule = RuleDemand & {
  readonly match: Match;
  /** A condition in CEL that must hold as well; left out where there is none, so that documents without keep their digest. */
  readonly when?: string;
  readonly effect: Effect;
  /** Switched off: it judges nothing, and stays where it is. Left out where it is on. */
  readonly off?: true;
};

/** An ask, and how the policy that it stands in must judge it. */
export type PolicyTest = {
  readonly name: string;
  readonly ask: {
    readonly agent: string;
    readonly environment: string;
    readonly action: string;
    readonly resource: string;
    readonly parameters: JsonObject;
    readonly labels: Labels;
    readonly owner?: string | undefined;
    readonly on_behalf_of: string | null;
    readonly now?: string | undefined;
  };
  /** What is left out is not looked at. */
  readonly expect: {
    readonly effect: Effect;
    readonly rule?: string | null | undefined;
    /** The approver groups of each stage, in any order. */
    readonly stages?: readonly (readonly string[])[] | undefined;
  };
};

export type PolicyDocument = {
  readonly version: 1;
  /** Who may administer, by address; left out where nobody is named, so that earlier documents keep their digest. */
  readonly roles?: RoleEntries;
  /** Who must agree to a change that widens; left out, one owner or admin other than its author. */
  readonly policy_changes?: PolicyChanges;
  readonly people: readonly PersonEntry[];
  readonly approver_groups: Readonly<Record<string, GroupEntry>>;
  /** By the action's whole name; left out where nothing is said of any, so that documents without keep their digest. */
  readonly actions?: Readonly<Record<string, ActionEntry>> | undefined;
  /** Left out where there is none, so that documents without keep their digest. */
  readonly calendars?: Calendars;
  readonly rules: readonly Rule[];
  /** Groups that stand in for one that cannot be reached; left out where none does. */
  readonly fallback?: readonly string[] | undefined;
  /** How it is to judge some asks, which lint makes sure of. */
  readonly tests?: readonly PolicyTest[] | undefined;
};

/** Where in the document, as member names and indexes, and what is wrong there. */
export type Problem = {
  readonly path: readonly (string | number)[];
  readonly message: string;
  /** Where in the text that stands there, in UTF-16 units from 0; left out where the whole of it is meant. */
  readonly offset?: number;
};

export type PolicyInput = ConditionInput;

export type Judgement = {
  readonly effect: Effect;
  readonly rule: Rule | null;
  /** Why a rule that requires approval denies instead. */
  readonly denial?: Denial;
};

/**
 * Which rule judges what is asked: deny beats require beats allow; nothing matches = deny. Where several require and none of
 * them contains the others, it is one made of all. A condition that ends in an error never allows: a rule that denies or
 * requires matches then, and one that allows does not.
 */
export function evaluate(document: PolicyDocument, input: PolicyInput): Judgement {
  const { calendars = {} } = document;
  const answer = answering(input);
  const applies = (rule: Rule): boolean => {
    const answered = answer(rule);
    return answered === 'holds' || (answered === 'error' && rule.effect !== 'allow');
  };
  const matching = document.rules.filter((rule) => rule.off !== true && matches(rule.match, input));
  for (const effect of ['deny', 'require', 'allow'] as const) {
    const applying = matching.filter((each) => each.effect === effect && applies(each));
    const rule = effect === 'require' ? judgingRule(applying) : [...applying].sort(stricterFirst)[0];
    if (rule === null || rule === undefined) continue;
    // Also where another rule judges: nobody may ask outside the hours of any.
    const closed = applying.find(({ hours }) => hours?.outside === 'deny' && isOutside(calendars, hours, input.now));
    if (effect === 'require' && closed !== undefined) return { effect: 'deny', rule: closed, denial: 'outside_hours' };
    return { effect, rule: effect === 'require' ? withNeeds(rule, applying) : rule };
  }
  return { effect: 'deny', rule: null };
}

/**
 * The rule that denies now what was judged before, or null: no approval overrides it. A condition that ends in an error denies,
 * but where this very version has judged the ask, with the values of all its parameters, and nothing else is looked at.
 */
export function denyingRule(document: PolicyDocument, input: PolicyInput, has_judged: boolean): Rule | null {
  const answer = answering(input);
  const denies = (rule: Rule): boolean => {
    if (rule.off === true || rule.effect !== 'deny' || !matches(rule.match, input)) return false;
    const answered = answer(rule);
    return answered === 'holds' || (answered === 'error' && !(has_judged && isSettled(rule)));
  };
  return document.rules.find(denies) ?? null;
}

/** True where a condition reads nothing that may be another since the ask: the time, or what is said of the agent. */
function isSettled({ when = '' }: Rule): boolean {
  return !/\b(?:now|agent)\b/.test(when);
}

/** What the conditions of rules say of one input. */
function answering(input: PolicyInput): (rule: Rule) => ConditionAnswer {
  let context: ConditionContext | null = null;
  return (rule) => {
    const condition = conditionOf(rule);
    if (condition === null) return 'holds';
    // Made at its first need: most documents have no condition for what is asked.
    context ??= conditionContext(input);
    return condition(context);
  };
}

const conditions = new WeakMap<Rule, Condition>();

/** Read once for each rule of a document that is kept; null for a rule without. What cannot be read is an error each time. */
function conditionOf(rule: Rule): Condition | null {
  if (rule.when === undefined) return null;
  const known = conditions.get(rule);
  if (known !== undefined) return known;
  const reading = readCondition(rule.when, null);
  const condition: Condition = reading.kind === 'condition' ? reading.condition : () => 'error';
  conditions.set(rule, condition);
  return condition;
}

/** Why the policy itself denies, for agents and operators: a person's denial has the person's reason instead. */
export function denialReason(by: {
  readonly rule: string | null;
  readonly policy_number: number | null;
  readonly denial: Denial | null;
}): string {
  if (by.denial === 'outside_hours') return `The rule “${by.rule}” denies this outside its hours.`;
  if (by.rule !== null) return `The rule “${by.rule}” denies this.`;
  const why = by.policy_number === null ? 'There is no policy yet' : 'No rule of the policy matches';
  return `${why}, and nothing is allowed unless a rule says so.`;
}

/** Whether an agent has every label that a match asks for, with a value that fits. */
export function hasLabels(labels: Labels, patterns: Labels | undefined): boolean {
  // Most rules ask for none, and many rules are looked at.
  if (patterns === undefined) return true;
  return Object.entries(patterns).every(
    ([name, pattern]) => Object.hasOwn(labels, name) && matchesGlob(pattern, labels[name] ?? ''),
  );
}

function matches(match: Match, input: PolicyInput): boolean {
  return (
    matchesGlob(match.action, input.action) &&
    matchesGlob(match.resource, input.resource) &&
    match.agents.some((pattern) => matchesGlob(pattern, input.agent.name)) &&
    match.environments.some((pattern) => matchesGlob(pattern, input.agent.environment)) &&
    hasLabels(input.agent.labels, match.labels)
  );
}
