// News of a request that people were asked about: its cards are behind, its run is told. An allowed one has neither.

import type { LockedTx } from '../db/database.ts';
import * as requests from '../db/requests.ts';
import type { ApprovalRequest } from '../domain/request/request.ts';

/** A claim and a use change some words of a card: they wait so long for what mostly follows, and are told with it. */
export const SMALL_NEWS_SECONDS = 1;

/** Marks the request as changed and nudges its run after `seconds`; to be sent last among statements of one round trip. */
export async function tell(tx: LockedTx, { id }: Pick<ApprovalRequest, 'id'>, seconds = 0): Promise<void> {
  await requests.tellRequest(tx, id, seconds);
}
