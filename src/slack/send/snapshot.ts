// Reads the record once for one try, and goes through what is to be said: one refusal does not silence the rest.

import type { SlackMessage } from '../../db/messages.ts';
import { PlacetError } from '../../domain/errors.ts';
import type { ApprovalInput } from '../../domain/work/workflow.ts';
import { SlackUnavailable } from '../../../activities/failure.ts';
import type { SayDeps, Seen } from './deliver.ts';

/** A try ends within its 30 s although each call may take 8 s twice: so no old try can draw over a newer one. */
const TRY_MS_MAX = 12_000;

/** The record as it stands now, and our team in Slack. Throws not_found, SlackUnavailable. */
async function see(deps: SayDeps, { tenant_id, request_id }: ApprovalInput): Promise<Seen> {
  // Asked first: a post whose place could not be stored for want of it would be posted again.
  const team_id = await deps.messenger.teamId();
  return deps.transact(tenant_id, async (tx) => {
    const [record, messages] = await Promise.all([
      deps.store.requestRecords.readRequestRecord(tx, request_id),
      deps.store.messages.listMessages(tx, request_id),
    ]);
    if (record === null) throw new PlacetError('not_found');
    return { tenant_id, record, messages, now: tx.now, team_id };
  });
}

/** Says what is due of one kind and answers those messages as they stand then. Throws SlackUnavailable. */
export type Say = (deps: SayDeps, seen: Seen, until_ms: number) => Promise<readonly SlackMessage[]>;

/** Says it once, drawn from the record as it stands now. */
export function trySay(say: Say) {
  return async (deps: SayDeps, input: ApprovalInput): Promise<void> => {
    await say(deps, await see(deps, input), Date.now() + TRY_MS_MAX);
  };
}

/**
 * Says each, in order, begins none after `until_ms`, and answers what each gave. Throws SlackUnavailable at the end when
 * Slack could not take some; the next try finds them undone.
 */
export async function sayEach<T, R>(
  things: readonly T[],
  until_ms: number,
  say: (thing: T) => Promise<R>,
): Promise<readonly R[]> {
  const said: R[] = [];
  let refused: SlackUnavailable | null = null;
  for (const thing of things) {
    if (Date.now() > until_ms) throw new SlackUnavailable('slow', null);
    try {
      said.push(await say(thing));
    } catch (error) {
      if (!(error instanceof SlackUnavailable)) throw error;
      if (refused === null || (error.retry_after_ms ?? 0) > (refused.retry_after_ms ?? 0)) refused = error;
    }
  }
  if (refused !== null) throw refused;
  return said;
}
