// Every statement on the log, with arguments that name another tenant's rows.

import type { Statements } from '../support/statements.ts';

type Rest<F> = F extends (tx: never, ...rest: infer R) => unknown ? R : never;
/** The arguments after `tx`, for each statement. */
export type Attempts = {
  readonly [File in keyof Statements]: { readonly [Name in keyof Statements[File]]: Rest<Statements[File][Name]> };
};

const HASH = Buffer.alloc(32, 5);

/** Those of the log. */
export const attemptsOnLog = (request_id: string): Pick<Attempts, 'checkpoints' | 'log' | 'recorded' | 'walk'> => ({
  checkpoints: {
    takeSigner: ['evil', 60],
    insertCheckpoint: [{ size: 1, root: HASH, note: 'evil', signed_at: new Date() }],
    listCheckpoints: [1_000, 10],
  },
  log: {
    insertLog: [{ origin: 'evil.example/log', public_key: HASH, private_sealed: HASH }],
    readLog: [],
    lockLog: [],
    hasQueue: [],
    sequence: [100],
    insertNodes: [[{ level: 1, index: 0, hash: HASH }]],
    readHashes: [[{ level: 0, start: 0, count: 256 }]],
  },
  recorded: { readRecorded: [request_id], listIds: [null, 100] },
  walk: { listWalked: [0, 256], listNodes: [1, 0, 1], findUnlogged: [] },
});
