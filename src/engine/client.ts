// Talks to Temporal for the relay: start a workflow, nudge it. Every call has a deadline; what failed stays in the outbox.

import { Client, Connection, WorkflowIdConflictPolicy, WorkflowIdReusePolicy } from '@temporalio/client';
import { APPROVAL_WORKFLOW, type ApprovalInput, NUDGE_SIGNAL, workflowId } from '../domain/protocol.ts';

/** Starts take 5 to 60 ms under load; past this the server is away, and the outbox tries again. */
const CALL_MS_MAX = 5_000;

export type Engine = {
  /** Makes sure that a run is there: one that runs already is left alone. */
  readonly start: (input: ApprovalInput) => Promise<void>;
  /** Makes a run look at the record again; one that is gone is begun anew. */
  readonly nudge: (input: ApprovalInput) => Promise<void>;
  readonly isReachable: () => Promise<boolean>;
  readonly close: () => Promise<void>;
};

export type EngineOptions = { readonly address: string; readonly namespace: string; readonly task_queue: string };

/** Opens a client that connects at its first call, so that Temporal may be away when we start. */
export function openEngine({ address, namespace, task_queue }: EngineOptions): Engine {
  const connection = Connection.lazy({ address, connectTimeout: CALL_MS_MAX });
  const client = new Client({ connection, namespace });
  const inTime = <T>(call: () => Promise<T>) => connection.withDeadline(Date.now() + CALL_MS_MAX, call);
  // The record decides what a run does, so a second run of the same request does no harm: it looks, and ends.
  const options = (input: ApprovalInput) => ({
    taskQueue: task_queue,
    workflowId: workflowId(input),
    args: [input],
    workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
    workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
  });
  return {
    start: async (input) => void (await inTime(() => client.workflow.start(APPROVAL_WORKFLOW, options(input)))),
    nudge: async (input) => {
      const signalled = { ...options(input), signal: NUDGE_SIGNAL };
      await inTime(() => client.workflow.signalWithStart(APPROVAL_WORKFLOW, signalled));
    },
    isReachable: () =>
      inTime(() => connection.workflowService.describeNamespace({ namespace })).then(
        () => true,
        () => false,
      ),
    close: () => connection.close(),
  };
}
