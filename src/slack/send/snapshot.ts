// Takes a snapshot of the record for one try, and goes through what is to be delivered: one refusal keeps no other back.

import { PlacetError } from '../../domain/errors.ts';
import type { ApprovalInput } from '../../domain/work/workflow.ts';
import { readMoment, type SlackMessage } from '../../service/clock/deliveries.ts';
import type { DeliverDeps, Snapshot } from './delivery.ts';
import { SlackUnavailable } from './failures.ts';

/** A try ends within its 30 s although each call may take 8 s twice: so no old try can draw over a newer one. */
const TRY_MS_MAX = 12_000;

/** The record as it stands now, and our team in Slack. Throws not_found, SlackUnavailable. */
async function takeSnapshot(deps: DeliverDeps, input: ApprovalInput): Promise<Snapshot> {
  // Asked first: a post whose place could not be stored for want of it would be posted again.
  const team_id = await deps.messenger.teamId();
  const moment = await readMoment(deps, input);
  if (moment === null) throw new PlacetError('not_found');
  return { ...moment, tenant_id: input.tenant_id, team_id, together: null };
}

/** Delivers what is due of one kind and answers those messages as they stand then. Throws SlackUnavailable. */
export type Deliver = (deps: DeliverDeps, snapshot: Snapshot, until_ms: number) => Promise<readonly SlackMessage[]>;

/** Delivers it once, drawn from the record as it stands now. */
export function deliverNow(deliver: Deliver) {
  return async (deps: DeliverDeps, input: ApprovalInput): Promise<void> => {
    await deliver(deps, await takeSnapshot(deps, input), Date.now() + TRY_MS_MAX);
  };
}

/**
 * Delivers each, in order, begins none after `until_ms`, and answers what each gave. Throws SlackUnavailable at the end when
 * Slack could not take some; the next try finds them undone.
 */
export async function deliverEach<T, R>(
  things: readonly T[],
  until_ms: number,
  deliver: (thing: T) => Promise<R>,
): Promise<readonly R[]> {
  const delivered: R[] = [];
  let refused: SlackUnavailable | null = null;
  for (const thing of things) {
    if (Date.now() > until_ms) throw new SlackUnavailable('slow', null);
    try {
      delivered.push(await deliver(thing));
    } catch (error) {
      if (!(error instanceof SlackUnavailable)) throw error;
      if (refused === null || (error.retry_after_ms ?? 0) > (refused.retry_after_ms ?? 0)) refused = error;
    }
  }
  if (refused !== null) throw refused;
  return delivered;
}
