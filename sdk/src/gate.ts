// The neutral contract between an agent framework and Placet: ask, wait, run. Every adapter stands on it, and it on nothing of
// a framework's: what that kept, or was told, decides nothing here. Whether a call runs is the server's answer, at the moment in
// which it would run, for the arguments with which it would.
import { PlacetApiError, PlacetChangedError, PlacetKeyError, PlacetSpentError } from './api-error.ts';
import { isSpent, type ReportOptions, runAndReport, takeApproval } from './approved.ts';
import {
  answerOf,
  type CallAnswer,
  type CallOutcome,
  type CallReference,
  notRun,
  pendingOutcome,
} from './call-outcome.ts';
import { type ActionEnvelope, canonicalBytes, type JsonValue } from './canonical.ts';
import { waitFor } from './decision-wait.ts';
import { actionDigest, isSameDigest, sha256Digest } from './digest.ts';
import type { Cancellable, CredentialAsk, Operations } from './operations.ts';
import { isFilled } from './run-key.ts';
import { createMask, type MaskRule, SECRET_RULES } from './secret-mask.ts';
import type { ApprovalRequest, ClaimedCredential } from './types.ts';

/** One tool call that a model wants. */
export type ToolCall = {
  /** The agent run that it is part of: the id of the thread, job or workflow, the same after a restart. */
  readonly run: string;
  /** The call's own id in that run, as the model gave it. */
  readonly id: string;
  readonly tool: string;
  readonly arguments: { readonly [name: string]: unknown };
};

/** How a tool's call is asked for, where it differs from the default: the tool's name on `tool/<name>`. */
export type CallAction = {
  readonly action?: string;
  readonly resource?: string;
  readonly justification?: string | undefined;
};

export type GateOptions<Result = unknown> = {
  /**
   * By tool: how its calls are named. It gets the arguments as they leave this process, masked. The parameters are always all
   * arguments, so that none that decides what runs can be left out.
   */
  readonly actions?: {
    readonly [tool: string]: CallAction | ((parameters: { readonly [name: string]: JsonValue }) => CallAction);
  };
  /** What is masked before anything leaves this process; SECRET_RULES by default. */
  readonly mask?: readonly MaskRule[];
  readonly credential?: CredentialAsk;
  readonly onBehalfOf?: string;
  /** How long people have to decide. */
  readonly timeoutSeconds?: number;
} & ReportOptions<Result>;

/** What the tool gets beside its arguments. */
export type CallContext = {
  /** The JWT for the tool; null when the gate asks for none. */
  readonly credential: string | null;
  readonly lease: ClaimedCredential['lease'] | null;
  readonly reference: CallReference;
};

/** Runs the tool, with the arguments that it is given: they are the ones that were digested. */
export type CallTool<Result> = (
  parameters: { readonly [name: string]: JsonValue },
  context: CallContext,
) => Result | Promise<Result>;

export type Gate = {
  /**
   * Asks, once for a run, call id and digest: whoever asks again for the same, in whatever process, gets the same reference. The
   * state is the first one: `approved` or `denied` at once by the policy, else `pending`, whatever people have done since.
   */
  readonly ask: (
    call: ToolCall,
    options?: Cancellable,
  ) => Promise<CallReference & { readonly state: ApprovalRequest['state'] }>;
  /** Waits, from any process, by id alone; after `timeoutSeconds` (0: at once) the answer is the request, still pending. */
  readonly wait: (id: string, options?: Cancellable & { timeoutSeconds?: number }) => Promise<ApprovalRequest>;
  /** What the model is told of a request that ended without approval; null of one that is pending or approved. */
  readonly answer: (request: ApprovalRequest) => CallAnswer | null;
  /** Runs the tool if the call, as it is now, is approved and was not run before; the reference may have been kept anywhere. */
  readonly run: <Result>(
    call: ToolCall,
    input: Cancellable & { readonly reference: CallReference; readonly tool: CallTool<Result> },
  ) => Promise<CallOutcome<Result>>;
  /** The three in one; what is still pending after `waitSeconds` (as long as people have, by default) is handed back. */
  readonly pass: <Result>(
    call: ToolCall,
    input: Cancellable & { readonly waitSeconds?: number; readonly tool: CallTool<Result> },
  ) => Promise<CallOutcome<Result>>;
};

type Client = Pick<Operations, 'request' | 'get' | 'waitForDecision' | 'claim' | 'start' | 'report'>;

/**
 * The gates of one client. Nothing runs where one throws: PlacetKeyError, PlacetChangedError, the client's errors (an outage is
 * PlacetUnreachableError), or the tool's own.
 */
export function gateWith(client: Client, key: Uint8Array): (options?: GateOptions) => Gate {
  return (options = {}) => {
    const gate: Parts = { client, options, mask: createMask(key, options.mask ?? SECRET_RULES) };
    const wait: Gate['wait'] = (id, how = {}) => waitFor(client, id, how);
    return {
      ask: async (call, { signal } = {}) => {
        const request = await submit(gate, prepare(gate, call), signal);
        return { ...referenceTo(request), state: request.state };
      },
      wait,
      answer: answerOf,
      run: (call, { reference, tool, signal }) => run(gate, { prepared: prepare(gate, call), reference, tool, signal }),
      pass: async (call, { tool, signal, waitSeconds }) => {
        const prepared = prepare(gate, call);
        let request = await submit(gate, prepared, signal);
        const reference = referenceTo(request);
        if (request.state === 'pending') {
          request = await wait(request.id, {
            signal,
            ...(waitSeconds !== undefined && { timeoutSeconds: waitSeconds }),
          });
        }
        if (request.state === 'pending') return pendingOutcome(reference);
        if (request.state !== 'approved') return notRun(request, reference);
        return run(gate, { prepared, reference, tool, signal });
      },
    };
  };
}

