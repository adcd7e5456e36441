// What a request needs: the stages of its rule with the groups as they are now, and whether people could ever fill them.

import type { Tx } from '../../db/database.ts';
import * as groups from '../../db/groups.ts';
import { PlacetError } from '../../domain/errors.ts';
import { afterOpenSeconds, type Calendar } from '../../domain/policy/calendar.ts';
import { type Calendars, calendarOf, type Hours, isOutside } from '../../domain/policy/hours.ts';
import { type Rule, TIMEOUT_SECONDS_DEFAULT } from '../../domain/policy/policy.ts';
import { groupNames, stagesOf } from '../../domain/policy/rule-stages.ts';
import { firstUnreachable, type PoolStage, seatsOf } from '../../domain/request/reach.ts';
import type { StageGroup } from '../../domain/request/record.ts';
import type { AskedGroup, Requirement, Stage } from '../../domain/request/request.ts';
import { spreadMs } from '../../domain/request/stage-due.ts';

/** Of several rules together; nobody gets a request through more, and a card could not name them. */
const ASKED_STAGES_MAX = 30;

/** The rule's stages with their groups; refused at once when nobody could ever fill them. */
export async function requirementOf(tx: Tx, rule: Rule, excluded_people: readonly string[]): Promise<Requirement> {
  const named = await groups.findGroupsByName(tx, [...new Set(stagesOf(rule).flatMap(groupNames))]);
  const requirement = {
    stages: askedStages(rule, named),
    ...(rule.distinct_stages === false ? { distinct_stages: false as const } : {}),
    ...(rule.reason === 'required' ? { reason: rule.reason } : {}),
    ...(rule.confirm === true ? { confirm: rule.confirm } : {}),
  };
  await refuseUnreachable(tx, { requirement, named, excluded_people });
  return requirement;
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

type Reaching = {
  readonly requirement: Requirement;
  readonly named: readonly StageGroup[];
  readonly excluded_people: readonly string[];
};

async function refuseUnreachable(tx: Tx, { requirement, named, excluded_people }: Reaching): Promise<void> {
  const { stages, distinct_stages } = requirement;
  if (stages.length > ASKED_STAGES_MAX) throw new PlacetError('quorum_unreachable', { stages: stages.length });
  const pools = await poolsOf(tx, { stages, named, excluded_people, limit: seatsOf(stages) });
  const fault = firstUnreachable(pools, distinct_stages !== false);
  if (fault !== null) throw new PlacetError('quorum_unreachable', fault);
}

type Asking = {
  readonly stages: readonly Stage[];
  readonly named: readonly StageGroup[];
  readonly excluded_people: readonly string[];
  /** So many people of each group at most. */
  readonly limit: number;
};

/** Who may count in each stage now. */
export async function poolsOf(tx: Tx, { stages, named, ...of }: Asking): Promise<readonly PoolStage[]> {
  const ids = named.map(({ id }) => id);
  const eligible = await groups.listEligible(tx, ids, of);
  // Who is in a Slack user group is only known at the click, so such a group counts as enough.
  const open = new Set(named.filter(({ slack_user_group }) => slack_user_group !== null).map(({ id }) => id));
  const poolOf = ({ group_id }: AskedGroup) => ({
    people: eligible.filter((each) => each.group_id === group_id).map((each) => each.eligible),
    is_open: open.has(group_id),
  });
  return stages.map(({ approvers, quorum, each }) => ({
    groups: approvers.map(poolOf),
    quorum,
    is_each: each === true,
  }));
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
