// A message before it has a row, and the row that says that its post is about to happen. Sends no statement.

import type { NewMessage, StoredMessage } from './tables.ts';

type Named = Pick<StoredMessage, 'id' | 'request_id' | 'kind' | 'destination'>;

/** A row that says a post is about to happen, or may have happened since it was tried. */
export function toPosting(named: Named, now: Date, tried_at: Date | null = null): NewMessage {
  const nowhere = { team_id: null, channel_id: null, ts: null, revision: 0, posted_at: null } as const;
  const { id, request_id, kind, destination } = named;
  return {
    id,
    request_id,
    kind,
    destination,
    state: 'posting',
    ...nowhere,
    tried_at,
    created_at: now,
    updated_at: now,
  };
}

/** A message that has no row yet. */
export function newMessage(named: Named, now: Date): StoredMessage & { readonly drawn_at: Date } {
  const untried = { error: null, attempts: 0, next_attempt_at: null, undelivered_at: null };
  return { ...toPosting(named, now), ...untried, drawn_at: now };
}
