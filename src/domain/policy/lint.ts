// What cannot work in a well-formed policy document: people, groups and rules that contradict themselves or each other. Pure.

import { addressOf } from '../people/address.ts';
import { GIVEN_ROLES } from '../people/roles.ts';
import { entryOf } from './actions.ts';
import { readCondition } from './condition.ts';
import { impossibleNames } from './condition-names.ts';
import { lintActions } from './lint-actions.ts';
import { lintAway, lintFallback, lintGroups } from './lint-groups.ts';
import { parameterType } from './parameter-type.ts';
import { nameFault, patternFault } from './pattern.ts';
import type { Match, PolicyDocument, Problem, Rule } from './policy.ts';
import type { RoleEntries } from './role-entries.ts';
import { lintHours, lintStages } from './stage-lint.ts';

/** Everything that cannot work in a well-formed document; an empty list means that it may be applied. */
export function lint(document: PolicyDocument): readonly Problem[] {
  return [
    ...lintRoles(document.roles),
    ...lintPeople(document),
    ...lintGroups(document),
    ...lintFallback(document),
    ...lintAway(document),
    ...lintActions(document),
    ...lintRules(document),
    ...lintPolicyChanges(document),
  ];
}

function lintRoles(roles: RoleEntries = {}): Problem[] {
  return GIVEN_ROLES.flatMap((role) => {
    const addresses = (roles[role] ?? []).map(addressOf);
    const doubled = addresses.flatMap((address, place) => (addresses.indexOf(address) < place ? [place] : []));
    return doubled.map((place) => ({
      path: ['roles', role, place],
      message: `${addresses[place]} has this role twice`,
    }));
  });
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

function lintRules(document: PolicyDocument): Problem[] {
  const names = new Set<string>();
  return document.rules.flatMap((rule, index) => {
    const problems: Problem[] = [];
    if (names.has(rule.name))
      problems.push({ path: ['rules', index, 'name'], message: `another rule is named "${rule.name}"` });
    names.add(rule.name);
    problems.push(...lintMatch(rule.match, ['rules', index, 'match']));
    problems.push(...lintCondition(document, rule, index));
    if (rule.effect === 'require') problems.push(...lintStages(document, rule, ['rules', index]));
    problems.push(...lintHours(document, rule, ['rules', index]));
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
function lintMatch({ action, resource, agents, environments, labels = {} }: Match, path: Problem['path']): Problem[] {
  const faults = [
    { at: ['action'], message: patternFault('action', action) },
    { at: ['resource'], message: patternFault('resource', resource) },
    ...agents.map((pattern, place) => ({ at: ['agents', place], message: patternFault('agent', pattern) })),
    ...environments.map((pattern, place) => {
      return { at: ['environments', place], message: patternFault('environment', pattern) };
    }),
    ...Object.entries(labels).map(([name, pattern]) => ({
      at: ['labels', name],
      message: nameFault('label', name) ?? patternFault('label', pattern),
    })),
  ];
  return faults.flatMap(({ at, message }) => (message === null ? [] : [{ path: [...path, ...at], message }]));
}

/** A rule of one action is read with what its parameters hold, a rule of several without. */
function lintCondition(document: PolicyDocument, { when, match }: Rule, index: number): Problem[] {
  const schema = entryOf(document, match.action)?.parameters;
  const type = schema === undefined ? null : parameterType(schema);
  if (when === undefined) return [];
  const reading = readCondition(when, type);
  const faults = reading.kind === 'problem' ? [reading] : impossibleNames(when, schema);
  return faults.map(({ message, offset }) => ({
    path: ['rules', index, 'when'],
    message: `condition: ${message}`,
    offset,
  }));
}

/**
 * What is wrong with who must agree to changes. Only people whom the document lists may: a source that members of a
 * chat can change would let them change the policy. Without enough people for its quorum nothing could be changed any more.
 */
function lintPolicyChanges({ policy_changes: changes, approver_groups: groups }: PolicyDocument): Problem[] {
  if (changes === undefined) return [];
  const problems: Problem[] = [];
  const people = new Set<string>();
  changes.approvers.forEach((name, place) => {
    const path = ['policy_changes', 'approvers', place];
    const group = Object.hasOwn(groups, name) ? groups[name] : undefined;
    if (group === undefined) problems.push({ path, message: `there is no approver group "${name}"` });
    else if (group.members.length === 0)
      problems.push({ path, message: 'changes of policy rest only on groups whose members are listed here' });
    for (const member of group?.members ?? []) people.add(member);
  });
  if (problems.length === 0 && people.size < changes.quorum) {
    const message = `quorum ${changes.quorum}, but the approvers are ${people.size} in all, so nothing could be changed any more`;
    problems.push({ path: ['policy_changes', 'quorum'], message });
  }
  return problems;
}
