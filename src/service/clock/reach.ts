// Looks after requests whose people can no longer fill the stage that is open: a group was emptied, a user group or channel is
// gone, somebody was deactivated. Such a stage escalates at once; where it has nobody to escalate to, the owner of the agent and
// the admins are told. Counts nothing and approves nothing: who may decide is asked afresh at each click.

import type { Tx } from '../../db/database.ts';
import * as messages from '../../db/messages.ts';
import * as reach from '../../db/reach.ts';
import { VIEWED } from '../../db/record-parts.ts';
import * as requestRecords from '../../db/request-records.ts';
import * as requests from '../../db/requests.ts';
import {
  type AskedSource,
  type SourceAnswer,
  saysWho,
  sourceKey,
  sourcesToAsk,
} from '../../domain/people/membership.ts';
import { firstUnreachable, seatsOf } from '../../domain/request/reach.ts';
import type { CardRecord, ViewedRecord } from '../../domain/request/record.ts';
import type { Stage } from '../../domain/request/request.ts';
import { groupsOf, openStage } from '../../domain/request/stages.ts';
import { poolsOf } from '../agent/pools.ts';
import type { ServiceDeps } from '../deps.ts';
import { type Locked, lockRequestRecord } from '../locked.ts';
import type { AskSources } from '../memberships.ts';
import { tell } from '../news.ts';
import { escalate } from './escalate.ts';
import { recordUndeliverable } from './undeliverable.ts';

/** In one apply; what is left is met by the next look. */
const REQUESTS_MAX = 1_000;
/** Of one walk over all that wait. */
const PAGE_MAX = 200;
/** Sources that are asked in one look: Slack takes some twenty such questions a minute. */
const SOURCES_MAX = 10;

export type ReachDeps = ServiceDeps & {
  readonly tenant_id: string;
  readonly askSources: AskSources;
  /** Where admins are told of what keeps people from being asked; null for nowhere. */
  readonly admin_channel: string | null;
};

/** What the last walk went by. Held by the caller between looks; without it all is looked at once more. */
type ReachSeen = { state: string | null; readonly answers: Map<string, SourceAnswer>; next: number };

/** Nothing was looked at yet. */
export function newReachSeen(): ReachSeen {
  return { state: null, answers: new Map(), next: 0 };
}

/** Asks more groups for each pending request whose open stage names some and cannot be filled by its own people any more. */
export async function escalateUnreached(deps: ServiceDeps, begun: Tx): Promise<void> {
  // Whoever claims or uses waits for this: many requests ask the same, which is found once, and nearly all need no lock.
  const found = new Map<string, boolean>();
  for (const id of await requests.listEscalatable(begun, REQUESTS_MAX)) {
    const before = await requestRecords.readRequestRecord(begun, id, VIEWED);
    // Who is in a source that lies elsewhere is not asked here, so it counts as enough.
    if (before === null || !canEscalate(before) || !(await isUnreached(begun, before, { answers: [], found })))
      continue;
    const locked = await lockRequestRecord(begun, id, VIEWED);
    if (locked === null || !canEscalate(locked.record)) continue;
    if (await isUnreached(locked.tx, locked.record, { answers: [] })) await escalateLocked(deps, locked);
  }
}

/** One look: where anything has changed that says who may decide, all that waits. Returns how many nobody could decide. */
export async function lookAtReach(deps: ReachDeps, seen: ReachSeen): Promise<number> {
  const { tenant_id } = deps;
  const { parts, state } = await deps.transact(tenant_id, async (tx) => ({
    parts: await reach.listWaitingParts(tx),
    state: await reach.readReachState(tx),
  }));
  const answers = await askSome(deps, sourcesToAsk(parts), seen);
  // Not by its digest: a calendar says when it was written out, and is other bytes each time.
  const known = answers.map(({ source, members, fault }) => [sourceKey(source), [...members].sort(), fault]);
  const now = JSON.stringify([state, known]);
  if (now === seen.state) return 0;
  const count = await walk(deps, answers);
  // What was asked of more groups may need more still: it is looked at once more.
  seen.state = count > 0 ? null : now;
  return count;
}

/** Asks so many sources, others at each look, and answers what is known of all; one that cannot be asked may have anybody. */
async function askSome(
  { askSources }: ReachDeps,
  sources: readonly AskedSource[],
  seen: ReachSeen,
): Promise<readonly SourceAnswer[]> {
  const from = sources.length <= SOURCES_MAX ? 0 : seen.next % sources.length;
  const turn = [...sources.slice(from), ...sources.slice(0, from)].slice(0, SOURCES_MAX);
  seen.next = from + turn.length;
  // One after the other: nobody waits for it.
  for (const source of turn) {
    seen.answers.delete(sourceKey(source));
    const found = await askSources([source], null).catch(() => []);
    for (const answer of found.filter(saysWho)) seen.answers.set(sourceKey(answer.source), answer);
  }
  return sources.flatMap((source) => seen.answers.get(sourceKey(source)) ?? []);
}

