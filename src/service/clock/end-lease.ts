// End of a lease: one that nobody used in its time is over, and its credential with it (INV-5).

import { recordEvent } from '../../audit/record.ts';
import type { LockedTx } from '../../db/database.ts';
import * as leases from '../../db/leases.ts';
import * as requests from '../../db/requests.ts';
import type { Lease } from '../../domain/credential/lease.ts';
import { CLOCK } from '../../domain/people/principal.ts';
import type { ApprovalRequest } from '../../domain/request/request.ts';
import type { ServiceDeps } from '../deps.ts';

type Ending = { readonly request: Pick<ApprovalRequest, 'id' | 'digest'>; readonly lease: Pick<Lease, 'id'> };

/** Ends the lease of the locked request; nothing when a use was faster. */
export async function endLease(deps: ServiceDeps, tx: LockedTx, { request, lease }: Ending): Promise<void> {
  if (!(await leases.endLease(tx, lease.id, 'expired'))) return;
  await recordEvent(deps, tx, {
    type: 'lease.expired',
    outcome: 'success',
    actor: CLOCK,
    request_id: request.id,
    lease_id: lease.id,
    digest: request.digest,
    facts: {},
  });
  await requests.touchRequest(tx, request.id);
}
