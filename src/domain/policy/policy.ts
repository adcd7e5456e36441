// The policy document and its rules: which rule judges a request, and what is wrong with a document. Pure.

import { addressOf } from '../people/address.ts';
import { type MemberSource, sourceOf } from '../people/membership.ts';
import type { CredentialSpec, Effect } from '../request/request.ts';
import {
  type Condition,
  type ConditionContext,
  type ConditionInput,
  conditionContext,
  readCondition,
} from './condition.ts';
import { matchesGlob } from './glob.ts';
import { patternFault } from './pattern.ts';

/** Limits that keep one evaluation short and one document readable. */
export const RULES_MAX = 1_000;
export const GROUP_MEMBERS_MAX = 500;
export const QUORUM_MAX = 20;
export const TIMEOUT_SECONDS_MIN = 1;
export const TIMEOUT_SECONDS_MAX = 86_400;
export const TIMEOUT_SECONDS_DEFAULT = 600;

export type PersonEntry = { readonly email: string; readonly name: string | null; readonly slack: readonly string[] };

export type GroupEntry = {
  readonly members: readonly string[];
  readonly slack_user_group: string | null;
  readonly channel: string;
};

export type Match = {
  readonly action: string;
  readonly resource: string;
  readonly agents: readonly string[];
  readonly environments: readonly string[];
};

export type Rule = {
  readonly name: string;
  readonly match: Match;
  /** A condition in CEL that must hold as well; left out where there is none, so that documents without keep their digest. */
  readonly when?: string;
  readonly effect: Effect;
  readonly approvers: readonly string[];
  readonly quorum: number;
  readonly timeout_seconds: number;
  readonly credential: CredentialSpec | null;
};

export type PolicyDocument = {
  readonly version: 1;
  readonly people: readonly PersonEntry[];
  readonly approver_groups: Readonly<Record<string, GroupEntry>>;
  readonly rules: readonly Rule[];
};

/** Where in the document, as member names and indexes, and what is wrong there. */
export type Problem = {
  readonly path: readonly (string | number)[];
  readonly message: string;
  /** Where in the text that stands there, in UTF-16 units from 0; left out where the whole of it is meant. */
  readonly offset?: number;
};

export type PolicyInput = ConditionInput;

export type Judgement = { readonly effect: Effect; readonly rule: Rule | null };

/**
 * Which rule judges what is asked: deny beats require beats allow; nothing matches = deny. A condition that ends in an error
 * never allows: a rule that denies or requires matches then, and one that allows does not.
 */