async function walk(deps: ReachDeps, answers: readonly SourceAnswer[]): Promise<number> {
  const notified = new Set<string>();
  const found = new Map<string, boolean>();
  let count = 0;
  let after = '';
  for (;;) {
    const ids = await deps.transact(deps.tenant_id, (tx) => reach.listWaitingIds(tx, after, PAGE_MAX));
    for (const id of ids) {
      const isLeft = await deps.transact(deps.tenant_id, (tx) => lookAtOne(deps, tx, { id, answers, notified, found }));
      if (isLeft) count += 1;
    }
    const last = ids.at(-1);
    if (last === undefined || ids.length < PAGE_MAX) return count;
    after = last;
  }
}

type One = {
  readonly id: string;
  readonly answers: readonly SourceAnswer[];
  /** Groups of which the admins were notified in this walk. */
  readonly notified: Set<string>;
  /** What this walk has found already, by whom a stage asks: many requests ask the same. */
  readonly found: Map<string, boolean>;
};

/** True when nobody could decide, and something was done about it. */
async function lookAtOne(deps: ReachDeps, begun: Tx, { id, answers, notified, found }: One): Promise<boolean> {
  // Nearly always all is well: only then is the lock spared.
  const before = await requestRecords.readRequestRecord(begun, id, VIEWED);
  if (before === null || !(await isUnreached(begun, before, { answers, found }))) return false;
  const locked = await lockRequestRecord(begun, id, VIEWED);
  if (locked === null || !(await isUnreached(locked.tx, locked.record, { answers }))) return false;
  if (!canEscalate(locked.record)) return tellOnce(deps, locked, notified);
  await escalateLocked(deps, locked);
  return true;
}

/** Whether the open stage cannot be filled: by its own groups, those that were added, and those that stand in. */
async function isUnreached(
  tx: Tx,
  { request, decisions, parts }: ViewedRecord,
  { answers, found }: Pick<One, 'answers'> & Partial<Pick<One, 'found'>>,
): Promise<boolean> {
  if (request.state !== 'pending') return false;
  const at = openStage(request, decisions);
  const stage = request.requirement?.stages[at];
  if (stage === undefined) return false;
  const groups = groupsOf(stage);
  // Whose share the added people fill is not to be notified beforehand.
  if (stage.each === true && groups.length > stage.approvers.length) return false;
  const earlier = request.requirement?.distinct_stages === false ? [] : decisions.filter((made) => made.stage < at);
  const excluded_people = [...request.excluded_people, ...earlier.map(({ person_id }) => person_id)];
  const stages: readonly Stage[] = [{ ...stage, approvers: groups }];
  const key = JSON.stringify([
    groups,
    stage.quorum,
    stage.each,
    excluded_people,
    parts.map(({ members_then }) => members_then),
  ]);
  const known = found?.get(key);
  if (known !== undefined) return known;
  // Nobody was in a channel that was not asked when the request was made, as at a click.
  const then = parts.map((part) => {
    return part.source.kind === 'channel_members' ? { ...part, members_then: part.members_then ?? [] } : part;
  });
  const pools = await poolsOf(tx, {
    stages,
    parts: then,
    answers,
    are_answers_newest: true,
    excluded_people,
    limit: seatsOf(stages),
  });
  const isFaulty = firstUnreachable(pools, true) !== null;
  found?.set(key, isFaulty);
  return isFaulty;
}

/** True where the open stage names groups for it that it does not ask yet. */
function canEscalate({ request, decisions }: CardRecord): boolean {
  const stage = request.requirement?.stages[openStage(request, decisions)];
  return request.state === 'pending' && stage?.escalate !== undefined && stage.added === undefined;
}

async function escalateLocked(deps: ServiceDeps, { tx, record }: Locked<ViewedRecord>): Promise<void> {
  await escalate(deps, tx, record);
  await tell(tx, record.request);
}

/** Tells the agent's owner, and of the first request of the same groups the admins; once for each request. */
async function tellOnce(
  deps: ReachDeps,
  { tx, record }: Locked<ViewedRecord>,
  notified: Set<string>,
): Promise<boolean> {
  const { request, decisions, agent } = record;
  const groups = groupsOf(request.requirement?.stages[openStage(request, decisions)]);
  const key = groups.map(({ group_id }) => group_id).join(' ');
  const { admin_channel } = deps;
  const noticeTo = (destination: string) => ({ id: deps.newId('message'), request_id: request.id, destination });
  if ((await messages.insertNotices(tx, [noticeTo(agent.owner.id)])).length === 0) return false;
  if (admin_channel !== null && !notified.has(key)) await messages.insertNotices(tx, [noticeTo(admin_channel)]);
  notified.add(key);
  await recordUndeliverable(
    deps,
    tx,
    request,
    groups.map(({ name }) => ({ name, error: 'too_few_people' })),
  );
  await tell(tx, request);
  return true;
}
