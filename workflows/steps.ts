// The two steps of a run that only read and advance the record, and the names under which its history knows them.

import { proxyActivities, proxyLocalActivities } from '@temporalio/workflow';
import type { Activities, EarlierActivities } from '../activities/index.ts';
import type { PendingWork } from '../src/domain/work/pending-work.ts';
import type { ApprovalInput, RunInput } from '../src/domain/work/workflow.ts';

/** One short transaction: a local activity spares a task-queue hop (about 50 ms). */
const local = proxyLocalActivities<Pick<Activities & EarlierActivities, 'advance' | 'look'>>({
  startToCloseTimeout: '5 s',
  retry: { initialInterval: '100 ms', maximumAttempts: 2 },
});

/** The fast path delivers what Slack takes at once. A second try is a background task's, which keeps Slack's own wait. */
const fastPath = proxyLocalActivities<Pick<Activities & EarlierActivities, 'reconcile' | 'tend'>>({
  startToCloseTimeout: '30 s',
  retry: { maximumAttempts: 1 },
});

/** While Postgres is away: tries of an ordinary activity leave no trace in the history. After a day the sweep begins anew. */
const patient = proxyActivities<Pick<Activities & EarlierActivities, 'advance' | 'look'>>({
  startToCloseTimeout: '15 s',
  scheduleToCloseTimeout: '1 day',
  retry: { initialInterval: '1 s', backoffCoefficient: 2, maximumInterval: '30 s' },
});

/** The same steps under the names of one version. */
type Steps = {
  readonly local: { readonly advance: Activities['advance'] };
  readonly fastPath: { readonly reconcile: Activities['reconcile'] };
  readonly patient: { readonly advance: Activities['advance'] };
};

const CURRENT: Steps = { local, fastPath, patient };

/** A run of version 1 goes on with its own names until it ends, two days at the most. */
const VERSION_1: Steps = {
  local: { advance: (input) => local.look(input) },
  fastPath: {
    reconcile: async (input) => {
      const { situation: pending, rest_until_ms: backoff_until_ms } = await fastPath.tend(input);
      return { pending, backoff_until_ms };
    },
  },
  patient: { advance: (input) => patient.look(input) },
};

/** Advances the record and says what is left to do; waits for Postgres when it is away. */
export async function advance(run: RunInput): Promise<PendingWork> {
  try {
    return await stepsOf(run).local.advance(inputOf(run));
  } catch {
    return advancePatiently(run);
  }
}

/** The same by the way that waits, for a run whose fast path has just failed. */
export function advancePatiently(run: RunInput): Promise<PendingWork> {
  return stepsOf(run).patient.advance(inputOf(run));
}

/** Advances the record, delivers what one try can, and says what is left then. Throws when it could not say. */
export function reconcile(run: RunInput): ReturnType<Activities['reconcile']> {
  return stepsOf(run).fastPath.reconcile(inputOf(run));
}

function stepsOf({ version }: RunInput): Steps {
  return version === undefined ? VERSION_1 : CURRENT;
}

function inputOf({ tenant_id, request_id }: RunInput): ApprovalInput {
  return { tenant_id, request_id };
}