type Parts = {
  readonly client: Client;
  readonly options: GateOptions;
  readonly mask: ReturnType<typeof createMask>;
};

type Prepared = {
  /** A copy of the arguments, which nobody else can change: it is digested, and it runs. */
  readonly parameters: { readonly [name: string]: JsonValue };
  readonly envelope: ActionEnvelope;
  readonly justification: string | undefined;
  readonly digest: string;
  readonly idempotencyKey: string;
};

/** What is asked for, and what runs, of one reading of the arguments. */
function prepare({ options, mask }: Parts, call: ToolCall): Prepared {
  const { run, id, tool } = call;
  for (const [name, value] of Object.entries({ run, id, tool })) {
    if (typeof value !== 'string' || value === '' || (name !== 'tool' && !isFilled(value)))
      throw new PlacetKeyError(`a gate needs the ${name} of each tool call`);
  }
  const text = new TextDecoder().decode(canonicalBytes(call.arguments as JsonValue));
  const parameters = JSON.parse(text);
  // Refuses what is no object, too: arguments that are still text would be another action than the one that runs.
  actionDigest({ action: tool, resource: tool, parameters });
  const masked = mask.parameters(parameters);
  const named = Object.hasOwn(options.actions ?? {}, tool) ? options.actions?.[tool] : undefined;
  const {
    action = tool,
    resource = `tool/${tool}`,
    justification,
  } = (typeof named === 'function' ? named(masked) : named) ?? {};
  const envelope = { action, resource: mask.text(resource), parameters: masked };
  const digest = actionDigest(envelope);
  const idempotencyKey = `call-${sha256Digest(canonicalBytes([run, id, digest]))}`;
  return { parameters, envelope, justification: justification && mask.text(justification), digest, idempotencyKey };
}

function submit(
  { client, options }: Parts,
  { envelope, justification, idempotencyKey }: Prepared,
  signal: AbortSignal | undefined,
): Promise<ApprovalRequest> {
  const { credential, onBehalfOf, timeoutSeconds } = options;
  const ask = { ...envelope, justification, credential, onBehalfOf, timeoutSeconds };
  return client.request(ask, { idempotencyKey, signal });
}

const referenceTo = ({ id, digest }: ApprovalRequest): CallReference => ({ id, digest });

type RunInput<Result> = {
  readonly prepared: Prepared;
  readonly reference: CallReference;
  readonly tool: CallTool<Result>;
  readonly signal: AbortSignal | undefined;
};

/** What the API answers when an approval does not hold, or does not hold any more. */
const NOT_HELD: ReadonlySet<string> = new Set(['not_approved', 'claim_expired', 'quorum_lost', 'denied_by_policy']);

/**
 * The digest of the call as it is now. Where the policy masks parameters it takes their salts, which only the answer to the ask
 * has; a repeat of the ask is answered with the same. Throws PlacetChangedError where it is not the one of the reference.
 */
async function digestNow(gate: Parts, { prepared, reference, signal }: Omit<RunInput<never>, 'tool'>): Promise<string> {
  if (isSameDigest(prepared.digest, reference.digest)) return prepared.digest;
  const { masked } = await gate.client.get(reference.id, { signal }).catch((error: unknown) => {
    if (error instanceof PlacetApiError && error.code === 'not_found') return { masked: null };
    throw error;
  });
  if (!masked) throw new PlacetChangedError();
  const { id, digest } = await submit(gate, prepared, signal);
  if (id !== reference.id || !isSameDigest(digest, reference.digest)) throw new PlacetChangedError();
  return digest;
}

async function run<Result>(
  gate: Parts,
  { prepared, reference, tool, signal }: RunInput<Result>,
): Promise<CallOutcome<Result>> {
  const { client, options } = gate;
  // The reference may have been kept where others write. It only says where to look: the server compares the digest.
  const digest = await digestNow(gate, { prepared, reference, signal });
  const { parameters } = prepared;
  const { id } = reference;
  const { credential } = options;
  let claimed: ClaimedCredential | null;
  try {
    // A claim is not told what is about to run, and may be granted several times, so the request is read first.
    if (credential) {
      const request = await client.get(id, { signal });
      if (request.digest !== digest) throw new PlacetChangedError();
      if (isSpent(request)) return notRun(request, reference);
    }
    claimed = await takeApproval(client, { request: { id, digest }, credential, signal });
  } catch (error) {
    if (error instanceof PlacetSpentError) return notRun(error.request, reference);
    if (!(error instanceof PlacetApiError)) throw error;
    if (error.code === 'digest_mismatch') throw new PlacetChangedError();
    if (!NOT_HELD.has(error.code)) throw error;
    const request = await client.get(id, { signal });
    return request.state === 'pending' ? pendingOutcome(reference) : notRun(request, reference, error.code);
  }
  signal?.throwIfAborted();
  const context = { credential: claimed?.credential.token ?? null, lease: claimed?.lease ?? null, reference };
  const result = await runAndReport({
    client,
    id,
    run: async () => tool(parameters, context),
    options: options as ReportOptions<Result>,
  });
  return { state: 'ran', reference, result };
}
