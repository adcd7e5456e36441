// The activities by name, with their dependencies filled in. Every failure leaves as a code, never with content (INV-8).

import { Context } from '@temporalio/activity';
import type { ApprovalInput } from '../src/domain/work/workflow.ts';
import type { Situation } from '../src/domain/work/pending-work.ts';
import { sayCards } from '../src/slack/send/cards.ts';
import { toFailure } from './failure.ts';
import { look } from '../src/service/clock/advance.ts';
import { sayOutcome } from '../src/slack/send/outcome.ts';
import { sayReminders } from '../src/slack/send/reminders.ts';
import type { SayDeps } from '../src/slack/send/deliver.ts';
import { trySay } from '../src/slack/send/snapshot.ts';
import { type Tended, tend } from '../src/slack/send/reconcile.ts';

export type Activities = {
  /** Does what time demands of the record and says what is left to do. */
  readonly look: (input: ApprovalInput) => Promise<Situation>;
  /** The same, and what one try can say in Slack is said; never beside an errand of the same request. */
  readonly tend: (input: ApprovalInput) => Promise<Tended>;
  /** Posts the cards that are missing and draws those again that show an earlier moment. */
  readonly syncCards: (input: ApprovalInput) => Promise<void>;
  /** Replies once in the thread of each card. */
  readonly remind: (input: ApprovalInput) => Promise<void>;
  /** Tells the agent's owner how it ended, and keeps that message true. */
  readonly tellOutcome: (input: ApprovalInput) => Promise<void>;
};

export type ActivityDeps = SayDeps & {
  /** Hears the error itself, for the log; Temporal gets its code only. */
  readonly onError: (error: unknown, where: { readonly operation: string; readonly request_id: string }) => void;
};

/** A killed worker is noticed when this stops; Temporal's client sends only some of the beats. */
const HEARTBEAT_MS = 3_000;

type Work<T> = (deps: SayDeps, input: ApprovalInput) => Promise<T>;

/** Binds the activities to their dependencies. */
export function createActivities(deps: ActivityDeps): Activities {
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
  const onUnsaid = (input: ApprovalInput) => (error: unknown) =>
    deps.onError(error, { operation: 'tend', request_id: input.request_id });
  return {
    look: guarded('look', look),
    tend: guarded('tend', (_, input) => tend(deps, input, onUnsaid(input))),
    syncCards: guarded('syncCards', beating(trySay(sayCards))),
    remind: guarded('remind', beating(trySay(sayReminders))),
    tellOutcome: guarded('tellOutcome', beating(trySay(sayOutcome))),
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
