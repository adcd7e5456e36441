// Advances one request to this moment: does what time demands of the record, and tells what is left to do.

import type { LockedTx, Tx } from '../../db/database.ts';
import * as identities from '../../db/identities.ts';
import { inOrder } from '../../db/in-order.ts';
import type { SlackMessage } from '../../db/messages.ts';
import * as messages from '../../db/messages.ts';
import * as outbox from '../../db/outbox.ts';
import { CARD } from '../../db/record-parts.ts';
import * as requestRecords from '../../db/request-records.ts';
import * as requests from '../../db/requests.ts';
import type { CardRecord } from '../../domain/request/record.ts';
import { undeliveredGroups } from '../../domain/request/undeliverable.ts';
import { cardStates } from '../../domain/work/message.ts';
import {
  dueNow,
  NOTHING_LEFT,
  type PendingWork,
  pendingWorkOf,
  tellAt,
  type UndeliverableSettings,
} from '../../domain/work/pending-work.ts';
import type { ApprovalInput } from '../../domain/work/workflow.ts';
import type { ServiceDeps } from '../deps.ts';
import { applyProposal, isProposalDue } from './apply-proposal.ts';
import { endLease } from './end-lease.ts';
import { escalate } from './escalate.ts';
import { expire } from './expire.ts';
import { type CallingMessage, openTogether, type Wanted } from './together.ts';
import { recordUndeliverable } from './undeliverable.ts';

/** One moment of the record, after what was due has been done, and what is left to do then. */
export type Advanced = {
  readonly record: CardRecord;
  readonly messages: readonly SlackMessage[];
  readonly now: Date;
  readonly pending: PendingWork;
};

export type AdvanceDeps = ServiceDeps & { readonly undeliverable: UndeliverableSettings };

/** What is left to do, for whoever asks: the sweep too, while no run may be there. */
export async function advance(deps: AdvanceDeps, { tenant_id, request_id }: ApprovalInput): Promise<PendingWork> {
  const look = () => deps.transact(tenant_id, (tx) => advanceIn(deps, tx, request_id));
  const advanced = await withProposal(deps, { tenant_id, request_id }, look);
  return advanced?.pending ?? NOTHING_LEFT;
}

/** What the messages that are due find done already: their turns, and what else is to be known before they are drawn. */
export type Opened = {
  readonly opened: readonly CallingMessage[];
  /** Everybody behind the request is known by an account of the team. */
  readonly is_tied: boolean;
  /** The accounts of the agent's owner, where it is to be told something. */
  readonly owner_accounts: readonly identities.Link[] | null;
};

/** Which messages are due; asked within the transaction, so it must be pure. */
export type WantedOf = { readonly team_id: string; readonly wantedOf: (advanced: Advanced) => readonly Wanted[] };

const NOTHING_OPENED: Opened = { opened: [], is_tied: false, owner_accounts: null };

/**
 * The same for a run, which acts on what it sees: what the outbox was to tell it, it knows by now. With a plan it takes the turns
 * of what is due, too. Null for a request that does not exist.
 */
export function advanceForRun(
  deps: AdvanceDeps,
  { tenant_id, request_id }: ApprovalInput,
  plan: WantedOf | null = null,
): Promise<(Advanced & Opened) | null> {
  return withProposal(deps, { tenant_id, request_id }, (is_last) =>
    deps.transact(tenant_id, async (tx) => {
      // Sent together; removed before the record is read, so that whatever a removed row told of is in what is read.
      const [, advanced] = await inOrder(tx, [
        (tx) => outbox.removeOf(tx, request_id),
        (tx) => advanceIn(deps, tx, request_id),
      ]);
      if (advanced === null) return null;
      // Before a change of policy is applied no turn is taken: it is looked at again, and what is drawn then says how it ended.
      const isToOpen = is_last || !isProposalDue(advanced.record);
      return { ...advanced, ...(isToOpen ? await openDue(deps, tx, advanced, plan) : NOTHING_OPENED) };
    }),
  );
}

