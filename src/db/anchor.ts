// The anchor that is a second PostgreSQL: its own connection, its own table, nothing of ours but the notes.

import { withConnection } from './connect.ts';

const TABLE = `create table if not exists public.placet_checkpoints (
  origin text not null, follows bigint not null, note text not null, anchored_at timestamptz not null default now(),
  primary key (origin, follows))`;

/** The notes of a log that stand there last, newest first. */
export function readAnchored(url: string, origin: string, count_max: number): Promise<string[]> {
  return withConnection(url, 'placet anchor', async (client) => {
    await client.query(TABLE);
    const sql = 'select note from public.placet_checkpoints where origin = $1 order by follows desc limit $2';
    return (await client.query<{ note: string }>(sql, [origin, count_max])).rows.map(({ note }) => note);
  });
}

/** Adds the note that follows the tree of that size; false when one does already, or the log there is further. */
export function insertAnchored(
  url: string,
  { origin, follows, note }: { readonly origin: string; readonly follows: number; readonly note: string },
): Promise<boolean> {
  return withConnection(url, 'placet anchor', async (client) => {
    const sql = `insert into public.placet_checkpoints (origin, follows, note) select $1, $2, $3
      where not exists (select from public.placet_checkpoints where origin = $1 and follows >= $2) on conflict do nothing`;
    return (await client.query(sql, [origin, follows, note])).rowCount === 1;
  });
}

/** Marks the last note of a log as the last one now. */
export function confirmAnchored(url: string, origin: string): Promise<void> {
  return withConnection(url, 'placet anchor', async (client) => {
    const sql = `update public.placet_checkpoints set anchored_at = now() where origin = $1
      and follows = (select max(follows) from public.placet_checkpoints where origin = $1)`;
    await client.query(sql, [origin]);
  });
}
