// What a request needs: the stages of its rule with the groups as they are now, and whether people could ever fill them.

import type { Tx } from '../../db/database.ts';
import * as groups from '../../db/groups.ts';
import { PlacetError } from '../../domain/errors.ts';
import type { Rule } from '../../domain/policy/policy.ts';
import { groupNames, stagesOf } from '../../domain/policy/rule-stages.ts';
import { firstUnreachable, seatsOf } from '../../domain/request/reach.ts';
import type { StageGroup } from '../../domain/request/record.ts';
import type { AskedGroup, Requirement } from '../../domain/request/request.ts';

/** Of several rules together; nobody gets a request through more, and a card could not name them. */
const ASKED_STAGES_MAX = 30;

/** The rule's stages with their groups; refused at once when nobody could ever fill them. */
export async function requirementOf(tx: Tx, rule: Rule, excluded_people: readonly string[]): Promise<Requirement> {
  const wanted = stagesOf(rule);
  const named = await groups.findGroupsByName(tx, [...new Set(wanted.flatMap(groupNames))]);
  const known = new Map(named.map((group) => [group.name, group]));
  const asked_groups = (names: readonly string[]) =>
    names.flatMap((name) => {
      const group = known.get(name);
      return group === undefined ? [] : [{ group_id: group.id, name }];
    });
  const stages = wanted.map(({ approvers, escalate, ...stage }) => ({
    ...stage,
    approvers: asked_groups(approvers),
    ...(escalate === undefined ? {} : { escalate: { ...escalate, to: asked_groups(added(approvers, escalate.to)) } }),
  }));
  const requirement = {
    stages,
    ...(rule.distinct_stages === false ? { distinct_stages: false as const } : {}),
    ...(rule.reason === 'required' ? { reason: rule.reason } : {}),
    ...(rule.confirm === true ? { confirm: rule.confirm } : {}),
  };
  await refuseUnreachable(tx, { requirement, named, excluded_people });
  return requirement;
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
  const ids = named.map(({ id }) => id);
  const eligible = await groups.listEligible(tx, ids, { excluded_people, limit: seatsOf(stages) });
  // Who is in a Slack user group is only known at the click, so such a group counts as enough.
  const open = new Set(named.filter(({ slack_user_group }) => slack_user_group !== null).map(({ id }) => id));
  const poolOf = ({ group_id }: AskedGroup) => ({
    people: eligible.filter((each) => each.group_id === group_id).map((each) => each.eligible),
    is_open: open.has(group_id),
  });
  const pools = stages.map(({ approvers, quorum, each }) => ({
    groups: approvers.map(poolOf),
    quorum,
    is_each: each === true,
  }));
  const fault = firstUnreachable(pools, distinct_stages !== false);
  if (fault !== null) throw new PlacetError('quorum_unreachable', fault);
}
