// Parts of a policy in plain words: a rule as a sentence, a group, and any other value, of which nothing is left out. For plans
// and for pages. Pure.

import { sourceOf } from '../people/membership.ts';
import { counted } from '../request/display.ts';
import type { GroupEntry, Rule } from './policy.ts';
import { type RuleStage, stagesOf } from './rule-stages.ts';

const EVERYTHING = '*';

/** "asks 2 people of payments within 10 minutes, before orders.refund on order/* by any agent". */
export function ruleSentence(rule: Rule): string {
  const { effect, match, when, credential, off } = rule;
  const whom = [
    listed(match.agents, 'any agent'),
    ...(match.environments.every((each) => each === EVERYTHING) ? [] : [`in ${list(match.environments)}`]),
    ...(match.labels === undefined ? [] : [`with the labels ${valueWords(match.labels)}`]),
  ].join(' ');
  const what = `${match.action} on ${match.resource === EVERYTHING ? 'anything' : match.resource} by ${whom}`;
  const condition = when === undefined ? '' : `, where ${when}`;
  const grants = credential === null ? '' : `; grants ${valueWords(credential)}`;
  const switched = off === true ? 'switched off: ' : '';
  if (effect !== 'require') return `${switched}${effect === 'deny' ? 'denies' : 'allows'} ${what}${condition}${grants}`;
  return `${switched}${demandWords(rule)}, before ${what}${condition}${grants}`;
}

function demandWords(rule: Rule): string {
  const { distinct_stages, hours, justification, reason, confirm, timeout_seconds } = rule;
  const more = [
    ...(distinct_stages === false ? ['the same people may count in each'] : []),
    ...(hours === undefined ? [] : [`by the calendar ${hours.calendar} (${hours.outside} outside it)`]),
    ...(justification === 'required' ? ['with a justification'] : []),
    ...(reason === 'required' ? ['with a reason'] : []),
    ...(confirm === true ? ['after a second look'] : []),
  ];
  const stages = stagesOf(rule).map(stageWords).join(', then ');
  return [`asks ${stages} within ${durationWords(timeout_seconds)}`, ...more].join(', ');
}

/** "2 people of payments or dba". */
export function stageWords({ approvers, quorum, each, remind_after_seconds, escalate }: RuleStage): string {
  const more = [
    ...(each === true && approvers.length > 1 ? ['one of each'] : []),
    ...(remind_after_seconds === undefined ? [] : [`reminded after ${durationWords(remind_after_seconds)}`]),
    ...(escalate === undefined ? [] : [`and ${list(escalate.to)} too after ${durationWords(escalate.after_seconds)}`]),
  ];
  return [`${peopleWords(quorum)} of ${approvers.join(' or ')}`, ...more].join(', ');
}

/** "ann@example.com, ben@example.com, asked in C0PAYMENTS". */
export function groupWords(group: GroupEntry): string {
  const { members: _1, slack_user_group: _2, channel_members: _3, on_call: _4, groups: _5, channel, ...rest } = group;
  const others = Object.keys(rest).length === 0 ? '' : `; ${valueWords(rest)}`;
  return `${memberWords(group)}, asked in ${channel}${others}`;
}

/** Whom a group has, as far as the document says. */
export function memberWords(group: GroupEntry): string {
  const source = sourceOf(group);
  switch (source.kind) {
    case 'listed':
      return group.members.join(', ') || 'nobody';
    case 'slack_user_group':
      return `whoever is in the user group ${source.id}`;
    case 'channel_members':
      return `whoever is in the channel ${source.id}`;
    case 'on_call':
      return `whoever of ${list(group.on_call?.among ?? [])} is on call by ${source.url}`;
    case 'groups':
      return `the people of ${list(group.groups ?? [])}`;
  }
}

/** "1 person", "3 people". */
export function peopleWords(count: number): string {
  return count === 1 ? '1 person' : `${count} people`;
}

const UNITS = [
  [86_400, 'day'],
  [3_600, 'hour'],
  [60, 'minute'],
  [1, 'second'],
] as const;

/** "1 hour 30 minutes". */
export function durationWords(seconds: number): string {
  let left = seconds;
  const parts = UNITS.flatMap(([unit, word]) => {
    const count = Math.floor(left / unit);
    left -= count * unit;
    return count === 0 ? [] : [counted(count, word)];
  });
  return parts.join(' ') || 'no time';
}

/** The same as the file writes it: `1h30m`. */
export function writtenDuration(seconds: number): string {
  return durationWords(seconds).replace(/ (\w)\w*\s?/g, '$1');
}

/** Any value of a document: nothing of it is left out. */
export function valueWords(value: unknown): string {
  if (value === undefined || value === null) return 'none';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'string') return /^[\w@./:*+-]+$/.test(value) ? value : JSON.stringify(value);
  if (Array.isArray(value)) return value.map(nested).join(', ') || 'none';
  if (typeof value !== 'object') return String(value);
  const members = Object.entries(value).filter(([, inner]) => inner !== undefined);
  return members.map(([name, inner]) => memberValue(name, inner)).join(', ') || 'nothing';
}

/** Seconds are said as people say them. */
function memberValue(name: string, value: unknown): string {
  if (name.endsWith('_seconds') && typeof value === 'number')
    return `${nameWords(name.slice(0, -'_seconds'.length))} ${durationWords(value)}`;
  return `${nameWords(name)} ${nested(value)}`;
}

function nested(value: unknown): string {
  return typeof value === 'object' && value !== null ? `(${valueWords(value)})` : valueWords(value);
}

/** A member's name as words. */
export function nameWords(name: string): string {
  return name === 'when' ? 'condition' : name.replaceAll('_', ' ');
}

function listed(patterns: readonly string[], all: string): string {
  return patterns.every((each) => each === EVERYTHING) ? all : list(patterns);
}

function list(items: readonly string[]): string {
  return items.join(', ');
}
