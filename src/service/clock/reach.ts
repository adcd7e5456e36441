// Escalates at once what its own people can no longer decide: a new version of the policy may have emptied a group. Who is in a
// source that lies elsewhere is not asked here, so it counts as enough.

import type { Tx } from '../../db/database.ts';
import * as groupParts from '../../db/group-parts.ts';
import { CARD } from '../../db/record-parts.ts';
import * as requests from '../../db/requests.ts';
import { firstUnreachable, seatsOf } from '../../domain/request/reach.ts';
import { openStage } from '../../domain/request/stages.ts';
import { poolsOf } from '../agent/pools.ts';
import type { ServiceDeps } from '../deps.ts';
import { lockRequestRecord } from '../locked.ts';
import { tell } from '../news.ts';
import { escalate } from './escalate.ts';

/** In one apply; what is left waits for its time, as it would have without. */
const REQUESTS_MAX = 1_000;

/** Asks more groups for each pending request whose open stage names some and cannot be filled by its own people any more. */
export async function escalateUnreached(deps: ServiceDeps, begun: Tx): Promise<void> {
  for (const id of await requests.listEscalatable(begun, REQUESTS_MAX)) {
    const locked = await lockRequestRecord(begun, id, CARD);
    if (locked === null || locked.record.request.state !== 'pending') continue;
    const { tx, record } = locked;
    const { request, decisions } = record;
    const stage = request.requirement?.stages[openStage(request, decisions)];
    if (stage?.escalate === undefined || stage.added !== undefined) continue;
    const parts = await groupParts.listParts(
      tx,
      stage.approvers.map(({ group_id }) => group_id),
    );
    const { excluded_people } = request;
    const asking = { stages: [stage], parts, answers: [], excluded_people, limit: seatsOf([stage]) };
    if (firstUnreachable(await poolsOf(tx, asking), true) === null) continue;
    await escalate(deps, tx, record);
    await tell(tx, request);
  }
}
