// Puts the gate into the definition of a tool, before the SDK makes a tool of it: a call that people decide on interrupts the
// run, and whatever the state says later, the tool's own function asks the server before it runs.
import type { CallReference, Gate, ToolCall } from '@placet/sdk';

export type ApprovalOptions = {
  /** The id of the agent run: a chat or job that stays the same after a restart; or how it is read from the run's context. */
  readonly run: string | ((context: unknown) => string);
  /** How long the run itself waits for people before it is interrupted; 0 by default. */
  readonly waitSeconds?: number;
};

type Details = { readonly toolCall?: { readonly callId?: string }; readonly signal?: AbortSignal };

/** What `tool()` takes; its other members stay as they are. */
export type ToolDefinition = {
  readonly name: string;
  readonly execute: (input: never, context?: never, details?: never) => unknown;
};

/** Models count their calls anew in each run. */
const keyOf = ({ run, id }: ToolCall): string => JSON.stringify([run, id]);

/**
 * The definition for `tool()`, gated. What it had of `needsApproval` is replaced, since the policy says who is asked. A call that
 * is not run gives the answer for the model, as JSON.
 */
export function gatedTool<Definition extends ToolDefinition>(
  gate: Gate,
  definition: Definition,
  { run, waitSeconds = 0 }: ApprovalOptions,
): Definition {
  const { name, execute } = definition;
  // What was asked a moment ago in this process need not be asked again. It only saves a call: the server judges all the same.
  const known = new Map<string, CallReference>();
  const callOf = (input: ToolCall['arguments'], context: unknown, id = ''): ToolCall => {
    return { run: typeof run === 'function' ? run(context) : run, id, tool: name, arguments: input };
  };
  return {
    ...definition,
    needsApproval: async (context: unknown, input: ToolCall['arguments'], callId?: string): Promise<boolean> => {
      const call = callOf(input, context, callId);
      const { state, ...reference } = await gate.ask(call);
      const isPending =
        state === 'pending' && (await gate.wait(reference.id, { timeoutSeconds: waitSeconds })).state === state;
      if (!isPending) known.set(keyOf(call), reference);
      return isPending;
    },
    execute: async (input: ToolCall['arguments'], context: unknown, details?: Details): Promise<unknown> => {
      const call = callOf(input, context, details?.toolCall?.callId);
      const reference = known.get(keyOf(call));
      known.delete(keyOf(call));
      const how = {
        signal: details?.signal,
        tool: (parameters: object) => execute.call(definition, parameters as never, context as never, details as never),
      };
      const outcome = await (reference
        ? gate.run(call, { ...how, reference })
        : gate.pass(call, { ...how, waitSeconds: 0 }));
      return outcome.state === 'ran' ? outcome.result : JSON.stringify(outcome.answer);
    },
  };
}
