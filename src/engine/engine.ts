// The way to Temporal: start the workflow of a request, or tell it to look again. Decides nothing, and waits only so long.

import {
  Client,
  Connection,
  type ConnectionOptions,
  isGrpcServiceError,
  ServiceError,
  type WorkflowStartOptions,
} from '@temporalio/client';
import { PlacetError } from '../domain/errors.ts';
import { APPROVAL_WORKFLOW, type ApprovalInput, NUDGE_SIGNAL, workflowId } from '../domain/protocol.ts';

/** Temporal answers a start in milliseconds; whoever calls has a row that it tries again. */
export const CALL_MS_MAX = 5_000;

export type Engine = {
  /** Starts the workflow unless it runs. Throws unavailable. */
  readonly startApproval: (input: ApprovalInput, deadline_ms?: number) => Promise<void>;
  /** Tells the workflow to look at the record, and starts it when its run is gone. Throws unavailable. */
  readonly nudgeApproval: (input: ApprovalInput, deadline_ms?: number) => Promise<void>;
  /** Throws unavailable when Temporal does not answer for our namespace. */
  readonly checkHealth: () => Promise<void>;
  readonly close: () => Promise<void>;
};

export type EngineOptions = {
  readonly address: string;
  readonly namespace: string;
  readonly task_queue: string;
  /** Who calls, as histories show it. */
  readonly identity: string;
  readonly tls?: NonNullable<ConnectionOptions['tls']>;
  readonly api_key?: string;
};

/** Opens a client that connects at its first call, and again after each loss. Deadlines are epoch milliseconds. */
export function openEngine({ address, namespace, task_queue, identity, tls, api_key }: EngineOptions): Engine {
  const connection = Connection.lazy({
    address,
    connectTimeout: CALL_MS_MAX,
    ...(tls === undefined ? {} : { tls }),
    ...(api_key === undefined ? {} : { apiKey: api_key }),
  });
  const { workflow } = new Client({ connection, namespace, identity });
  const within = <T>(deadline_ms: number | undefined, call: () => Promise<T>) =>
    connection.withDeadline(deadline_ms ?? Date.now() + CALL_MS_MAX, call).catch(translate);
  return {
    startApproval: async (input, deadline_ms) =>
      void (await within(deadline_ms, () => workflow.start(APPROVAL_WORKFLOW, optionsFor(input, task_queue)))),
    nudgeApproval: async (input, deadline_ms) =>
      void (await within(deadline_ms, () =>
        workflow.signalWithStart(APPROVAL_WORKFLOW, { ...optionsFor(input, task_queue), signal: NUDGE_SIGNAL }),
      )),
    checkHealth: async () =>
      void (await within(undefined, () => connection.workflowService.describeNamespace({ namespace }))),
    close: () => connection.close(),
  };
}

/** One run at a time per request; a later one over the same record is welcome, because it does only what is left to do. */
function optionsFor(input: ApprovalInput, task_queue: string): WorkflowStartOptions & { args: [ApprovalInput] } {
  return {
    taskQueue: task_queue,
    workflowId: workflowId(input),
    args: [input],
    workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    workflowIdConflictPolicy: 'USE_EXISTING',
  };
}

/** Whatever Temporal answers in error, its rows are kept and tried again; the cause goes to the log. */
function translate(error: unknown): never {
  const isTemporal = error instanceof ServiceError || isGrpcServiceError(error);
  throw new PlacetError(isTemporal ? 'unavailable' : 'internal', { dependency: 'temporal' }, error);
}