export function evaluate(document: PolicyDocument, input: PolicyInput): Judgement {
  let context: ConditionContext | null = null;
  const applies = (rule: Rule): boolean => {
    const condition = conditionOf(rule);
    if (condition === null) return true;
    // Made at its first need: most documents have no condition for what is asked.
    context ??= conditionContext(input);
    const answer = condition(context);
    return answer === 'holds' || (answer === 'error' && rule.effect !== 'allow');
  };
  const matching = document.rules.filter((rule) => matches(rule.match, input));
  for (const effect of ['deny', 'require', 'allow'] as const) {
    const [rule] = matching.filter((each) => each.effect === effect && applies(each)).sort(stricterFirst);
    if (rule !== undefined) return { effect, rule };
  }
  return { effect: 'deny', rule: null };
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
export function denialReason(by: { readonly rule: string | null; readonly policy_number: number | null }): string {
  if (by.rule !== null) return `The rule “${by.rule}” denies this.`;
  const why = by.policy_number === null ? 'There is no policy yet' : 'No rule of the policy matches';
  return `${why}, and nothing is allowed unless a rule says so.`;
}

/** Everything that cannot work in a well-formed document; an empty list means that it may be applied. */
export function lint(document: PolicyDocument): readonly Problem[] {
  return [...lintPeople(document), ...lintGroups(document), ...lintRules(document)];
}

function matches(match: Match, input: PolicyInput): boolean {
  return (
    matchesGlob(match.action, input.action) &&
    matchesGlob(match.resource, input.resource) &&
    match.agents.some((pattern) => matchesGlob(pattern, input.agent.name)) &&
    match.environments.some((pattern) => matchesGlob(pattern, input.agent.environment))
  );
}

/** The stricter of two rules first: more people, then less time; else the order of the document stands. */
export function stricterFirst(a: Rule, b: Rule): number {
  return b.quorum - a.quorum || a.timeout_seconds - b.timeout_seconds;
}

function lintPeople(document: PolicyDocument): Problem[] {
  const problems: Problem[] = [];
  const emails = new Set<string>();
  const accounts = new Set<string>();
  document.people.forEach((person, index) => {
    // Two spellings of one domain are one address.
    const address = addressOf(person.email);
    if (emails.has(address))
      problems.push({ path: ['people', index, 'email'], message: `${person.email} is listed twice` });
    emails.add(address);
    person.slack.forEach((account, place) => {
      const isOwn = person.slack.indexOf(account) < place;
      const message = isOwn ? `${account} is listed twice` : `Slack account ${account} belongs to two people`;
      if (accounts.has(account)) problems.push({ path: ['people', index, 'slack', place], message });
      accounts.add(account);
    });
  });
  return problems;
}

function lintGroups(document: PolicyDocument): Problem[] {
  return Object.entries(document.approver_groups).flatMap(([name, group]) => {
    const path = ['approver_groups', name];
    const members = group.members.map(addressOf);
    const doubled = group.members.filter((_email, index) => members.indexOf(members[index] ?? '') !== index);
    const problems: Problem[] = doubled.map((email) => ({
      path: [...path, 'members'],
      message: `${email} is a member twice`,
    }));
    if (group.members.length > 0 && group.slack_user_group !== null) {
      problems.push({ path, message: 'a group has either members or a slack_user_group, not both' });
    }
    if (group.members.length === 0 && group.slack_user_group === null) {
      problems.push({ path, message: 'a group needs members or a slack_user_group' });
    }
    return problems;
  });
}

function lintRules(document: PolicyDocument): Problem[] {
  const names = new Set<string>();
  return document.rules.flatMap((rule, index) => {
    const problems: Problem[] = [];
    if (names.has(rule.name))
      problems.push({ path: ['rules', index, 'name'], message: `another rule is named "${rule.name}"` });
    names.add(rule.name);
    problems.push(...lintMatch(rule.match, ['rules', index, 'match']));
    problems.push(...lintCondition(rule, index));
    if (rule.effect === 'require') problems.push(...lintRequirement(document, rule, index));
    if (rule.effect !== 'require' && rule.approvers.length > 0) {
      problems.push({
        path: ['rules', index, 'approvers'],
        message: `approvers have no effect in a rule that says ${rule.effect}`,
      });
    }
    if (rule.effect === 'deny' && rule.credential !== null) {
      problems.push({ path: ['rules', index, 'credential'], message: 'a rule that denies grants no credential' });
    }
    return problems;
  });
}

/** A pattern that nothing can match is a rule that is not there: a dead deny lets a wider allow decide. */
function lintMatch({ action, resource, agents, environments }: Match, path: Problem['path']): Problem[] {
  const faults = [
    { at: ['action'], message: patternFault('action', action) },
    { at: ['resource'], message: patternFault('resource', resource) },
    ...agents.map((pattern, place) => ({ at: ['agents', place], message: patternFault('agent', pattern) })),
    ...environments.map((pattern, place) => {
      return { at: ['environments', place], message: patternFault('environment', pattern) };
    }),
  ];
  return faults.flatMap(({ at, message }) => (message === null ? [] : [{ path: [...path, ...at], message }]));
}

/** True when the file alone says who the members are. */
function isCounted({ kind }: MemberSource): boolean {
  switch (kind) {
    case 'listed':
      return true;
    case 'slack_user_group':
      return false;
  }
}

function lintRequirement(document: PolicyDocument, rule: Rule, index: number): Problem[] {
  if (rule.approvers.length === 0)
    return [{ path: ['rules', index, 'approvers'], message: 'a rule that requires approval names its approvers' }];
  const problems: Problem[] = [];
  const people = new Set<string>();
  let isCountable = true;
  rule.approvers.forEach((name, place) => {
    const group = Object.hasOwn(document.approver_groups, name) ? document.approver_groups[name] : undefined;
    if (group === undefined) {
      problems.push({ path: ['rules', index, 'approvers', place], message: `there is no approver group "${name}"` });
      isCountable = false;
    } else if (!isCounted(sourceOf(group))) isCountable = false;
    for (const email of group?.members ?? []) people.add(addressOf(email));
  });
  if (isCountable && people.size < rule.quorum) {
    problems.push({
      path: ['rules', index, 'quorum'],
      message: `quorum ${rule.quorum}, but the approvers are ${people.size} in all`,
    });
  }
  return problems;
}

function lintCondition({ when }: Rule, index: number): Problem[] {
  const reading = when === undefined ? null : readCondition(when, null);
  if (reading?.kind !== 'problem') return [];
  return [{ path: ['rules', index, 'when'], message: `condition: ${reading.message}`, offset: reading.offset }];
}
