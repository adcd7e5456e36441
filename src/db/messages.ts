// Statements on Slack messages: where each copy stands and which revision it shows, so that any replica can draw it again.

import type { KnownMessage } from '../domain/work/pending-work.ts';
import type { Tx } from './database.ts';
import { type NewMessage, SLACK_MESSAGES, type StoredMessage } from './tables.ts';

export type SlackMessage = StoredMessage & Pick<KnownMessage, 'drawn_at'>;

export type Place = { readonly team_id: string; readonly channel_id: string; readonly ts: string };

const COLUMNS = `${SLACK_MESSAGES.select('m')}, m.updated_at as drawn_at`;

const INSERT = `${SLACK_MESSAGES.insert.replace('slack_messages', 'slack_messages as m')}
  on conflict (tenant_id, request_id, kind, destination) do update set updated_at = m.updated_at returning ${COLUMNS}`;

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
  const posting: NewMessage = { ...row, state: 'posting' };
  const { rows } = await tx.query<SlackMessage>(INSERT, SLACK_MESSAGES.valuesOf(tx, posting));
  if (rows[0] === undefined) throw new Error('an upsert of a message gave no row');
  return rows[0];
}

export type Drawn = { readonly revision: number; readonly drawn_at: Date };

/**
 * Stores where the post went; false when another post of the same row was stored first, so that this copy is stale.
 * A click on this very post may have been faster and given the row its place: that is no other copy.
 */
export async function markPosted(tx: Tx, id: string, at: Place & Drawn): Promise<boolean> {
  const sql = `update placet.slack_messages
    set state = 'posted', team_id = $3, channel_id = $4, ts = $5, revision = $6, error = null, updated_at = $7
    where tenant_id = $1 and id = $2
      and (state in ('posting', 'failed') or (state = 'posted' and channel_id = $4 and ts = $5 and revision <= $6)) returning id`;
  const values = [tx.tenant_id, id, at.team_id, at.channel_id, at.ts, at.revision, at.drawn_at];
  return (await tx.query(sql, values)).rowCount === 1;
}

/** Stores which moment a copy shows now; an earlier one never overwrites a later one, and the revision says which is which. */
export async function markDrawn(tx: Tx, id: string, drawn: Drawn): Promise<boolean> {
  const sql = `update placet.slack_messages set revision = $3, error = null, updated_at = $4
    where tenant_id = $1 and id = $2 and (revision < $3 or (revision = $3 and updated_at <= $4)) returning id`;
  return (await tx.query(sql, [tx.tenant_id, id, drawn.revision, drawn.drawn_at])).rowCount === 1;
}

/** Stores that Slack refused this copy for good, with its code; false when that is known already. */
export async function markFailed(tx: Tx, id: string, error: string): Promise<boolean> {
  const sql = `update placet.slack_messages set state = 'failed', ts = null, error = $3, updated_at = $4
    where tenant_id = $1 and id = $2 and state in ('posting', 'posted') returning id`;
  return (await tx.query(sql, [tx.tenant_id, id, error, tx.now])).rowCount === 1;
}

/** The message at a place in Slack. */
export async function findByPlace(tx: Tx, channel_id: string, ts: string): Promise<SlackMessage | null> {
  const sql = `select ${COLUMNS} from placet.slack_messages m where tenant_id = $1 and channel_id = $2 and ts = $3`;
  return (await tx.query<SlackMessage>(sql, [tx.tenant_id, channel_id, ts])).rows[0] ?? null;
}

/** Gives a row that waits for its post's answer the place of a click, which proves that the post arrived. It is drawn again. */
export async function adoptPlace(
  tx: Tx,
  at: Place & Pick<SlackMessage, 'request_id' | 'kind' | 'destination'>,
): Promise<boolean> {
  const sql = `update placet.slack_messages set state = 'posted', team_id = $5, channel_id = $6, ts = $7, updated_at = $8
    where tenant_id = $1 and request_id = $2 and kind = $3 and destination = $4 and state = 'posting' returning id`;
  const values = [tx.tenant_id, at.request_id, at.kind, at.destination, at.team_id, at.channel_id, at.ts, tx.now];
  return (await tx.query(sql, values)).rowCount === 1;
}
