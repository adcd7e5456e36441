// What cannot work in approver groups: sources that stand beside each other, circles, people twice, a choice among nobody. Pure.

import { addressOf } from '../people/address.ts';
import { askedSource } from '../people/membership.ts';
import { matchesGlob } from './glob.ts';
import { amongOf, cycleOf, namedByGroups, partsOf } from './group-parts.ts';
import type { GroupEntry, PolicyDocument, Problem } from './policy.ts';
import { groupNames, stagesOf } from './rule-stages.ts';

/** The members of a group that say where its people come from. */
const KINDS = {
  members: 'members',
  slack_user_group: 'a slack_user_group',
  channel_members: 'channel_members',
  on_call: 'on_call',
  groups: 'groups',
} as const;

/** Everything that is wrong with the groups of a document. */
export function lintGroups({ approver_groups: groups }: PolicyDocument): Problem[] {
  return Object.entries(groups).flatMap(([name, group]) => {
    const path = ['approver_groups', name];
    return [
      ...lintMembers(group, path),
      ...lintKinds(group, path),
      ...lintNames(groups, group.groups ?? [], [...path, 'groups']),
      ...lintNames(groups, group.on_call?.among ?? [], [...path, 'on_call', 'among']),
      ...lintCycle(groups, name, path),
      ...lintAmong(groups, name, path),
    ];
  });
}

/** Groups that are to stand in and are not there. */
export function lintFallback({ fallback = [], approver_groups: groups }: PolicyDocument): Problem[] {
  return lintNames(groups, fallback, ['fallback']);
}

/** Whoever is away and decides in the own place. */
export function lintAway({ people }: PolicyDocument): Problem[] {
  return people.flatMap(({ email, away }, index) =>
    away?.delegate !== undefined && addressOf(away.delegate) === addressOf(email)
      ? [{ path: ['people', index, 'away', 'delegate'], message: 'nobody is the own delegate' }]
      : [],
  );
}

/** Groups of which everybody is away, as far as the file alone says who they are. */
export function awayGroups({ people, approver_groups: groups }: PolicyDocument): Problem[] {
  const away = new Set(people.flatMap((person) => (person.away === undefined ? [] : [addressOf(person.email)])));
  return Object.keys(groups).flatMap((name) => {
    const parts = partsOf(groups, name);
    const members = parts.flatMap(({ entry }) => entry.members);
    const isListed = parts.every(({ source }) => askedSource(source) === null);
    return isListed && members.length > 0 && members.every((member) => away.has(addressOf(member)))
      ? [{ path: ['approver_groups', name], message: `everybody in "${name}" is away` }]
      : [];
  });
}

/** Rules for what is at stake that rest on people whom members of a chat can add. */
export function changeableSources({ rules, actions = {}, approver_groups: groups }: PolicyDocument): Problem[] {
  const risky = Object.entries(actions).flatMap(([action, { risk }]) => (risk === 'high' ? [action] : []));
  return rules.flatMap((rule, index) => {
    if (rule.effect !== 'require' || !risky.some((action) => matchesGlob(rule.match.action, action))) return [];
    const names = [...new Set(stagesOf(rule).flatMap(groupNames))];
    const kinds = names.flatMap((name) => [...partsOf(groups, name), ...amongOf(groups, name)]);
    const open = kinds.filter(({ source }) => source.kind === 'slack_user_group' || source.kind === 'channel_members');
    const [first] = open;
    if (first === undefined) return [];
    const message = `an action of high risk rests on "${first.name}", whose members people of the chat can change`;
    return [{ path: ['rules', index, 'name'], message }];
  });
}

function lintMembers({ members }: GroupEntry, path: Problem['path']): Problem[] {
  const addresses = members.map(addressOf);
  const doubled = members.filter((_email, index) => addresses.indexOf(addresses[index] ?? '') !== index);
  return doubled.map((email) => ({ path: [...path, 'members'], message: `${email} is a member twice` }));
}

function lintKinds(group: GroupEntry, path: Problem['path']): Problem[] {
  const named = Object.entries(KINDS) as [keyof typeof KINDS, string][];
  const [first, second] = named.flatMap(([kind, name]) => {
    const value = group[kind];
    const isGiven = Array.isArray(value) ? value.length > 0 : value !== null && value !== undefined;
    return isGiven ? [name] : [];
  });
  if (first === undefined)
    return [{ path, message: 'a group needs members, a slack_user_group, channel_members, on_call or groups' }];
  return second === undefined ? [] : [{ path, message: `a group has either ${first} or ${second}, not both` }];
}

function lintNames(
  groups: PolicyDocument['approver_groups'],
  names: readonly string[],
  path: Problem['path'],
): Problem[] {
  return names.flatMap((name, place) =>
    Object.hasOwn(groups, name) ? [] : [{ path: [...path, place], message: `there is no approver group "${name}"` }],
  );
}

function lintCycle(groups: PolicyDocument['approver_groups'], name: string, path: Problem['path']): Problem[] {
  const cycle = cycleOf(groups, name);
  if (cycle === null) return [];
  return [{ path: [...path, 'groups'], message: `the groups run in a circle: ${cycle.join(' → ')}` }];
}

/** Whoever chooses must not be the one who says who may be chosen. */
function lintAmong(groups: PolicyDocument['approver_groups'], name: string, path: Problem['path']): Problem[] {
  const choosing = amongOf(groups, name).filter(({ source }) => source.kind === 'on_call');
  return choosing.map((part) => ({
    path: [...path, 'on_call', 'among'],
    message: `"${part.name}" is on_call itself: people are chosen only among groups that need no such source`,
  }));
}

/** Groups that nobody asks, names or falls back on, also for a change of the policy. */
export function unusedGroups({ approver_groups, rules, fallback = [], policy_changes }: PolicyDocument): Problem[] {
  const used = new Set([
    ...rules.flatMap((rule) => stagesOf(rule).flatMap(groupNames)),
    ...namedByGroups(approver_groups),
    ...fallback,
    ...(policy_changes?.approvers ?? []),
  ]);
  return Object.keys(approver_groups)
    .filter((name) => !used.has(name))
    .map((name) => ({ path: ['approver_groups', name], message: `no rule asks the group "${name}"` }));
}
