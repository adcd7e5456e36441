// Statements on Slack messages: where each copy stands and which revision it shows, so that any replica can draw it again.

import type { KnownMessage } from '../domain/work/message.ts';
import type { Tx } from './database.ts';
import { toPosting } from './new-messages.ts';
import { eventsOf, insertEvents } from './news.ts';
import { type NewMessage, type NumberedEvent, SLACK_MESSAGES, type StoredMessage } from './tables.ts';

export type SlackMessage = StoredMessage & Pick<KnownMessage, 'drawn_at'>;

export type Place = { readonly team_id: string; readonly channel_id: string; readonly ts: string };

const COLUMNS = `${SLACK_MESSAGES.select('m')}, m.updated_at as drawn_at`;
/** What is forgotten once Slack has taken a message. */
const TAKEN = 'error = null, attempts = 0, queue = null, next_attempt_at = null, undelivered_at = null';

/** Every message of a request, oldest first. */
export async function listMessages(tx: Tx, request_id: string): Promise<SlackMessage[]> {
  const sql = `select ${COLUMNS} from placet.slack_messages m where tenant_id = $1 and request_id = $2 order by id`;
  return (await tx.query<SlackMessage>(sql, [tx.tenant_id, request_id])).rows;
}

/** The message for this destination: the one that stands, untouched, or a new row that says a post is about to happen. */
export async function claimMessage(
  tx: Tx,
  row: Pick<SlackMessage, 'id' | 'request_id' | 'kind' | 'destination'>,
): Promise<SlackMessage> {
  // Mostly it stands: reading it writes nothing, so its commit waits for no disk.
  const standing = `select ${COLUMNS} from placet.slack_messages m
    where tenant_id = $1 and request_id = $2 and kind = $3 and destination = $4`;
  const key = [tx.tenant_id, row.request_id, row.kind, row.destination];
  const known = (await tx.query<SlackMessage>(standing, key)).rows[0];
  if (known !== undefined) return known;
  const insert = `${SLACK_MESSAGES.insert}
    on conflict (tenant_id, request_id, kind, destination) do update set updated_at = m.updated_at returning ${COLUMNS}`;
  const { rows } = await tx.query<SlackMessage>(insert, SLACK_MESSAGES.valuesOf(tx, toPosting(row, tx.now)));
  if (rows[0] === undefined) throw new Error('an upsert of a message gave no row');
  return rows[0];
}

export type Drawn = { readonly revision: number; readonly drawn_at: Date };

/**
 * Stores where the post went, with the event of it; false when another post of the same row was stored first, so that this
 * copy is stale.
 * A click on this very post may have been faster and given the row its place: that is no other copy.
 */
export async function markPosted(
  tx: Tx,
  id: string,
  at: Place & Drawn & Partial<Pick<SlackMessage, 'tried_at'>>,
  events: readonly NumberedEvent[] = [],
): Promise<boolean> {
  const sql = `with r as (update placet.slack_messages
    set state = 'posted', team_id = $3, channel_id = $4, ts = $5, revision = $6, updated_at = $7, posted_at = $8, tried_at = $9,
      ${TAKEN}
    where tenant_id = $1 and id = $2
      and (state in ('posting', 'failed') or (state = 'posted' and channel_id = $4 and ts = $5 and revision <= $6)) returning tenant_id),
    e as (${insertEvents('$10', 'r')})
    select from r`;
  const values = [
    tx.tenant_id,
    id,
    at.team_id,
    at.channel_id,
    at.ts,
    at.revision,
    at.drawn_at,
    tx.now,
    at.tried_at ?? null,
    eventsOf(events),
  ];
  return (await tx.query(sql, values)).rowCount === 1;
}

/** Stores which moment a copy shows now; an earlier one never overwrites a later one, and the revision says which is which. */
export async function markDrawn(tx: Tx, id: string, drawn: Drawn): Promise<boolean> {
  const sql = `update placet.slack_messages set revision = $3, updated_at = $4, ${TAKEN}
    where tenant_id = $1 and id = $2 and (revision < $3 or (revision = $3 and updated_at <= $4)) returning id`;
  return (await tx.query(sql, [tx.tenant_id, id, drawn.revision, drawn.drawn_at])).rowCount === 1;
}

/** What Slack refused, and when it is tried again (null: never); one that stands keeps its place unless it failed. */
export type Refused = { readonly error: string; readonly next_attempt_at: Date | null; readonly has_failed: boolean };

