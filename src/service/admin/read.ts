// What an operator reads of the whole tenant: requests and audit events. Changes nothing.

import * as auditEvents from '../../db/audit-events.ts';
import * as requestRecords from '../../db/request-records.ts';
import type { RecordedEvent } from '../../domain/audit/event.ts';
import type { RequestRecord } from '../../domain/request/record.ts';
import type { RequestState } from '../../domain/request/request.ts';
import type { ServiceDeps } from '../deps.ts';

type ReadDeps = Pick<ServiceDeps, 'transact'>;

/** Requests of every agent, newest first. */
export function listRequests(
  deps: ReadDeps,
  tenant_id: string,
  filter: { readonly state: RequestState | null; readonly limit: number },
): Promise<readonly RequestRecord[]> {
  return deps.transact(tenant_id, (tx) => requestRecords.listAll(tx, filter));
}

/** Audit events, of one request or one type where that is asked for, newest first. */
export function listAuditEvents(
  deps: ReadDeps,
  tenant_id: string,
  filter: { readonly request_id: string | null; readonly type: string | null; readonly limit: number },
): Promise<readonly RecordedEvent[]> {
  return deps.transact(tenant_id, (tx) => auditEvents.listEvents(tx, filter));
}
