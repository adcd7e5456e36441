// What a request needs: the stages of its rule with the groups as they are now, and whether people could ever fill them.

import type { Tx } from '../../db/database.ts';
import * as groupParts from '../../db/group-parts.ts';
import * as groups from '../../db/groups.ts';
import { inOrder } from '../../db/in-order.ts';
import { PlacetError } from '../../domain/errors.ts';
import {
  type AskedSource,
  answerOf,
  type GroupPart,
  type SourceAnswer,
  sourcesToAsk,
} from '../../domain/people/membership.ts';
import { afterOpenSeconds, type Calendar } from '../../domain/policy/calendar.ts';
import { type Calendars, calendarOf, type Hours, isOutside } from '../../domain/policy/hours.ts';
import { type Rule, TIMEOUT_SECONDS_DEFAULT } from '../../domain/policy/policy.ts';
import { groupNames, stagesOf } from '../../domain/policy/rule-stages.ts';
import { firstUnreachable, type PoolStage, seatsOf } from '../../domain/request/reach.ts';
import type { StageGroup } from '../../domain/request/record.ts';
import type { AskedGroup, Requirement, Stage, StandIns } from '../../domain/request/request.ts';
import { spreadMs } from '../../domain/request/stage-due.ts';
import { isAnswered } from '../memberships.ts';
import { poolsOf } from './pools.ts';

/** Of several rules together; nobody gets a request through more, and a card could not name them. */
const ASKED_STAGES_MAX = 30;

/** What a request needs, and who was a member when it was made where only they count. */
export type Required = {
  readonly requirement: Requirement;
  readonly members_when_made: Readonly<Record<string, readonly string[]>> | null;
};

type Requiring = {
  readonly excluded_people: readonly string[];
  /** What the sources that have to be asked have answered to this very ask. */
  readonly answers: readonly SourceAnswer[];
  /** The groups that stand in for one that cannot be reached. */
  readonly fallback: readonly string[];
};

/**
 * The rule's stages with their groups; refused at once when nobody could ever fill them. Nothing but the sources to ask where
 * some have not answered yet.
 */
export async function requirementOf(
  tx: Tx,
  rule: Rule,
  { excluded_people, answers, fallback }: Requiring,
): Promise<Required | { readonly unasked: readonly AskedSource[] }> {
  const names = [...new Set([...stagesOf(rule).flatMap(groupNames), ...fallback])];
  const [named, parts] = await inOrder(tx, [
    (tx) => groups.findGroupsByName(tx, names),
    (tx) => groupParts.listPartsNamed(tx, names),
  ]);
  const sources = sourcesToAsk(parts).filter(isAskedAtCreation);
  if (!isAnswered(sources, answers)) return { unasked: sources };
  const stages = await reachableStages(tx, {
    stages: askedStages(rule, named),
    named,
    parts,
    answers,
    excluded_people,
    fallback,
    rule,
  });
  const requirement = {
    stages,
    ...(rule.distinct_stages === false ? { distinct_stages: false as const } : {}),
    ...(rule.reason === 'required' ? { reason: rule.reason } : {}),
    ...(rule.confirm === true ? { confirm: rule.confirm } : {}),
  };
  return { requirement, members_when_made: membersOf(parts, answers) };
}

/** Who is in a user group is asked at the click alone: Slack takes few such questions a minute. */
function isAskedAtCreation({ kind }: AskedSource): boolean {
  return kind !== 'slack_user_group';
}

/** The members of each private channel, which only they can let others into later. */
function membersOf(parts: readonly GroupPart[], answers: readonly SourceAnswer[]): Required['members_when_made'] {
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
  return stagesOf(rule).map(({ approvers, escalate, ...stage }) => ({
    ...stage,
    approvers: asked_groups(approvers),
    ...(escalate === undefined ? {} : { escalate: { ...escalate, to: asked_groups(added(approvers, escalate.to)) } }),
  }));
}

/** Whom an escalation asks beside those who are asked already, each once. */
function added(approvers: readonly string[], to: readonly string[]): readonly string[] {
  return [...new Set(to)].filter((name) => !approvers.includes(name));
}

type Reaching = Requiring & {
  readonly stages: readonly Stage[];
  readonly named: readonly StageGroup[];
  readonly parts: readonly GroupPart[];
  readonly rule: Rule;
};

/**
 * The stages as people can fill them now: where they cannot, the policy's fallback stands in for groups that cannot be reached,
 * in the same stage and for as many people. Throws quorum_unreachable where nobody stands in, or that is still not enough.
 */
async function reachableStages(tx: Tx, { stages, named, fallback, rule, ...of }: Reaching): Promise<readonly Stage[]> {
  if (stages.length > ASKED_STAGES_MAX) throw new PlacetError('quorum_unreachable', { stages: stages.length });
  const is_distinct = rule.distinct_stages !== false;
  const known = named.map(({ id, name }) => ({ group_id: id, name }));
  const standing = fallback.flatMap((name) => known.find((group) => group.name === name) ?? []);
  const pools = await poolsOf(tx, { ...of, stages, limit: seatsOf(stages) });
  const help = await poolsOf(tx, { ...of, stages: [{ approvers: standing, quorum: 1 }], limit: seatsOf(stages) });
  let filled = stages;
  let reach = pools;
  for (let fault = firstUnreachable(reach, is_distinct); fault !== null; fault = firstUnreachable(reach, is_distinct)) {
    const { stage: at } = fault;
    const stage = filled[at];
    if (stage === undefined || stage.stand_ins !== undefined || standing.length === 0) {
      const missing = (pools[at]?.groups ?? []).map(({ people }, place) => ({
        group: stage?.approvers[place]?.name ?? '',
        eligible: people.length,
      }));
      throw new PlacetError('quorum_unreachable', {
        ...fault,
        missing,
        ...(standing.length === 0 ? {} : { fallback }),
      });
    }
    const stand_ins = standInsFor(stage, pools[at], standing);
    filled = filled.map((each, place) => (place === at ? { ...each, stand_ins } : each));
    reach = reach.map((pool, place) => (place === at ? withHelp(pool, help[0], { stage, stand_ins }) : pool));
  }
  return filled;
}

/** They stand in for the groups that have nobody; where each has somebody, for all of them, who are too few together. */
function standInsFor({ approvers }: Stage, pool: PoolStage | undefined, standing: readonly AskedGroup[]): StandIns {
  const empty = approvers.filter((_group, place) => pool?.groups[place]?.people.length === 0);
  return { approvers: standing, for: empty.length > 0 ? empty : approvers };
}

function withHelp(
  pool: PoolStage,
  help: PoolStage | undefined,
  { stage, stand_ins }: { readonly stage: Stage; readonly stand_ins: StandIns },
): PoolStage {
  const people = (help?.groups ?? []).flatMap((group) => group.people);
  const is_open = (help?.groups ?? []).some((group) => group.is_open);
  const stood_for = stand_ins.for.map(({ group_id }) => group_id);
  const groups = pool.groups.map((group, place) =>
    stood_for.includes(stage.approvers[place]?.group_id ?? '')
      ? { people: [...new Set([...group.people, ...people])], is_open: group.is_open || is_open }
      : group,
  );
  return { ...pool, groups };
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
