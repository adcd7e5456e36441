// A change of policy in words, for whoever is to agree to it: what is added, taken away and changed, and how many people may then
// approve. Nothing is left out. Pure.

import { addressOf } from '../people/address.ts';
import { askedSource } from '../people/membership.ts';
import { type Difference, differencesOf } from './differences.ts';
import { partsOf } from './group-parts.ts';
import type { GroupEntry, PolicyDocument, Rule } from './policy.ts';
import {
  durationWords,
  groupWords,
  nameWords,
  peopleWords,
  ruleSentence,
  stageWords,
  valueWords,
} from './policy-words.ts';
import { groupNames, type RuleStage, stagesOf } from './rule-stages.ts';

const SECTIONS: Readonly<Record<string, string>> = {
  rules: 'rule',
  approver_groups: 'group',
  people: 'person',
  roles: 'role',
  actions: 'action',
  calendars: 'calendar',
  tests: 'test',
};

/** One sentence for each difference, and for each rule that other people may approve by then. */
export function planOf(from: PolicyDocument | null, to: PolicyDocument): readonly string[] {
  // The form of the document is always the same one.
  const differences = differencesOf(from, to).filter(({ path }) => path[0] !== 'version');
  return [...differences.map(sentenceOf), ...to.rules.flatMap((rule) => headcountOf(from, to, rule))];
}

function sentenceOf(difference: Difference): string {
  const { path, from, to } = difference;
  const [section = '', name, ...members] = path;
  if (section === 'rules' && name === undefined)
    return `the rules stand in another order: ${(to as string[]).join(', ')}`;
  const thing = thingOf(path);
  if (section === 'roles' && name !== undefined) return roleSentence(name, from, to);
  if (members.length === 0 && from === undefined) return `adds ${thing}: ${wordsOf(section, to)}`;
  if (members.length === 0 && to === undefined) return `removes ${thing}: ${wordsOf(section, from)}`;
  const [member = ''] = members;
  if (members.length === 1 && section === 'rules') return ruleMember(thing, member, difference);
  if (members.length === 1 && section === 'approver_groups') return groupMember(thing, member, difference);
  const what = members.length === 0 ? thing : `${members.map(nameWords).join(' ')} of ${thing}`;
  return `changes ${what}: ${valueWords(to)} instead of ${valueWords(from)}`;
}

/** `the rule "small refunds"`. */
function thingOf([section = '', name]: readonly string[]): string {
  const kind = nameWords(SECTIONS[section] ?? section);
  return name === undefined ? `the ${kind}` : `the ${kind} ${JSON.stringify(name)}`;
}

function wordsOf(section: string, value: unknown): string {
  if (section === 'rules') return ruleSentence(value as Rule);
  return section === 'approver_groups' ? groupWords(value as GroupEntry) : valueWords(value);
}

function ruleMember(thing: string, member: string, { from, to }: Difference): string {
  switch (member) {
    case 'quorum':
      return `${thing} needs ${peopleWords(to as number)} instead of ${from}`;
    case 'timeout_seconds':
      return `${thing} waits ${durationWords(to as number)} instead of ${durationWords(from as number)}`;
    case 'off':
      return to === true ? `switches ${thing} off` : `switches ${thing} on again`;
    case 'approvers':
      return `${thing} asks ${listOr(to)} instead of ${listOr(from)}`;
    case 'stages':
      return `${thing} asks ${stageList(to)} instead of ${stageList(from)}`;
    case 'effect':
      return `${thing} says ${to} instead of ${from}`;
    default:
      return `changes ${nameWords(member)} of ${thing}: ${valueWords(to)} instead of ${valueWords(from)}`;
  }
}

function groupMember(thing: string, member: string, { from, to }: Difference): string {
  switch (member) {
    case 'members':
      return `${listChange(from as readonly string[], to as readonly string[])} ${thing}`;
    case 'channel':
      return `${thing} is asked in ${to} instead of ${from}`;
    case 'slack_user_group':
      return `${thing} is ${userGroup(to)} instead of ${userGroup(from)}`;
    default:
      return `changes ${nameWords(member)} of ${thing}: ${valueWords(to)} instead of ${valueWords(from)}`;
  }
}

function userGroup(id: unknown): string {
  return typeof id === 'string' ? `whoever is in the user group ${id}` : 'the people it lists';
}

function roleSentence(role: string, from: unknown, to: unknown): string {
  const [before, after] = [from ?? [], to ?? []] as [readonly string[], readonly string[]];
  const added = after.filter((each) => !before.includes(each));
  const removed = before.filter((each) => !after.includes(each));
  const parts = [
    ...(added.length === 0 ? [] : [`gives the role ${nameWords(role)} to ${added.join(', ')}`]),
    ...(removed.length === 0 ? [] : [`takes the role ${nameWords(role)} from ${removed.join(', ')}`]),
  ];
  return parts.join(', ') || `lists the role ${nameWords(role)} in another order: ${after.join(', ') || 'nobody'}`;
}

/** With the word that leads to the list: "adds eve to". */
function listChange(from: readonly string[], to: readonly string[]): string {
  const [added, removed] = [to.filter((item) => !from.includes(item)), from.filter((item) => !to.includes(item))];
  if (added.length + removed.length === 0) return `puts in another order, ${to.join(', ')}, the members of`;
  if (removed.length === 0) return `adds ${added.join(', ')} to`;
  if (added.length === 0) return `removes ${removed.join(', ')} from`;
  return `adds ${added.join(', ')} and removes ${removed.join(', ')} in`;
}

function listOr(names: unknown): string {
  return (names as readonly string[] | undefined)?.join(' or ') || 'nobody';
}

function stageList(stages: unknown): string {
  return (stages as readonly RuleStage[] | undefined)?.map(stageWords).join(', then ') ?? 'those of its short form';
}

/** How many people may approve by a rule, where the document alone says who, and the number or the people changed. */
function headcountOf(from: PolicyDocument | null, to: PolicyDocument, rule: Rule): string[] {
  const before = from?.rules.find(({ name }) => name === rule.name);
  const [then, now] = [from === null ? null : peopleOf(from, before), peopleOf(to, rule)];
  if (now === null || (then !== null && then.length === now.length && then.every((one) => now.includes(one))))
    return [];
  const by = now.length - (then?.length ?? 0);
  const than =
    then === null
      ? ''
      : by === 0
        ? ', others than before'
        : `, ${Math.abs(by)} ${by > 0 ? 'more' : 'fewer'} than before`;
  return [`${peopleWords(now.length)} may now approve by the rule ${JSON.stringify(rule.name)}${than}`];
}

/**
 * The addresses that may approve in any stage of a rule, also once it has escalated; null where others know who, or where it
 * asks nobody.
 */
function peopleOf({ approver_groups }: PolicyDocument, rule: Rule | undefined): readonly string[] | null {
  if (rule?.effect !== 'require' || rule.off === true) return null;
  const names = new Set(stagesOf(rule).flatMap(groupNames));
  const parts = [...names].map((name) => partsOf(approver_groups, name));
  if (parts.some((of) => of.length === 0) || parts.flat().some(({ source }) => askedSource(source) !== null))
    return null;
  return [...new Set(parts.flat().flatMap(({ entry }) => entry.members.map(addressOf)))].sort();
}