/** Stores a refusal; true when the record did not know this error of the message yet. */
export async function markRefused(
  tx: Tx,
  row: Pick<SlackMessage, 'id' | 'state'>,
  { error, next_attempt_at, has_failed }: Refused,
): Promise<boolean> {
  const sql = `with before as (select state, error from placet.slack_messages where tenant_id = $1 and id = $2 for update)
    update placet.slack_messages m
    set state = case when $6 then 'failed' else m.state end, ts = case when $6 then null else m.ts end, error = $4,
      attempts = m.attempts + 1, queue = null, next_attempt_at = $5,
      undelivered_at = coalesce(m.undelivered_at, case when before.state = 'posted' then $7::timestamptz end)
    from before where m.tenant_id = $1 and m.id = $2 and m.state = $3
    returning before.error is distinct from $4 as is_new`;
  const values = [tx.tenant_id, row.id, row.state, error, next_attempt_at, has_failed, tx.now];
  return (await tx.query<{ is_new: boolean }>(sql, values)).rows[0]?.is_new ?? false;
}

/** Stores that a message does not stand where it did, so that it is posted anew; false when that is known already. */
export async function markLost(tx: Tx, row: Pick<SlackMessage, 'id' | 'ts'>, error: string): Promise<boolean> {
  const sql = `update placet.slack_messages set state = 'posting', ts = null, error = $4, attempts = 0, queue = null,
      next_attempt_at = null, undelivered_at = coalesce(undelivered_at, $5), posted_at = null, tried_at = null
    where tenant_id = $1 and id = $2 and state = 'posted' and ts = $3 returning id`;
  return (await tx.query(sql, [tx.tenant_id, row.id, row.ts, error, tx.now])).rowCount === 1;
}

/** Opens notices that nobody can be asked, one for each destination; answers those that were not there yet. */
export async function insertNotices(
  tx: Tx,
  rows: readonly Pick<SlackMessage, 'id' | 'request_id' | 'destination'>[],
): Promise<SlackMessage[]> {
  const sql = `${SLACK_MESSAGES.insertMany}
    on conflict do nothing returning ${COLUMNS}`;
  const notices = rows.map((row) => toPosting({ ...row, kind: 'undeliverable' }, tx.now));
  return (await tx.query<SlackMessage>(sql, [tx.tenant_id, SLACK_MESSAGES.recordsOf(notices)])).rows;
}

/** Keeps that a copy of a card, which is not the live one, stands at a place; false when the record knows the place. */
export async function insertCopy(tx: Tx, copy: Place & Pick<SlackMessage, 'id' | 'request_id'>): Promise<boolean> {
  const { id, request_id, team_id, channel_id, ts } = copy;
  const row = toPosting({ id, request_id, kind: 'copy', destination: `${channel_id}/${ts}` }, tx.now);
  const posted: NewMessage = { ...row, state: 'posted', team_id, channel_id, ts, posted_at: tx.now };
  const sql = `${SLACK_MESSAGES.insert} on conflict do nothing returning m.id`;
  return (await tx.query(sql, SLACK_MESSAGES.valuesOf(tx, posted))).rowCount === 1;
}

/** The message at a place in Slack. */
export async function findByPlace(tx: Tx, channel_id: string, ts: string): Promise<SlackMessage | null> {
  const sql = `select ${COLUMNS} from placet.slack_messages m where tenant_id = $1 and channel_id = $2 and ts = $3`;
  return (await tx.query<SlackMessage>(sql, [tx.tenant_id, channel_id, ts])).rows[0] ?? null;
}

/** A post that may stand in Slack without our knowing where. */
const isUnplaced = (m: string) => `(${m}.state = 'posting' or (${m}.state = 'failed' and ${m}.tried_at is not null))`;

/**
 * Gives a row that waits for its post's answer the place of a click, which proves that the post arrived. It is drawn again. A
 * direct message is kept by its person: a click there is of the one such post that waits; of several it could be any.
 */
export async function adoptPlace(
  tx: Tx,
  at: Place & Pick<SlackMessage, 'request_id' | 'kind' | 'destination'>,
): Promise<boolean> {
  const sql = `update placet.slack_messages m set state = 'posted', team_id = $5, channel_id = $6, ts = $7, updated_at = $8,
      posted_at = $8, ${TAKEN}
    where m.tenant_id = $1 and m.request_id = $2 and m.kind = $3 and ${isUnplaced('m')}
      and (m.destination = $4 or ($6 like 'D%' and m.destination like 'prs\\_%' and 1 = (
        select count(*) from placet.slack_messages o where o.tenant_id = $1 and o.request_id = $2 and o.kind = $3
          and o.destination like 'prs\\_%' and ${isUnplaced('o')}))) returning id`;
  const values = [tx.tenant_id, at.request_id, at.kind, at.destination, at.team_id, at.channel_id, at.ts, tx.now];
  return (await tx.query(sql, values)).rowCount === 1;
}
