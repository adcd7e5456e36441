// What cannot work in the stages of a rule that requires approval: groups that are not there, people who are too few. Pure.

import { addressOf } from '../people/address.ts';
import { askedSource } from '../people/membership.ts';
import { firstUnreachable, type PoolGroup } from '../request/reach.ts';
import { WAIT_DAYS_MAX } from './calendar.ts';
import { partsOf } from './group-parts.ts';
import { calendarOf, isNeverEnough } from './hours.ts';
import type { PolicyDocument, Problem, Rule } from './policy.ts';
import { EACH_GROUPS_MAX, type RuleStage, stagesOf } from './rule-stages.ts';

/** A calendar that is not there, or has less open time than the rule gives, whenever it is asked. */
export function lintHours({ calendars = {} }: PolicyDocument, rule: Rule, path: Problem['path']): readonly Problem[] {
  const { hours, timeout_seconds } = rule;
  if (hours === undefined) return [];
  const calendar = calendarOf(calendars, hours);
  const at = [...path, 'hours', 'calendar'];
  if (calendar === null) return [{ path: at, message: `there is no calendar "${hours.calendar}"` }];
  if (hours.outside !== 'wait' || !isNeverEnough(calendar, timeout_seconds)) return [];
  return [{ path: at, message: `${WAIT_DAYS_MAX} days of "${hours.calendar}" have less open time than the timeout` }];
}

/** Everything that is wrong with whom the rule asks; `path` is the rule's. */
export function lintStages(document: PolicyDocument, rule: Rule, path: Problem['path']): readonly Problem[] {
  if (rule.stages !== undefined && rule.approvers.length > 0) {
    return [{ path: [...path, 'approvers'], message: 'a rule has either approvers or stages, not both' }];
  }
  // As written: a group that stands in a list twice has its second place too.
  const written = rule.stages ?? [rule];
  const problems = written.flatMap((stage, place) => lintStage(document, stage, stagePath(rule, path, place)));
  return problems.length > 0 ? problems : lintReach(document, rule, path);
}

function stagePath({ stages }: Rule, path: Problem['path'], place: number): Problem['path'] {
  return stages === undefined ? path : [...path, 'stages', place];
}

function lintStage(
  document: PolicyDocument,
  { approvers, each, escalate }: Omit<RuleStage, 'quorum'>,
  path: Problem['path'],
) {
  if (approvers.length === 0) {
    return [{ path: [...path, 'approvers'], message: 'a rule that requires approval names its approvers' }];
  }
  const problems = [
    ...lintGroupNames(document, approvers, [...path, 'approvers']),
    ...lintGroupNames(document, escalate?.to ?? [], [...path, 'escalate', 'to']),
  ];
  if (each === true && new Set(approvers).size > EACH_GROUPS_MAX) {
    problems.push({ path: [...path, 'each'], message: `asks one of each of more than ${EACH_GROUPS_MAX} groups` });
  }
  return problems;
}

function lintGroupNames(document: PolicyDocument, names: readonly string[], path: Problem['path']): Problem[] {
  return names.flatMap((name, place) =>
    Object.hasOwn(document.approver_groups, name)
      ? []
      : [{ path: [...path, place], message: `there is no approver group "${name}"` }],
  );
}

/** People who are too few for a stage beside those before it, as far as the file alone says who they are. */
function lintReach(document: PolicyDocument, rule: Rule, path: Problem['path']): Problem[] {
  const stages = stagesOf(rule);
  const pools = stages.map(({ approvers, quorum, each }) => ({
    groups: approvers.map((name) => poolOf(document, name)),
    quorum,
    is_each: each === true,
  }));
  const fault = firstUnreachable(pools, rule.distinct_stages !== false);
  if (fault === null) return [];
  const { stage, quorum, eligible } = fault;
  const why = eligible < quorum ? '' : whyTooFew(stages[stage]?.each === true, stage);
  const message = `quorum ${quorum}, but the approvers are ${eligible} in all${why}`;
  return [{ path: [...stagePath(rule, path, stage), 'quorum'], message }];
}

function whyTooFew(is_each: boolean, stage: number): string {
  const reasons = [
    ...(is_each ? ['each group needs a person of its own'] : []),
    ...(stage > 0 ? ['nobody counts in two stages'] : []),
  ];
  return reasons.length === 0 ? '' : `, and ${reasons.join(' and ')}`;
}

function poolOf({ approver_groups }: PolicyDocument, name: string): PoolGroup {
  const parts = partsOf(approver_groups, name);
  return {
    people: [...new Set(parts.flatMap(({ entry }) => entry.members.map(addressOf)))],
    is_open: parts.some(({ source }) => askedSource(source) !== null),
  };
}
