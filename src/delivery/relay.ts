// Drains the outbox to Temporal: several relays may run at once, and nothing is lost while Temporal is away.

import * as outbox from '../db/outbox.ts';
import type { OutboxRow } from '../db/tables.ts';
import type { ApprovalInput, RunInput } from '../domain/work/workflow.ts';
import type { ServiceDeps } from '../service/deps.ts';

/** Rows taken at once: a batch is one transaction, and its calls run side by side. */
const BATCH_MAX = 50;
/** After a batch: what comes meanwhile goes in one transaction. An agent that waits hears of its decision another way. */
const GATHER_MS = 100;
/** A notification may be lost with its connection: look at least this often. */
const IDLE_MS = 2_000;
/** Temporal away: try again after this long, doubled with each failure of a row, up to the limit. */
const RETRY_SECONDS_MIN = 0.5;
const RETRY_SECONDS_MAX = 30;

/** Cards of new requests are posted one after the other, none begun later than this: the batch holds its rows meanwhile. */
const POSTS_MS_MAX = 500;
/** Slack answers in less; a post that takes longer goes on beside the run, which then looks for itself. */
const POST_MS_MAX = 1_000;

export type RelayDeps = Pick<ServiceDeps, 'transact'> & {
  /** Whose outbox it is: rows of another tenant are left to that tenant's relays. */
  readonly tenant_id: string;
  /** Posts the card of a request that has none; when its run is to look then, or null when it has to look at once. */
  readonly post: (input: ApprovalInput) => Promise<number | null>;
  readonly start: (input: ApprovalInput & Pick<RunInput, 'wake_at_ms'>) => Promise<void>;
  readonly nudge: (input: ApprovalInput) => Promise<void>;
  /** Calls back when the outbox has got a row. */
  readonly onOutbox: (callback: () => void) => void;
  /** Hears of a fault and of how many requests it kept; their rows stay. */
  readonly onError: (error: unknown, count: number) => void;
};

/** Relays until `signal` fires; what is under way then is finished. */
export async function relay(deps: RelayDeps, signal: AbortSignal): Promise<void> {
  const bell = createBell(signal);
  deps.onOutbox(bell.ring);
  while (!signal.aborted) {
    const count = await drain(deps).catch((error: unknown) => {
      deps.onError(error, 0);
      return 0;
    });
    // Less than a batch was all that was due: whatever came since has rung.
    if (count < BATCH_MAX) {
      await rest(GATHER_MS, signal);
      await bell.wait(IDLE_MS);
    }
  }
}

/**
 * One batch; answers how many rows were told. They stay locked while they are told, so that a crash gives them back at
 * once. Each call has its own deadline.
 */
export function drain(deps: RelayDeps): Promise<number> {
  return deps.transact(deps.tenant_id, async (tx) => {
    const rows = await outbox.takeBatch(tx, BATCH_MAX);
    if (rows.length === 0) return 0;
    const groups = byRequest(rows);
    const isStart = (group: readonly OutboxRow[]) => group.every(({ kind }) => kind === 'start');
    const nudged = groups.filter((group) => !isStart(group)).map((group) => relayOne(deps, group, deps.nudge));
    const started = await startEach(deps, groups.filter(isStart));
    const outcomes = await Promise.all([...nudged, ...started]);
    const done = outcomes.flatMap(({ group, error }) => (error === null ? group : []));
    if (done.length > 0) await outbox.remove(tx, done.map(idOf));
    const failed = outcomes.filter(({ error }) => error !== null);
    for (const { group } of failed) await outbox.postpone(tx, group.map(idOf), retryAfter(group));
    // One line for a whole batch: an outage is one fault, not fifty.
    if (failed[0] !== undefined) deps.onError(failed[0].error, failed.length);
    return done.length;
  });
}

/** Rows of one request are told by one call: a nudge also starts. */
function byRequest(rows: readonly OutboxRow[]): OutboxRow[][] {
  const groups = new Map<string, OutboxRow[]>();
  for (const row of rows) groups.set(row.request_id, [...(groups.get(row.request_id) ?? []), row]);
  return [...groups.values()];
}

type Relayed = { readonly group: readonly OutboxRow[]; readonly error: unknown };

/** Begins each run once its card is posted: the person waits for that. The runs begin side by side. */
async function startEach(
  deps: RelayDeps,
  groups: readonly (readonly OutboxRow[])[],
): Promise<readonly Promise<Relayed>[]> {
  const until_ms = Date.now() + POSTS_MS_MAX;
  const started: Promise<Relayed>[] = [];
  for (const group of groups) {
    const wake_at_ms = Date.now() < until_ms ? await postInTime(deps, inputOf(deps, group)) : null;
    const first = wake_at_ms === null ? {} : { wake_at_ms };
    started.push(relayOne(deps, group, (input) => deps.start({ ...input, ...first })));
  }
  return started;
}

async function postInTime(deps: RelayDeps, input: ApprovalInput): Promise<number | null> {
  const posting = deps.post(input).catch((error: unknown) => {
    deps.onError(error, 1);
    return null;
  });
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), POST_MS_MAX);
  });
  try {
    return await Promise.race([posting, late]);
  } finally {
    clearTimeout(timer);
  }
}

function inputOf({ tenant_id }: RelayDeps, group: readonly OutboxRow[]): ApprovalInput {
  return { tenant_id, request_id: group[0]?.request_id ?? '' };
}

async function relayOne(
  deps: RelayDeps,
  group: readonly OutboxRow[],
  verb: (input: ApprovalInput) => Promise<void>,
): Promise<Relayed> {
  try {
    await verb(inputOf(deps, group));
    return { group, error: null };
  } catch (error) {
    return { group, error };
  }
}

function idOf(row: OutboxRow): string {
  return row.id;
}

function retryAfter(group: readonly OutboxRow[]): number {
  const attempts = Math.max(...group.map((row) => row.attempts));
  return Math.min(RETRY_SECONDS_MIN * 2 ** attempts, RETRY_SECONDS_MAX);
}

/** A bell that is heard although it rang while nobody was waiting. */
function createBell(signal: AbortSignal): { ring: () => void; wait: (ms: number) => Promise<void> } {
  let hasRung = false;
  let wake: (() => void) | null = null;
  const ring = () => {
    hasRung = true;
    wake?.();
  };
  signal.addEventListener('abort', ring, { once: true });
  const wait = async (ms: number) => {
    if (!hasRung) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    wake = null;
    hasRung = false;
  };
  return { ring, wait };
}

/** Resolves after `ms`, or when `signal` fires. */
export function rest(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const finish = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', finish);
      resolve();
    };
    const timer = setTimeout(finish, ms);
    signal.addEventListener('abort', finish);
    if (signal.aborted) finish();
  });
}
