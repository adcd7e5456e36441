// Talks to Temporal for the relay: start a workflow, nudge it. Every call has a deadline; what failed stays in the outbox.

import {
  Client,
  Connection,
  type ConnectionOptions,
  WorkflowIdConflictPolicy,
  WorkflowIdReusePolicy,
} from '@temporalio/client';
import { PlacetError } from '../domain/errors.ts';
import {
  APPROVAL_WORKFLOW,
  type ApprovalInput,
  NUDGE_SIGNAL,
  RUN_VERSION,
  type RunInput,
  workflowId,
} from '../domain/work/workflow.ts';

/** Starts take 5 to 60 ms under load; past this the server is away, and the outbox tries again. */
const CALL_MS_MAX = 5_000;
/** gRPC's own wait between tries to connect grows to two minutes; the outbox should not stand that long after an outage. */
const RECONNECT_MS_MAX = 3_000;
/** Who calls, as the histories show it: no machine's name. */
const IDENTITY = 'placet';

export type Temporal = {
  /** Makes sure that a run is there: one that runs already is left alone. Throws unavailable. */
  readonly start: (input: ApprovalInput & Pick<RunInput, 'wake_at_ms'>) => Promise<void>;
  /** Makes a run look at the record again; one that is gone is begun anew. Throws unavailable. */
  readonly nudge: (input: ApprovalInput) => Promise<void>;
  readonly close: () => Promise<void>;
};

/** Where Temporal is reached and how, as both of its clients take it. */
export type TemporalAddress = {
  readonly address: string;
  readonly tls?: NonNullable<ConnectionOptions['tls']>;
  readonly apiKey?: string;
};

export type TemporalOptions = TemporalAddress & { readonly namespace: string; readonly task_queue: string };

/** Opens a client that connects at its first call, so that Temporal may be away when we start. */
export function openTemporal(options: TemporalOptions): Temporal {
  const { namespace, task_queue: _, ...address } = options;
  const connection = Connection.lazy({
    ...address,
    connectTimeout: CALL_MS_MAX,
    // The worker's own client knows no proxy of the environment: one way for both.
    channelArgs: { 'grpc.max_reconnect_backoff_ms': RECONNECT_MS_MAX, 'grpc.enable_http_proxy': 0 },
  });
  const { workflow } = new Client({ connection, namespace, identity: IDENTITY });
  const inTime = <T>(call: () => Promise<T>) => connection.withDeadline(Date.now() + CALL_MS_MAX, call).catch(refuse);
  return {
    start: async (input) => {
      await inTime(() => workflow.start(APPROVAL_WORKFLOW, runOptions(options, input)));
    },
    nudge: async (input) => {
      const signalled = { ...runOptions(options, input), signal: NUDGE_SIGNAL };
      await inTime(() => workflow.signalWithStart(APPROVAL_WORKFLOW, signalled));
    },
    close: () => connection.close(),
  };
}

/** The record decides what a run does, so a second run of the same request does no harm: it looks, and ends. */
function runOptions({ task_queue }: TemporalOptions, input: ApprovalInput) {
  return {
    taskQueue: task_queue,
    workflowId: workflowId(input),
    args: [{ ...input, version: RUN_VERSION } satisfies RunInput],
    workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
    workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
  };
}

/** Whatever Temporal answers in error, the row of the outbox stays and is tried again; the cause goes to the log. */
function refuse(error: unknown): never {
  throw new PlacetError('unavailable', { dependency: 'temporal' }, error);
}
