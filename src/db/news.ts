// Parts of statements that change something of a request: its event, its mark that cards are behind, the nudge of its run. With
// them a change and all that follows from it is one statement, which the row count of the change decides. Sends none.

import { AUDIT_EVENTS, type NumberedEvent, OUTBOX } from './tables.ts';

/** The moment of a statement, as exact as the program's own; materialized, so that it is one. */
export const MOMENT = "materialized (select date_trunc('milliseconds', clock_timestamp()) as now)";

/** Appends the event that a parameter of `eventOf` holds, once for each row of `source` (tenant_id, at), at its moment. */
export function insertEventOf(parameter: string, source: string): string {
  const event = `jsonb_build_array(${parameter}::jsonb || jsonb_build_object('occurred_at', ${source}.at))`;
  return AUDIT_EVENTS.insertRecords(event, source);
}

/** Appends the events that a parameter of `eventsOf` holds, once for each row of `source` (tenant_id), each at its own moment. */
export function insertEvents(parameter: string, source: string): string {
  return AUDIT_EVENTS.insertRecords(parameter, source);
}

/** Events for `insertEvents`. */
export function eventsOf(events: readonly NumberedEvent[]): string {
  return AUDIT_EVENTS.recordsOf(events);
}

/** An event for `insertEventOf`. */
export function eventOf(event: NumberedEvent): string {
  return JSON.stringify(event);
}

/**
 * Marks the request of `source` (tenant_id, request_id, at) as changed and nudges its run after so many seconds: only where
 * people were asked.
 */
export function tellOf(source: string, seconds: string): string {
  return `touched as (update placet.approval_requests r set revision = r.revision + 1 from ${source} as s
      where r.tenant_id = s.tenant_id and r.id = s.request_id and r.effect = 'require'
      returning r.tenant_id, r.id as request_id, s.at),
    told as (${OUTBOX.into} select s.tenant_id, ${OUTBOX.written('n')} from touched as s, lateral (select s.request_id,
      'nudge' as kind, s.at as created_at, s.at + make_interval(secs => ${seconds}::float8) as next_attempt_at) as n)`;
}
