// Begin: an approval that is acted on without a credential is marked first, once, so that whoever starts again can tell.

import { recordEvent } from '../../audit/record.ts';
import type { LockedTx } from '../../db/database.ts';
import * as executions from '../../db/executions.ts';
import { inOrder } from '../../db/in-order.ts';
import { type Execution, startRefusal } from '../../domain/credential/lease.ts';
import type { AgentPrincipal } from '../../domain/people/principal.ts';
import { SMALL_NEWS_SECONDS, tell } from '../news.ts';
import { type ApprovedDeps, actOnApproved } from './approved.ts';

export type Started = Pick<Execution, 'started_at'>;

/** Marks the action as begun, once; the same key again is the same answer, another one is refused. */
export function start(
  deps: ApprovedDeps,
  caller: AgentPrincipal,
  { id, idempotency_key }: { readonly id: string; readonly idempotency_key: string },
): Promise<Started> {
  return actOnApproved<Started, null>(deps, caller, {
    id,
    read: async () => null,
    missing: () => null,
    earlier: ({ execution }) =>
      execution?.idempotency_key === idempotency_key ? { started_at: execution.started_at } : null,
    refusalOf: ({ request: { state, closed_at: approved_at }, grant, execution, result }, has_quorum, now) =>
      startRefusal({ state, approved_at, grant, execution, has_quorum, has_result: result !== null }, now),
    act: async (tx, { request }) => {
      const row = { idempotency_key, started_at: tx.now };
      if (!(await executions.insertExecution(tx, id, row))) return 'already_started';
      await inOrder(tx, [
        (tx) =>
          recordEvent(deps, tx, {
            type: 'execution.started',
            outcome: 'success',
            actor: caller,
            request_id: id,
            digest: request.digest,
            facts: { idempotency_key },
          }),
        (tx: LockedTx) => tell(tx, request, SMALL_NEWS_SECONDS),
      ]);
      return { started_at: row.started_at };
    },
    refused: 'execution.start_refused',
  });
}
