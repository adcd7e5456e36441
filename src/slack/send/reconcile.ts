// Reconciles one request: advances it, and delivers at once what one try can. While Slack answers, nothing of a request
// needs a background task.

import { NOTHING_LEFT, type PendingWork, pendingWorkOf } from '../../domain/work/pending-work.ts';
import type { ApprovalInput } from '../../domain/work/workflow.ts';
import { type Advanced, advanceForRun, type Opened, type WantedOf } from '../../service/clock/advance.ts';
import type { SlackMessage } from '../../service/clock/deliveries.ts';
import { deliverCards } from './cards.ts';
import { settleAll } from './deliver.ts';
import type { DeliverDeps } from './delivery.ts';
import { SlackUnavailable } from './failures.ts';
import { deliverOutcome } from './outcome.ts';
import { deliverReminders } from './reminders.ts';
import { type Deliver, deliverEach } from './snapshot.ts';
import { createTogether, wantedOf } from './together.ts';

/** The run waits meanwhile, so a call is begun only this soon; what is left is an background task beside the run's timer. */
const RECONCILE_MS_MAX = 2_000;

export type Reconciled = {
  /** Of the moment that was seen, after what was done and delivered. */
  readonly pending: PendingWork;
  /** Slack named a time before which nothing is to be delivered, in epoch milliseconds; 0 when it did not. */
  readonly backoff_until_ms: number;
};

/** `onUndelivered` hears why Slack did not take something; that stays in the pending work. */
export async function reconcile(
  deps: DeliverDeps,
  input: ApprovalInput,
  onUndelivered: (error: SlackUnavailable) => void,
): Promise<Reconciled> {
  const team_id = deps.messenger.knownTeamId();
  const plan = team_id === null ? null : planOf(team_id);
  const advanced = await advanceForRun(deps, input, plan);
  return advanced === null
    ? { pending: NOTHING_LEFT, backoff_until_ms: 0 }
    : deliverDue(deps, input, advanced, onUndelivered);
}

/**
 * Posts the cards of a request that nobody was asked about yet, before it has a run. When the run is to look then; null where it
 * has to look at once: it is not new, somebody behind it is to be looked up first, or Slack did not take all.
 */
export async function postFirst(
  deps: DeliverDeps,
  input: ApprovalInput,
  onUndelivered: (error: SlackUnavailable) => void,
): Promise<number | null> {
  const team_id = deps.messenger.knownTeamId();
  if (team_id === null) return null;
  const isNew = ({ messages, record }: Advanced) => messages.length === 0 && record.request.state === 'pending';
  const plan: WantedOf = {
    team_id,
    wantedOf: (advanced) => (isNew(advanced) ? wantedOf(team_id, advanced) : []),
  };
  const advanced = await advanceForRun(deps, input, plan);
  if (advanced === null || !isNew(advanced) || !advanced.is_tied) return null;
  const { pending } = await deliverDue(deps, input, advanced, onUndelivered);
  return dueDeliveries({ pending }).length === 0 ? pending.wake_at_ms : null;
}

/** Delivers what one try can, and says what is left then. */
async function deliverDue(
  deps: DeliverDeps,
  input: ApprovalInput,
  advanced: Advanced & Opened,
  onUndelivered: (error: SlackUnavailable) => void,
): Promise<Reconciled> {
  const due = dueDeliveries(advanced);
  if (due.length === 0) return { pending: advanced.pending, backoff_until_ms: 0 };
  try {
    const delivered = await deliverAll(deps, input, { advanced, due });
    // Of what was written meanwhile the outbox tells: then the run reconciles again, and Slack is told of all of it at once.
    const { record, messages, now } = advanced;
    return {
      pending: pendingWorkOf(record, withDelivered(messages, delivered), now, deps.undeliverable),
      backoff_until_ms: 0,
    };
  } catch (error) {
    if (!(error instanceof SlackUnavailable)) throw error;
    onUndelivered(error);
    const backoff_until_ms = error.retry_after_ms === null ? 0 : Date.now() + error.retry_after_ms;
    return { pending: (await advanceForRun(deps, input))?.pending ?? NOTHING_LEFT, backoff_until_ms };
  }
}

function planOf(team_id: string): WantedOf {
  return { team_id, wantedOf: (advanced) => wantedOf(team_id, advanced) };
}

/** The messages as they stand after what was delivered. */
function withDelivered(messages: readonly SlackMessage[], delivered: readonly SlackMessage[]): readonly SlackMessage[] {
  return [...new Map([...messages, ...delivered].map((message) => [message.id, message])).values()];
}

function dueDeliveries({ pending }: Pick<Advanced, 'pending'>): readonly Deliver[] {
  const { is_card_stale, is_reminder_due, is_outcome_stale } = pending;
  const all: readonly (readonly [boolean, Deliver])[] = [
    [is_card_stale, deliverCards],
    [is_reminder_due, deliverReminders],
    [is_outcome_stale, deliverOutcome],
  ];
  return all.flatMap(([isDue, deliver]) => (isDue ? [deliver] : []));
}

async function deliverAll(
  deps: DeliverDeps,
  { tenant_id }: ApprovalInput,
  { advanced, due }: { readonly advanced: Advanced & Opened; readonly due: readonly Deliver[] },
): Promise<readonly SlackMessage[]> {
  const team_id = await deps.messenger.teamId();
  const until_ms = Date.now() + RECONCILE_MS_MAX;
  const together = createTogether(advanced);
  const snapshot = { ...advanced, tenant_id, team_id, together };
  // Side by side, so that no queue is held longer than its own call takes.
  const ended = await Promise.allSettled(due.map((deliver) => deliver(deps, snapshot, until_ms)));
  const kept = await settleAll(deps, snapshot);
  const delivered = await deliverEach(ended, Number.POSITIVE_INFINITY, async (each) => {
    if (each.status === 'rejected') throw each.reason;
    return each.value;
  });
  return [...delivered.flat(), ...kept];
}
