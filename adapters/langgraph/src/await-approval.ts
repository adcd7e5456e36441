// In a node: a call runs once it is approved, and the thread pauses until then. The node may run again as often as LangGraph
// likes, in any process: what it asks for is asked once, and what has run is not run again.
import { getConfig, interrupt } from '@langchain/langgraph';
import type { CallOutcome, CallTool, Gate, ToolCall } from '@placet/sdk';
import type { ApprovalInterrupt } from './interrupts.ts';

/** A tool call; its run is the thread, unless said otherwise. */
export type AwaitedCall = Omit<ToolCall, 'run'> & { readonly run?: string | undefined };

export type AwaitInput<Result> = {
  readonly tool: CallTool<Result>;
  /** How long the node itself waits before the thread pauses; 0 by default. Infinity never pauses, and needs no checkpointer. */
  readonly waitSeconds?: number | undefined;
};

/** What became of a call that people, or the policy, have decided on. */
export type DecidedCall<Result> = Exclude<CallOutcome<Result>, { readonly state: 'pending' }>;

/**
 * Runs the call if it is approved; else says why not. While it is pending the thread is interrupted: do not catch what is thrown.
 * Throws what a gate throws, and then nothing has run.
 */
export async function awaitApproval<Result>(
  gate: Gate,
  call: AwaitedCall,
  { tool, waitSeconds = 0 }: AwaitInput<Result>,
): Promise<DecidedCall<Result>> {
  const { configurable, signal } = getConfig();
  const thread: unknown = configurable?.['thread_id'];
  // Without either the gate refuses, and nothing is asked.
  const run = call.run ?? (typeof thread === 'string' ? thread : '');
  for (;;) {
    const outcome = await gate.pass<Result>({ ...call, run }, { tool, waitSeconds, ...(signal && { signal }) });
    if (isDecided(outcome)) return outcome;
    // Whatever the thread is resumed with decides nothing: who resumes it too early, or forges an answer, finds it waiting.
    const value: ApprovalInterrupt = { placet: { ...outcome.reference, tool: call.tool } };
    interrupt(value);
  }
}

function isDecided<Result>(outcome: CallOutcome<Result>): outcome is DecidedCall<Result> {
  return outcome.state !== 'pending';
}
