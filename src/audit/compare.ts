// Whether the rows of a request say what its events say: the fold of the events is laid beside them.

import { isDeepStrictEqual } from 'node:util';
import type { PlacedEvent } from '../db/logged-events.ts';
import type { Recorded } from '../db/recorded.ts';
import { foldRequest } from '../domain/audit/fold.ts';
import { ERASED, type OpenedEvent } from '../domain/audit/fold-input.ts';
import { openEvent } from './open.ts';

/** The first thing that does not fit, by the name of its event where one is to blame. */
export type Finding = { readonly event_id: string | null; readonly request_id: string | null; readonly why: string };

const TIME = /^\d{4}-\d{2}-\d{2}T/;

/** What is wrong with one request, or null. Nothing is said of rows of before the log. */
export function compareRequest(
  request_id: string,
  { placed, rows }: { readonly placed: readonly PlacedEvent[]; readonly rows: Recorded },
): Finding | null {
  const events: OpenedEvent[] = [];
  for (const event of placed) {
    const opened = openEvent(event);
    if ('why' in opened) return { event_id: event.id, request_id, why: opened.why };
    events.push(opened);
  }
  // A request that was made before the log.
  if (events[0]?.type !== 'approval_request.created' && isOlder(rows, events)) return null;
  const fold = foldRequest(events);
  if (fold.kind === 'fault') return { event_id: fold.event_id, request_id, why: fold.why };
  for (const [name, value] of Object.entries(fold.folded)) {
    const [folded, stands] = [inOneForm(value), inOneForm(rows[name as keyof Recorded])];
    const field = differing(folded, stands);
    if (field !== null)
      return { event_id: null, request_id, why: `the row says another ${[name, ...field].join('.')}` };
  }
  return null;
}

function isOlder({ request }: Recorded, [first]: readonly OpenedEvent[]): boolean {
  const { created_at } = request as { readonly created_at: string };
  return first === undefined || new Date(created_at) < first.occurred_at;
}

/** Where two values differ, as the names on the way there; what was erased differs from nothing. */
function differing(folded: unknown, stands: unknown): string[] | null {
  if (folded === ERASED || isDeepStrictEqual(folded, stands)) return null;
  if (!isObject(folded) || !isObject(stands)) return [];
  for (const name of new Set([...Object.keys(folded), ...Object.keys(stands)])) {
    const inside = differing(folded[name], stands[name]);
    if (inside !== null) return [name, ...inside];
  }
  return null;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

/** Times as one text, whichever way they came. */
function inOneForm(value: unknown): unknown {
  if (value instanceof Date) return value.toISOString();
  if (typeof value === 'string' && TIME.test(value) && !Number.isNaN(Date.parse(value)))
    return new Date(value).toISOString();
  if (Array.isArray(value)) return value.map(inOneForm);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, inOneForm(member)]));
}