/** An approved change of policy is applied in a transaction of its own: it takes the lock of policies before any other. */
async function withProposal<A extends Advanced>(
  deps: AdvanceDeps,
  input: ApprovalInput,
  look: (is_last: boolean) => Promise<A | null>,
): Promise<A | null> {
  const advanced = await look(false);
  if (advanced === null || !isProposalDue(advanced.record)) return advanced;
  await applyProposal(deps, input);
  return look(true);
}

async function openDue(deps: AdvanceDeps, tx: Tx, advanced: Advanced, plan: WantedOf | null): Promise<Opened> {
  const wanted = plan?.wantedOf(advanced) ?? [];
  if (plan === null || wanted.length === 0) return NOTHING_OPENED;
  const { record, messages: known } = advanced;
  const { id: request_id } = record.request;
  const { team_id } = plan;
  // Before anybody is asked, Slack is asked who is behind the request; no turn is held meanwhile.
  const isAsked = known.some(({ kind }) => kind === 'card');
  if (!isAsked && (await identities.listUntied(tx, { request_id, team_id })).length > 0) return NOTHING_OPENED;
  const isToTell = wanted.some(({ kind }) => kind === 'outcome');
  const [owner_accounts, opened] = await inOrder(tx, [
    isToTell ? (tx) => identities.listAccounts(tx, [record.agent.owner.id]) : null,
    (tx) => openTogether(deps, tx, { request_id, known, wanted }),
  ]);
  return { opened, is_tied: true, owner_accounts };
}

async function advanceIn(deps: AdvanceDeps, tx: Tx, request_id: string): Promise<Advanced | null> {
  // Sent together: one round trip.
  const [before, known] = await inOrder(tx, [
    (tx) => requestRecords.readRequestRecord(tx, request_id, CARD),
    (tx) => messages.listMessages(tx, request_id),
  ]);
  // Somebody started a run for nothing: it ends.
  if (before === null) return null;
  const hasActed = await doWhatIsDue(deps, tx, before);
  const record = hasActed ? ((await requestRecords.readRequestRecord(tx, request_id, CARD)) ?? before) : before;
  const all = [...known, ...(await openNotices(deps, tx, record, known))];
  return { record, messages: all, now: tx.now, pending: pendingWorkOf(record, all, tx.now, deps.undeliverable) };
}

/** Once people could not be asked for too long, opens what is told of it: to the owner, and where admins are. Once. */
async function openNotices(
  deps: AdvanceDeps,
  tx: Tx,
  record: CardRecord,
  known: readonly SlackMessage[],
): Promise<readonly SlackMessage[]> {
  const at = tellAt(record, known, deps.undeliverable);
  if (at === null || at > tx.now) return [];
  const { request, agent } = record;
  const { admin_channel } = deps.undeliverable;
  const destinations = [agent.owner.id, ...(admin_channel === null ? [] : [admin_channel])];
  const rows = destinations.map((destination) => ({ id: deps.newId('message'), request_id: request.id, destination }));
  const opened = await messages.insertNotices(tx, rows);
  if (opened.length === 0) return [];
  await recordUndeliverable(deps, tx, request, undeliveredGroups(record, cardStates(known)));
  return opened;
}

/** True when something was due. A click or a use may be faster: then the conditional update changes nothing. */
async function doWhatIsDue(deps: ServiceDeps, begun: Tx, before: CardRecord): Promise<boolean> {
  // Nearly always nothing is due: only then is the lock spared.
  if (dueNow(before, begun.now) === null) return false;
  const tx = await requests.lockRequest(begun, before.request.id);
  if (tx === null) return false;
  const { request, lease } = before;
  switch (dueNow(before, tx.now)) {
    case null:
      return false;
    case 'expire':
      await expire(deps, tx, request);
      return true;
    case 'end_lease':
      if (lease !== null) await endLease(deps, tx, { request, lease });
      return true;
    case 'escalate':
      return escalateLocked(deps, tx, request.id);
  }
}

/** A click may have filled the stage since the record was read, or another worker may have escalated it. */
async function escalateLocked(deps: ServiceDeps, tx: LockedTx, request_id: string): Promise<boolean> {
  const record = await requestRecords.readRequestRecord(tx, request_id, CARD);
  if (record === null || dueNow(record, tx.now) !== 'escalate') return false;
  await escalate(deps, tx, record);
  return true;
}
