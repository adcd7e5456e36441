// Statements on checkpoints: who signs, and what was signed. Never changed.

import type { Tx } from './database.ts';
import { LOG_CHECKPOINTS, type LogCheckpoint } from './log-tables.ts';

/** Takes the right to sign for so long, or keeps it; false while another process has it. */
export async function takeSigner(tx: Tx, signer: string, seconds: number): Promise<boolean> {
  const sql = `update placet.logs set signer = $1, signer_until = clock_timestamp() + make_interval(secs => $2)
    where signer is null or signer = $1 or signer_until <= clock_timestamp() returning tenant_id`;
  return (await tx.query(sql, [signer, seconds])).rowCount === 1;
}

/** Adds a checkpoint; false when one of its size stands. */
export async function insertCheckpoint(tx: Tx, row: LogCheckpoint): Promise<boolean> {
  const sql = `${LOG_CHECKPOINTS.insert} on conflict (tenant_id, size) do nothing returning size`;
  return (await tx.query(sql, LOG_CHECKPOINTS.valuesOf(tx, row))).rowCount === 1;
}

export type StoredCheckpoint = Pick<LogCheckpoint, 'note'> & { readonly size: number; readonly root: Buffer };

/** Checkpoints below a size, the largest first. */
export async function listCheckpoints(tx: Tx, below: number, count_max: number): Promise<StoredCheckpoint[]> {
  const sql = `select c.size::float8 as size, c.root, c.note from placet.log_checkpoints c
    where c.size < $1 order by c.size desc limit $2`;
  return (await tx.query<StoredCheckpoint>(sql, [below, count_max])).rows;
}

/** The smallest checkpoint that covers so many events, or null. */
export async function findCovering(tx: Tx, size: number): Promise<StoredCheckpoint | null> {
  const sql = `select c.size::float8 as size, c.root, c.note from placet.log_checkpoints c
    where c.size >= $1 order by c.size limit 1`;
  return (await tx.query<StoredCheckpoint>(sql, [size])).rows[0] ?? null;
}
