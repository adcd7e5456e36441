// What an operator reads of the whole tenant: requests and audit events. Changes nothing.

import * as auditEvents from '../../db/audit-events.ts';
import { OPERATOR } from '../../db/record-parts.ts';
import * as requestRecords from '../../db/request-records.ts';
import type { RecordedEvent } from '../../domain/audit/event.ts';
import { PlacetError } from '../../domain/errors.ts';
import { isId } from '../../domain/ids.ts';
import type { OperatorRecord } from '../../domain/request/record.ts';
import type { RequestState } from '../../domain/request/request.ts';
import type { ServiceDeps } from '../deps.ts';

type ReadDeps = Pick<ServiceDeps, 'transact'>;

/** Request records, newest first. */
export function listRequests(
  deps: ReadDeps,
  { tenant_id, ...filter }: { readonly tenant_id: string; readonly state: RequestState | null; readonly limit: number },
): Promise<readonly OperatorRecord[]> {
  return deps.transact(tenant_id, (tx) => requestRecords.listAll(tx, filter));
}

/** One request record; throws not_found. */
export function showRequest(
  deps: ReadDeps,
  { tenant_id, id }: { readonly tenant_id: string; readonly id: string },
): Promise<OperatorRecord> {
  return deps.transact(tenant_id, async (tx) => {
    const record = isId('request', id) ? await requestRecords.readRequestRecord(tx, id, OPERATOR) : null;
    if (record === null) throw new PlacetError('not_found');
    return record;
  });
}

export type EventPage = { readonly items: readonly RecordedEvent[]; readonly next_cursor: string | null };

/** One page of audit events, newest first; the cursor is the last id of the page before. Throws invalid_request. */
export function pageAuditEvents(
  deps: ReadDeps,
  {
    tenant_id,
    cursor,
    limit,
    ...filter
  }: auditEvents.EventFilter & {
    readonly tenant_id: string;
    readonly cursor: string | null;
    readonly limit: number;
  },
): Promise<EventPage> {
  return deps.transact(tenant_id, async (tx) => {
    const before = cursor === null ? null : await auditEvents.findPosition(tx, cursor);
    if (cursor !== null && before === null) {
      throw new PlacetError('invalid_request', {
        errors: [{ path: '/cursor', message: 'is not a cursor of this list' }],
      });
    }
    const found = await auditEvents.pageEvents(tx, { ...filter, before, limit: limit + 1 });
    const items = found.slice(0, limit);
    return { items, next_cursor: found.length > limit ? (items.at(-1)?.id ?? null) : null };
  });
}

/** Audit events, newest first. */
export function listAuditEvents(
  deps: ReadDeps,
  {
    tenant_id,
    ...filter
  }: {
    readonly tenant_id: string;
    readonly request_id: string | null;
    readonly type: string | null;
    readonly limit: number;
  },
): Promise<readonly RecordedEvent[]> {
  return deps.transact(tenant_id, (tx) => auditEvents.listEvents(tx, filter));
}
