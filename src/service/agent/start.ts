// Begin: an approval that is acted on without a credential is marked first, once, so that whoever starts again can tell.

import { recordEvent } from '../../audit/record.ts';
import type { LockedTx } from '../../db/database.ts';
import * as executions from '../../db/executions.ts';
import * as grants from '../../db/grants.ts';
import { inOrder } from '../../db/in-order.ts';
import { type Execution, startRefusal } from '../../domain/credential/lease.ts';
import type { AgentPrincipal } from '../../domain/people/principal.ts';
import { SMALL_NEWS_SECONDS, tell } from '../news.ts';
import { type ApprovedDeps, actOnApproved } from './approved.ts';

export type Started = Pick<Execution, 'started_at'>;

export type StartInput = {
  readonly id: string;
  readonly idempotency_key: string;
  /** Of what is about to run, as whoever runs it has made it. */
  readonly digest: string;
};

/** Marks the action as begun, once; the same key again is the same answer, another one is refused. */
export function start(
  deps: ApprovedDeps,
  caller: AgentPrincipal,
  { id, idempotency_key, digest }: StartInput,
): Promise<Started> {
  return actOnApproved<Started, null>(deps, caller, {
    id,
    read: async () => null,
    missing: () => null,
    earlier: ({ execution }) =>
      execution?.idempotency_key === idempotency_key && execution.digest === digest
        ? { started_at: execution.started_at }
        : null,
    refusalOf: ({ request, grant, execution, revocation, result }, has_quorum, now) => {
      const { state, closed_at: approved_at, digest: approved_digest } = request;
      const has_result = result !== null;
      const about = { state, approved_at, approved_digest, digest, has_quorum, has_result };
      return startRefusal({ ...about, grant, execution, revocation }, now);
    },
    act: async (tx, { request, grant }) => {
      // The very update of a claim, so that whichever comes first refuses the other (INV-6).
      if (grant !== null && !(await grants.redeemWithoutLease(tx, grant.id))) return 'already_claimed';
      const row = { idempotency_key, digest, started_at: tx.now };
      if (!(await executions.insertExecution(tx, id, row))) return 'already_started';
      await inOrder(tx, [
        (tx) =>
          recordEvent(deps, tx, {
            type: 'execution.started',
            outcome: 'success',
            actor: caller,
            request_id: id,
            digest: request.digest,
            facts: {},
          }),
        (tx: LockedTx) => tell(tx, request, SMALL_NEWS_SECONDS),
      ]);
      return { started_at: row.started_at };
    },
    refused: 'execution.start_refused',
  });
}
