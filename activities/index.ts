// The activities by name, with their dependencies filled in. Every failure leaves as a code, never with content (INV-8).

import { Context } from '@temporalio/activity';
import type { PendingWork } from '../src/domain/work/pending-work.ts';
import type { ApprovalInput } from '../src/domain/work/workflow.ts';
import { advance } from '../src/service/clock/advance.ts';
import { deliverCards } from '../src/slack/send/cards.ts';
import type { DeliverDeps } from '../src/slack/send/delivery.ts';
import { deliverOutcome } from '../src/slack/send/outcome.ts';
import { type Reconciled, reconcile } from '../src/slack/send/reconcile.ts';
import { deliverReminders } from '../src/slack/send/reminders.ts';
import { deliverNow } from '../src/slack/send/snapshot.ts';
import { toFailure } from './failure.ts';

export type Activities = {
  /** Does what time demands of the record and says what is left to do. */
  readonly advance: (input: ApprovalInput) => Promise<PendingWork>;
  /** The same, and what one try can deliver in Slack is delivered; never beside a background task of the same request. */
  readonly reconcile: (input: ApprovalInput) => Promise<Reconciled>;
  /** Posts the cards that are missing and draws those again that show an earlier moment. */
  readonly syncCards: (input: ApprovalInput) => Promise<void>;
  /** Replies once in the thread of each card. */
  readonly remind: (input: ApprovalInput) => Promise<void>;
  /** Tells the agent's owner how it ended, and keeps that message true. */
  readonly tellOutcome: (input: ApprovalInput) => Promise<void>;
};

/** Two activities under the names and with the answers that runs of version 1 have in their histories. */
export type EarlierActivities = {
  readonly look: Activities['advance'];
  readonly tend: (input: ApprovalInput) => Promise<{ readonly situation: PendingWork; readonly rest_until_ms: number }>;
};

export type ActivityDeps = DeliverDeps & {
  /** Hears the error itself, for the log; Temporal gets its code only. */
  readonly onError: (error: unknown, where: { readonly operation: string; readonly request_id: string }) => void;
};

/** A killed worker is noticed when this stops; Temporal's client sends only some of the beats. */
const HEARTBEAT_MS = 3_000;

type Work<T> = (deps: DeliverDeps, input: ApprovalInput) => Promise<T>;

/** Binds the activities to their dependencies. */
export function createActivities(deps: ActivityDeps): Activities & EarlierActivities {
  const guarded =
    <T>(operation: keyof Activities, work: Work<T>) =>
    async (input: ApprovalInput): Promise<T> => {
      try {
        return await work(deps, input);
      } catch (error) {
        deps.onError(error, { operation, request_id: input.request_id });
        throw toFailure(error);
      }
    };
  const onUndelivered = (input: ApprovalInput) => (error: unknown) =>
    deps.onError(error, { operation: 'reconcile', request_id: input.request_id });
  const activities: Activities = {
    advance: guarded('advance', advance),
    reconcile: guarded('reconcile', (_, input) => reconcile(deps, input, onUndelivered(input))),
    syncCards: guarded('syncCards', beating(deliverNow(deliverCards))),
    remind: guarded('remind', beating(deliverNow(deliverReminders))),
    tellOutcome: guarded('tellOutcome', beating(deliverNow(deliverOutcome))),
  };
  return { ...activities, ...earlier(activities) };
}

function earlier({ advance, reconcile }: Activities): EarlierActivities {
  return {
    look: advance,
    tend: async (input) => {
      const { pending: situation, backoff_until_ms: rest_until_ms } = await reconcile(input);
      return { situation, rest_until_ms };
    },
  };
}

function beating(work: Work<void>): Work<void> {
  return async (deps, input) => {
    const context = Context.current();
    const timer = setInterval(() => context.heartbeat(), HEARTBEAT_MS);
    try {
      await work(deps, input);
    } finally {
      clearInterval(timer);
    }
  };
}
