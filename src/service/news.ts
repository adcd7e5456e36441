// News of a request that people were asked about: its cards are behind, its run is told. An allowed one has neither.

import type { LockedTx } from '../db/database.ts';
import { inOrder } from '../db/in-order.ts';
import * as outbox from '../db/outbox.ts';
import * as requests from '../db/requests.ts';
import type { ApprovalRequest } from '../domain/request/request.ts';

/** A claim and a use change some words of a card: they wait so long for what mostly follows, and are told with it. */
export const SMALL_NEWS_SECONDS = 1;

/** Marks the request as changed and nudges its run after `seconds`; to be sent last among statements of one round trip. */
export async function tell(
  tx: LockedTx,
  { id, effect }: Pick<ApprovalRequest, 'id' | 'effect'>,
  seconds = 0,
): Promise<void> {
  if (effect !== 'require') return;
  await inOrder(tx, [(tx) => requests.touchRequest(tx, id), (tx) => outbox.enqueue(tx, id, 'nudge', seconds)]);
}
