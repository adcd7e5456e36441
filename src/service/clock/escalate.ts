// Escalate: the open stage asks more groups as well, once nobody filled it in time. It removes nobody and approves nothing.

import { recordEvent } from '../../audit/record.ts';
import type { LockedTx } from '../../db/database.ts';
import * as escalations from '../../db/escalations.ts';
import { inOrder } from '../../db/in-order.ts';
import * as requests from '../../db/requests.ts';
import { CLOCK } from '../../domain/people/principal.ts';
import type { CardRecord } from '../../domain/request/record.ts';
import { openStage } from '../../domain/request/stages.ts';
import type { ServiceDeps } from '../deps.ts';

/** Adds the groups that the open stage of the locked request names for it. */
export async function escalate(
  deps: ServiceDeps,
  tx: LockedTx,
  { request, decisions }: Pick<CardRecord, 'request' | 'decisions'>,
): Promise<void> {
  const { id: request_id, digest, requirement } = request;
  const stage = openStage(request, decisions);
  const groups = requirement?.stages[stage]?.escalate?.to ?? [];
  const rows = groups.map((group) => ({ ...group, request_id, stage, escalated_at: tx.now }));
  await inOrder(tx, [
    (tx) => escalations.insertEscalations(tx, rows),
    (tx) => requests.touchRequest(tx, request_id),
    (tx) =>
      recordEvent(deps, tx, {
        type: 'approval_request.escalated',
        outcome: 'success',
        actor: CLOCK,
        request_id,
        digest,
        facts: { stage, groups: groups.map(({ name }) => name) },
      }),
  ]);
}
