// A change of policy in words, for whoever is to agree to it: what is added, taken away and changed, and how many people may then
// approve. Nothing is left out. Pure.

import { addressOf } from '../people/address.ts';
import { askedSource } from '../people/membership.ts';
import { type Difference, differencesOf } from './differences.ts';
import { partsOf } from './group-parts.ts';
import type { PolicyDocument, Rule } from './policy.ts';
import { groupNames, stagesOf } from './rule-stages.ts';

const SECTIONS: Readonly<Record<string, string>> = {
  rules: 'rule',
  approver_groups: 'approver group',
  people: 'person',
  roles: 'role',
  actions: 'action',
  calendars: 'calendar',
  tests: 'test',
};

/** One sentence for each difference, and for each rule that other people may approve by then. */
export function planOf(from: PolicyDocument | null, to: PolicyDocument): readonly string[] {
  return [...differencesOf(from, to).map(sentenceOf), ...to.rules.flatMap((rule) => headcountOf(from, to, rule))];
}

function sentenceOf({ path, from, to }: Difference): string {
  const what = placeOf(path);
  if (path.length === 1 && path[0] === 'rules') return `the rules stand in another order: ${list(to as string[])}`;
  if (from === undefined) return `adds ${what}: ${inWords(to)}`;
  if (to === undefined) return `removes ${what}: ${inWords(from)}`;
  if (isTexts(from) && isTexts(to)) return `changes ${what}: ${listChange(from, to)}`;
  return `changes ${what}: ${inWords(from)} → ${inWords(to)}`;
}

/** `the quorum of rule "small refunds"`. */
function placeOf([section = '', name, ...members]: readonly string[]): string {
  const kind = SECTIONS[section] ?? section;
  const thing = name === undefined ? kind : `${kind} ${JSON.stringify(name)}`;
  return members.length === 0 ? `the ${thing}` : `${members.join('.')} of the ${thing}`;
}

function listChange(from: readonly string[], to: readonly string[]): string {
  const [added, removed] = [to.filter((item) => !from.includes(item)), from.filter((item) => !to.includes(item))];
  const parts = [
    ...(added.length === 0 ? [] : [`adds ${list(added)}`]),
    ...(removed.length === 0 ? [] : [`removes ${list(removed)}`]),
  ];
  return parts.join(', ') || `in another order, ${list(to)}`;
}

function list(items: readonly string[]): string {
  return items.map((item) => JSON.stringify(item)).join(', ') || 'nobody';
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

function inWords(value: unknown): string {
  return JSON.stringify(value);
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
  const people = now.length === 1 ? '1 person' : `${now.length} people`;
  return [`${people} may now approve by the rule ${JSON.stringify(rule.name)}${than}`];
}

/**
 * The addresses that may approve in any stage of a rule, also once it has escalated; null where others know who, or where it
 * asks nobody.
 */
function peopleOf({ approver_groups }: PolicyDocument, rule: Rule | undefined): readonly string[] | null {
  if (rule?.effect !== 'require') return null;
  const names = new Set(stagesOf(rule).flatMap(groupNames));
  const parts = [...names].map((name) => partsOf(approver_groups, name));
  if (parts.some((of) => of.length === 0) || parts.flat().some(({ source }) => askedSource(source) !== null))
    return null;
  return [...new Set(parts.flat().flatMap(({ entry }) => entry.members.map(addressOf)))].sort();
}
