// Withdraw: the requester takes back a pending request of its own.

import { recordEvent } from '../../audit/record.ts';
import * as outbox from '../../db/outbox.ts';
import { VIEW } from '../../db/record-parts.ts';
import * as requests from '../../db/requests.ts';
import { PlacetError } from '../../domain/errors.ts';
import type { AgentPrincipal } from '../../domain/people/principal.ts';
import { changedTo } from '../../domain/request/record.ts';
import type { ServiceDeps } from '../deps.ts';
import { lockRequestRecord } from '../locked.ts';
import { type RequestView, toView } from './request-view.ts';

/** Cancels; again is the same answer; a request that ended otherwise is not_pending. */
export function cancel(deps: ServiceDeps, caller: AgentPrincipal, id: string): Promise<RequestView> {
  return deps.transact(caller.tenant_id, async (begun) => {
    const locked = await lockRequestRecord(begun, id, VIEW);
    if (locked?.record.request.agent_id !== caller.id) throw new PlacetError('not_found');
    const { tx, record: known } = locked;
    if (known.request.state === 'cancelled') return toView(known);
    if (!(await requests.closeRequest(tx, id, 'cancelled')))
      throw new PlacetError('not_pending', { state: known.request.state });
    const { digest } = known.request;
    await recordEvent(deps, tx, {
      type: 'approval_request.cancelled',
      outcome: 'success',
      actor: caller,
      request_id: id,
      digest,
      facts: {},
    });
    await outbox.enqueue(tx, id, 'nudge');
    return toView({ ...known, request: changedTo(known.request, 'cancelled', tx.now) });
  });
}
