// Expire: a pending request whose time is over ends as expired. Silence never approves (INV-4).

import { recordEvent } from '../../audit/record.ts';
import type { LockedTx } from '../../db/database.ts';
import * as requests from '../../db/requests.ts';
import { CLOCK } from '../../domain/people/principal.ts';
import type { ApprovalRequest } from '../../domain/request/request.ts';
import type { ServiceDeps } from '../deps.ts';

/** Expires the locked request; nothing when a click was faster. */
export async function expire(
  deps: ServiceDeps,
  tx: LockedTx,
  { id: request_id, digest }: Pick<ApprovalRequest, 'id' | 'digest'>,
): Promise<void> {
  if (!(await requests.expireRequest(tx, request_id))) return;
  await recordEvent(deps, tx, {
    type: 'approval_request.expired',
    outcome: 'success',
    actor: CLOCK,
    request_id,
    digest,
    facts: {},
  });
}
