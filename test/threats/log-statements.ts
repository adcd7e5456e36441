// Every statement on the log, with arguments that name another tenant's rows.

import type { Attempts } from './statements.ts';

const HASH = Buffer.alloc(32, 5);

/** Those of the log. */
export const attemptsOnLog = (
  request_id: string,
): Pick<Attempts, 'checkpoints' | 'exported' | 'log' | 'loggedEvents' | 'recorded' | 'walk'> => ({
  checkpoints: {
    takeSigner: ['evil', 60],
    insertCheckpoint: [{ size: 1, root: HASH, note: 'evil', signed_at: new Date() }],
    listCheckpoints: [1_000, 10],
    findCovering: [1],
  },
  exported: {
    listPolicies: [1_000, 0, 10],
    listApplied: [{ from: 0, below: 1_000 }, 10],
    readGroups: [1],
    findPeople: [[{ address: 'ann@example.com', at: new Date() }]],
  },
  log: {
    insertLog: [{ origin: 'evil.example/log', public_key: HASH, private_sealed: HASH }],
    readLog: [],
    lockLog: [],
    insertLeaves: [[{ position: '1', leaf: HASH, hash: HASH }]],
    readNewest: [],
    listWriters: [],
    settle: [1],
    insertNodes: [[{ level: 1, index: 0, hash: HASH }]],
    readHashes: [[{ level: 0, start: 0, count: 256 }]],
  },
  recorded: { readRecorded: [request_id], listIds: [null, 100] },
  loggedEvents: { listWaiting: [0, 100], listOfRequest: [request_id], listWalked: [0, 256], listSettled: [0, 100] },
  walk: {
    listNodes: [1, 0, 1],
    listLeaves: [0, 10],
    isSequencedBefore: [0, new Date()],
    listOfRequests: [{ request_ids: [request_id], types: ['approval_request.created'], below: 1_000 }],
  },
});
