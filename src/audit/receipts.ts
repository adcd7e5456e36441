// Receipts of a request: the proof of each of its events under the last signed checkpoint. Whose receipt it is decides which of
// the values that a leaf commits to are shown with it; what the leaf itself shows is no secret to whoever has one.

import { formatLogKey, formatReceipt, logKey } from '@placet/sdk/log';
import * as checkpoints from '../db/checkpoints.ts';
import type { Tx } from '../db/database.ts';
import { inOrder } from '../db/in-order.ts';
import * as log from '../db/log.ts';
import * as loggedEvents from '../db/logged-events.ts';
import type { EventType } from '../domain/audit/event.ts';
import { factsOf, isCommitted } from '../domain/audit/event-kinds.ts';
import { isFolded } from '../domain/audit/fold.ts';
import { makeLeaf, partsOfLeaf } from './leaf.ts';
import { readerOf } from './sequence.ts';
import { proveInclusion } from './tree.ts';

/** Whoever gets a receipt: the agent that asked, or a tool that was shown the credential. */
export type ReceiptHolder = 'requester' | 'tool';

/** One event of a request, with its receipt. */
export type EventReceipt = {
  readonly event_id: string;
  readonly type: EventType;
  readonly occurred_at: Date;
  readonly receipt: string;
};

export type Receipts = { readonly log_key: string; readonly items: readonly EventReceipt[] };

/** Tells nothing new, and its agent may cause as many as it likes. */
const REPEATED: EventType = 'credential.repeated';
/** What the requester knows already: it asked, and the API tells it of decisions and results, not of accounts in Slack. */
const REQUESTERS = [
  ...['content', 'digest', 'justification', 'on_behalf_of', 'presentation', 'reason'],
  ...['detail', 'result_digest', 'idempotency_key'],
];
/** A tool holds what it runs, and compares its digest. */
const TOOLS = ['digest'];

/**
 * The receipts of all events that made the request what it is, in their order; 'waiting' while one of them is not under a signed
 * checkpoint. None for a request of before the log.
 */
export async function readReceipts(tx: Tx, request_id: string, holder: ReceiptHolder): Promise<Receipts | 'waiting'> {
  const [own, placed, [signed]] = await inOrder(tx, [
    (tx) => log.readLog(tx),
    (tx) => loggedEvents.listOfRequest(tx, request_id),
    (tx) => checkpoints.listCheckpoints(tx, Number.MAX_SAFE_INTEGER, 1),
  ]);
  const events = placed.filter(({ type }) => isFolded(type) && type !== REPEATED);
  if (own === null || signed === undefined) return 'waiting';
  const { size, note } = signed;
  const isUnder = ({ index }: loggedEvents.PlacedEvent) => index !== null && index < size;
  if (!events.every(isUnder)) return 'waiting';
  const read = readerOf(tx);
  const proofs = await inOrder(
    tx,
    events.map(
      ({ index }) =>
        () =>
          proveInclusion(read, index ?? size, size),
    ),
  );
  const items = events.map((event, at) => {
    const leaf = event.leaf ?? makeLeaf(event);
    const { facts } = JSON.parse(Buffer.from(leaf).toString('utf8')) as { readonly facts: object };
    const values = partsOfLeaf(event, facts).values.filter(({ name }) => mayShow(holder, event.type, name));
    const receipt = formatReceipt({ index: event.index ?? size, proof: proofs[at] ?? [], note, leaf, values });
    return { event_id: event.id, type: event.type, occurred_at: event.occurred_at, receipt };
  });
  return { log_key: keyOf(own), items };
}

/** The public key of the tenant's log as it is handed out and pinned; null before the log was made. */
export async function readLogKey(tx: Tx): Promise<string | null> {
  const own = await log.readLog(tx);
  return own === null ? null : keyOf(own);
}

function keyOf({ origin, public_key }: log.Log): string {
  return formatLogKey(logKey(origin, public_key));
}

/** A fact that other leaves show is hidden in a long one for its length alone. */
function mayShow(holder: ReceiptHolder, type: EventType, name: string): boolean {
  const shape = factsOf(type)[name];
  if (shape !== undefined && !isCommitted(shape)) return true;
  return (holder === 'tool' ? TOOLS : REQUESTERS).includes(name);
}
