// Who stands in where the people of a stage are too few when a request is made: the policy's fallback, for groups that cannot be
// reached, in the same stage and for as many people. It replaces no demand.

import type { Tx } from '../../db/database.ts';
import * as groupParts from '../../db/group-parts.ts';
import * as groups from '../../db/groups.ts';
import { inOrder } from '../../db/in-order.ts';
import { PlacetError } from '../../domain/errors.ts';
import { type AskedSource, type GroupPart, type SourceAnswer, sourcesToAsk } from '../../domain/people/membership.ts';
import {
  firstUnreachable,
  type PoolStage,
  placesInNeed,
  seatsOf,
  type Unreachable,
  withHelp,
} from '../../domain/request/reach.ts';
import type { AskedGroup, Stage, StandIns } from '../../domain/request/request.ts';
import { isAnswered } from '../memberships.ts';
import { poolsOf } from './pools.ts';

/** Nothing is said yet: these are to be asked first. */
export type OpenSources = { readonly unasked: readonly AskedSource[] };

export type FallbackInput = {
  readonly excluded_people: readonly string[];
  /** What the sources that have to be asked have answered to this very ask. */
  readonly answers: readonly SourceAnswer[];
  /** The groups that stand in for one that cannot be reached. */
  readonly fallback: readonly string[];
};

type Filling = FallbackInput & {
  readonly stages: readonly Stage[];
  readonly pools: readonly PoolStage[];
  readonly is_distinct: boolean;
};

/** Slack takes few questions a minute about who is in a user group: they are asked only where the other people are too few. */
export function isAskedFirst({ kind }: AskedSource): boolean {
  return kind !== 'slack_user_group';
}

/** The stages with who stands in. Throws quorum_unreachable where nobody does, or that is still not enough. */
export async function withFallback(
  tx: Tx,
  { stages, pools, is_distinct, fallback, answers, excluded_people }: Filling,
): Promise<OpenSources | { readonly stages: readonly Stage[]; readonly parts: readonly GroupPart[] }> {
  const [named, parts] = await inOrder(tx, [
    (tx) => groups.findGroupsByName(tx, fallback),
    (tx) => groupParts.listPartsNamed(tx, fallback),
  ]);
  const sources = sourcesToAsk(parts);
  if (!isAnswered(sources, answers)) return { unasked: sources };
  const standing = named.map(({ id, name }) => ({ group_id: id, name }));
  const asking = { stages: [{ approvers: standing, quorum: 1 }], parts, answers, excluded_people };
  const [help] = await poolsOf(tx, { ...asking, limit: seatsOf(stages) });
  let filled = stages;
  let reach = pools;
  for (let fault = firstUnreachable(reach, is_distinct); fault !== null; fault = firstUnreachable(reach, is_distinct)) {
    const { stage: at } = fault;
    const [stage, pool] = [filled[at], pools[at]];
    if (stage === undefined || pool === undefined || stage.stand_ins !== undefined || standing.length === 0)
      throw unreachable(fault, { stage, pool, fallback });
    const stand_ins = standInsFor(stage, pool, standing);
    filled = filled.map((each, place) => (place === at ? { ...each, stand_ins } : each));
    reach = reach.map((each, place) => (place === at ? withHelp(each, help?.groups ?? []) : each));
  }
  return { stages: filled, parts };
}

/** Says which groups lack people, and who stands in although that is not enough. */
function unreachable(
  fault: Unreachable,
  of: { readonly stage: Stage | undefined; readonly pool: PoolStage | undefined; readonly fallback: readonly string[] },
): PlacetError {
  const missing = (of.stage?.approvers ?? []).map(({ name: group }, place) => {
    return { group, eligible: of.pool?.groups[place]?.people.length ?? 0 };
  });
  const { fallback } = of;
  return new PlacetError('quorum_unreachable', { ...fault, missing, ...(fallback.length === 0 ? {} : { fallback }) });
}

function standInsFor({ approvers }: Stage, { groups: pools }: PoolStage, standing: readonly AskedGroup[]): StandIns {
  return { approvers: standing, for: placesInNeed(pools).flatMap((place) => approvers[place] ?? []) };
}
