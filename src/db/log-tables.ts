// The column lists of the log. Data only.

import { tableOf } from './columns.ts';

/** A log by its name and key; both never change. */
export type NewLog = { readonly origin: string; readonly public_key: Uint8Array; readonly private_sealed: Uint8Array };

export const LOGS = tableOf<NewLog, NewLog>('logs', {
  origin: 'text',
  public_key: 'bytea',
  private_sealed: 'bytea',
});

/** The root of a complete subtree: of 256 leaves at level 1, of 65,536 at level 2, and so on. */
export type LogNode = { readonly level: number; readonly index: number; readonly hash: Uint8Array };

/** A checkpoint as it was signed. */
export type LogCheckpoint = {
  readonly size: number;
  readonly root: Uint8Array;
  readonly note: string;
  readonly signed_at: Date;
};

export const LOG_CHECKPOINTS = tableOf<LogCheckpoint, LogCheckpoint>('log_checkpoints', {
  size: 'integer',
  root: 'bytea',
  note: 'text',
  signed_at: 'timestamptz',
});
