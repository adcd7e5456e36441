// What a request needs: the stages of its rule with the groups as they are now, and whether people could ever fill them.

import type { Tx } from '../../db/database.ts';
import * as groupParts from '../../db/group-parts.ts';
import * as groups from '../../db/groups.ts';
import { inOrder } from '../../db/in-order.ts';
import { PlacetError } from '../../domain/errors.ts';
import { answerOf, type GroupPart, type SourceAnswer, sourcesToAsk } from '../../domain/people/membership.ts';
import { afterOpenSeconds, type Calendar } from '../../domain/policy/calendar.ts';
import { type Calendars, calendarOf, type Hours, isOutside } from '../../domain/policy/hours.ts';
import { type Rule, TIMEOUT_SECONDS_DEFAULT } from '../../domain/policy/policy.ts';
import { groupNames, stagesOf } from '../../domain/policy/rule-stages.ts';
import { firstUnreachable, seatsOf } from '../../domain/request/reach.ts';
import type { StageGroup } from '../../domain/request/record.ts';
import type { Requirement, Stage } from '../../domain/request/request.ts';
import { spreadMs } from '../../domain/request/stage-due.ts';
import { isAnswered } from '../memberships.ts';
import { type FallbackInput, isAskedAtCreation, type OpenSources, withFallback } from './fallback.ts';
import { poolsOf } from './pools.ts';

/** Of several rules together; nobody gets a request through more, and a card could not name them. */
const ASKED_STAGES_MAX = 30;

/** What a request needs, and who was a member when it was made where only they count. */
export type RequirementResult = {
  readonly requirement: Requirement;
  readonly members_when_made: Readonly<Record<string, readonly string[]>> | null;
};

/**
 * The rule's stages with their groups; refused at once when nobody could ever fill them. Nothing but the sources to ask where
 * some have not answered yet.
 */
export async function requirementOf(
  tx: Tx,
  rule: Rule,
  { excluded_people, answers, fallback }: FallbackInput,
): Promise<RequirementResult | OpenSources> {
  const names = [...new Set(stagesOf(rule).flatMap(groupNames))];
  const [named, parts] = await inOrder(tx, [
    (tx) => groups.findGroupsByName(tx, names),
    (tx) => groupParts.listPartsNamed(tx, names),
  ]);
  const sources = sourcesToAsk(parts).filter(isAskedAtCreation);
  if (!isAnswered(sources, answers)) return { unasked: sources };
  const wanted = askedStages(rule, named);
  if (wanted.length > ASKED_STAGES_MAX) throw new PlacetError('quorum_unreachable', { stages: wanted.length });
  const is_distinct = rule.distinct_stages !== false;
  const pools = await poolsOf(tx, { stages: wanted, parts, answers, excluded_people, limit: seatsOf(wanted) });
  const fault = firstUnreachable(pools, is_distinct);
  const filled =
    fault === null
      ? null
      : await withFallback(tx, { stages: wanted, pools, is_distinct, answers, excluded_people, fallback });
  // Those of the rule are wanted again with them: an answer is for one ask.
  if (filled !== null && 'unasked' in filled) return { unasked: [...sources, ...filled.unasked] };
  const requirement = {
    stages: filled?.stages ?? wanted,
    ...(rule.distinct_stages === false ? { distinct_stages: false as const } : {}),
    ...(rule.reason === 'required' ? { reason: rule.reason } : {}),
    ...(rule.confirm === true ? { confirm: rule.confirm } : {}),
  };
  return { requirement, members_when_made: membersOf([...parts, ...(filled?.parts ?? [])], answers) };
}

/** The members of each private channel, which only they can let others into later. */
function membersOf(
  parts: readonly GroupPart[],
  answers: readonly SourceAnswer[],
): RequirementResult['members_when_made'] {
  const members = parts.flatMap(({ part_id, source }) => {
    const answer = source.kind === 'channel_members' ? answerOf(source, answers) : null;
    return answer === null ? [] : [[part_id, answer.members] as const];
  });
  return members.length === 0 ? null : Object.fromEntries(members);
}

/** The stages of a rule with their groups as they are now. */
export function askedStages(rule: Rule, named: readonly StageGroup[]): readonly Stage[] {
  const known = new Map(named.map((group) => [group.name, group]));
  const asked_groups = (names: readonly string[]) =>
    names.flatMap((name) => {
      const group = known.get(name);
      return group === undefined ? [] : [{ group_id: group.id, name }];
    });
  return stagesOf(rule).map(({ approvers, escalate, ...stage }) => {
    const to = asked_groups(added(approvers, escalate?.to ?? []));
    return {
      ...stage,
      approvers: asked_groups(approvers),
      ...(escalate === undefined || to.length === 0 ? {} : { escalate: { ...escalate, to } }),
    };
  });
}

/** Whom an escalation asks beside those who are asked already, each once. */
function added(approvers: readonly string[], to: readonly string[]): readonly string[] {
  return [...new Set(to)].filter((name) => !approvers.includes(name));
}

/** By which hours a request runs that is made now, and whether it is made outside of them. */
type Clock = { readonly hours: Hours | null; readonly calendar: Calendar | null; readonly is_outside: boolean };

/** The clock of a rule: its hours, where it has any. */
export function clockOf(calendars: Calendars = {}, rule: Rule | null, now: Date): Clock {
  const hours = rule?.hours;
  const calendar = calendarOf(calendars, hours);
  return { hours: hours ?? null, calendar, is_outside: isOutside(calendars, hours, now) };
}

/** The requirement with the hours that its times run on, or that it is urgent. */
export function withHours(requirement: Requirement, { hours, calendar, is_outside }: Clock): Requirement {
  if (hours?.outside === 'wait' && calendar !== null) return { ...requirement, calendar };
  return hours?.outside === 'page' && is_outside ? { ...requirement, urgent: true } : requirement;
}

type Beginning = { readonly id: string; readonly now: Date; readonly clock: Clock };

/** When it expires: settled here, and never moved. What is asked while it is closed would all end in one second: it is spread. */
export function expiryOf({ id, now, clock }: Beginning, wanted_seconds: number | null, rule: Rule | null): Date {
  const allowed_seconds = rule?.timeout_seconds ?? TIMEOUT_SECONDS_DEFAULT;
  const seconds = Math.min(wanted_seconds ?? allowed_seconds, allowed_seconds);
  const { hours, calendar, is_outside } = clock;
  if (hours?.outside !== 'wait' || calendar === null) return new Date(now.getTime() + seconds * 1_000);
  const at = afterOpenSeconds(calendar, now, seconds);
  if (at === null) throw new PlacetError('outside_hours');
  const spread = is_outside ? afterOpenSeconds(calendar, now, seconds + spreadMs(id, seconds) / 1_000) : null;
  return spread ?? at;
}
