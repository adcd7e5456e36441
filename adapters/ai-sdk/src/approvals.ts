// Puts the gate into the tools of the AI SDK, versions 6 and 7: a call that people decide on pauses the generation, and whatever
// the message list says later, the tool's own function asks the server before it runs.
import type { CallReference, Gate, ToolCall } from '@placet/sdk';

type CallOptions = { readonly toolCallId: string; readonly abortSignal?: AbortSignal; readonly messages?: unknown };
type Execute = (input: never, options: never) => unknown;

export type ApprovalOptions<Tools> = {
  readonly tools: Tools;
  /** The id of the agent run: a chat or job that stays the same after a restart. */
  readonly run: string;
  /** At least 32 characters; the AI SDK signs its approvals with it, and refuses messages that were edited or made up. */
  readonly secret: string;
  /** Tools that run unasked, such as those that only read, or that somebody else runs. All others pass the gate. */
  readonly ungated?: readonly (keyof Tools & string)[];
  /** How long the generation itself waits for people before it pauses; 0 by default. */
  readonly waitSeconds?: number;
};

/** Shorter ones can be tried out by whoever holds a signed message. */
const SECRET_LENGTH_MIN = 32;

/**
 * What generateText and streamText need, to be spread into their options. Throws TypeError for a short secret, and for a tool
 * that cannot be stopped here because it has no function of its own.
 */
export function approvals<Tools extends object>(
  gate: Gate,
  { tools, run, secret, ungated = [], waitSeconds = 0 }: ApprovalOptions<Tools>,
): { readonly tools: Tools; readonly experimental_toolApprovalSecret: string } {
  if (typeof secret !== 'string' || secret.length < SECRET_LENGTH_MIN) {
    throw new TypeError(`approvals need a secret of at least ${SECRET_LENGTH_MIN} characters`);
  }
  const names: readonly string[] = ungated;
  const gated = Object.entries(tools).map(([name, tool]) => {
    return [name, names.includes(name) ? tool : gateTool(gate, tool, { run, tool: name, waitSeconds })];
  });
  return { tools: Object.fromEntries(gated), experimental_toolApprovalSecret: secret };
}

type Named = { readonly run: string; readonly tool: string; readonly waitSeconds: number };

function gateTool(gate: Gate, tool: { readonly execute?: Execute }, { waitSeconds, ...named }: Named): object {
  const { execute } = tool;
  if (typeof execute !== 'function') {
    throw new TypeError(
      `the tool ${named.tool} has no execute function, so that it cannot be stopped here: see ungated`,
    );
  }
  // What was asked a moment ago in this process need not be asked again. It only saves a call: the server judges all the same.
  const known = new Map<string, CallReference>();
  const callOf = (input: ToolCall['arguments'], { toolCallId }: CallOptions): ToolCall => {
    return { ...named, id: toolCallId, arguments: input };
  };
  return {
    ...tool,
    needsApproval: async (input: ToolCall['arguments'], options: CallOptions): Promise<boolean> => {
      // Version 6 asks this again of a call that goes on, and denies one that says no: it was paused, whatever became of it.
      if (wasPaused(options)) return true;
      const { state, ...reference } = await gate.ask(callOf(input, options));
      const isPending =
        state === 'pending' && (await gate.wait(reference.id, { timeoutSeconds: waitSeconds })).state === state;
      if (!isPending) known.set(options.toolCallId, reference);
      return isPending;
    },
    execute: async (input: ToolCall['arguments'], options: CallOptions): Promise<unknown> => {
      const call = callOf(input, options);
      const reference = known.get(options.toolCallId);
      known.delete(options.toolCallId);
      const how = {
        signal: options.abortSignal,
        tool: async (parameters: object) => last(await execute.call(tool, parameters as never, options as never)),
      };
      const outcome = await (reference
        ? gate.run(call, { ...how, reference })
        : gate.pass(call, { ...how, waitSeconds: 0 }));
      return outcome.state === 'ran' ? outcome.result : outcome.answer;
    },
  };
}

/** Of a tool that yields what it has so far, the last is its result. */
async function last(result: unknown): Promise<unknown> {
  if (typeof result !== 'object' || result === null || !(Symbol.asyncIterator in result)) return result;
  let value: unknown;
  for await (value of result as AsyncIterable<unknown>);
  return value;
}

/** True when the messages hold a request for the approval of this call. What they say of its answer is not looked at. */
function wasPaused({ toolCallId, messages }: CallOptions): boolean {
  if (!Array.isArray(messages)) return false;
  const parts = messages.flatMap(({ content }: { readonly content?: unknown }) =>
    Array.isArray(content) ? content : [],
  );
  return parts.some((part) => part.type === 'tool-approval-request' && part.toolCallId === toolCallId);
}
