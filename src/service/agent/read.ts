// Reads for the requester: one of its own requests, a page of them, and the long poll until a decision.

import type { Listener } from '../../db/listen.ts';
import { VIEW } from '../../db/record-parts.ts';
import * as requestRecords from '../../db/request-records.ts';
import { PlacetError } from '../../domain/errors.ts';
import { isId } from '../../domain/ids.ts';
import type { AgentPrincipal } from '../../domain/people/principal.ts';
import type { ViewRecord } from '../../domain/request/record.ts';
import type { RequestState } from '../../domain/request/request.ts';
import type { ServiceDeps } from '../deps.ts';
import { type RequestView, toView } from './request-view.ts';

export type ReadDeps = Pick<ServiceDeps, 'transact'>;
export type AwaitDeps = {
  readonly wait: Listener['wait'];
  /** Reads a request record, shared with everyone who waits for the same one (see share.ts). */
  readonly readShared: (key: { readonly tenant_id: string; readonly id: string }) => Promise<ViewRecord | null>;
};

export type Page = { readonly items: readonly RequestView[]; readonly next_cursor: string | null };

/** How long one wait for a notification lasts before the row is read again: the remedy for a notification that was lost. */
const RECHECK_MS = 15_000;

/** One of the caller's own requests; any other id is not_found, whoever owns it (INV-9). */
export function readRequest(deps: ReadDeps, caller: AgentPrincipal, id: string): Promise<RequestView> {
  return readOwn((input) => readAnyones(deps, input), caller, id);
}

/** A request record by id, whoever asked for it: only for callers that look at its requester themselves. */
export function readAnyones(
  deps: ReadDeps,
  { tenant_id, id }: { readonly tenant_id: string; readonly id: string },
): Promise<ViewRecord | null> {
  return deps.transact(tenant_id, (tx) => tx.commitWith(() => requestRecords.readRequestRecord(tx, id, VIEW)));
}

async function readOwn(read: AwaitDeps['readShared'], caller: AgentPrincipal, id: string): Promise<RequestView> {
  const record = isId('request', id) ? await read({ tenant_id: caller.tenant_id, id }) : null;
  if (record?.request.agent_id !== caller.id) throw new PlacetError('not_found');
  return toView(record);
}

/** The caller's own requests, newest first. The cursor is the last id of the page before. */
export function listRequests(
  deps: ReadDeps,
  caller: AgentPrincipal,
  filter: { readonly state: RequestState | null; readonly limit: number; readonly cursor: string | null },
): Promise<Page> {
  if (filter.cursor !== null && !isId('request', filter.cursor)) {
    throw new PlacetError('invalid_request', { errors: [{ path: 'cursor', message: 'is not a cursor of this list' }] });
  }
  return deps.transact(caller.tenant_id, async (tx) => {
    const { state, limit, cursor: before } = filter;
    const found = await requestRecords.listByAgent(tx, {
      agent_id: caller.id,
      state,
      before,
      limit: limit + 1,
    });
    const items = found.slice(0, limit).map(toView);
    return { items, next_cursor: found.length > limit ? (items.at(-1)?.id ?? null) : null };
  });
}

/** The request as soon as it has left pending, else after `wait_seconds`; holds no connection while it waits. */
export async function awaitDecision(
  deps: AwaitDeps,
  caller: AgentPrincipal,
  input: { readonly id: string; readonly wait_seconds: number; readonly signal: AbortSignal },
): Promise<RequestView> {
  const deadline_ms = performance.now() + input.wait_seconds * 1_000;
  const gone = new AbortController();
  const signal = AbortSignal.any([input.signal, gone.signal]);
  for (;;) {
    const left_ms = deadline_ms - performance.now();
    // The wait begins before the row is read, so that a change between the two is not missed.
    const change =
      left_ms > 0 ? deps.wait(`${caller.tenant_id}/${input.id}`, Math.min(left_ms, RECHECK_MS), signal) : null;
    const view = await readOwn(deps.readShared, caller, input.id).catch((error: unknown) => {
      gone.abort();
      throw error;
    });
    if (view.state !== 'pending' || change === null || input.signal.aborted) {
      gone.abort();
      return view;
    }
    await change;
  }
}
