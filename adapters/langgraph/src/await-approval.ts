// In a node: a call runs once it is approved, and the thread pauses until then. The node may run again as often as LangGraph
// likes, in any process: what it asks for is asked once, and what has run is not run again.
import { getConfig, interrupt } from '@langchain/langgraph';
import type { CallOutcome, CallTool, Gate, ToolCall } from '@placet/sdk';
import { type ApprovalInterrupt, DECIDED } from './interrupts.ts';

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
  const named = { ...call, run };
  const how = { tool, ...(signal && { signal }) };
  if (waitSeconds === Number.POSITIVE_INFINITY) return decided(await gate.pass<Result>(named, how));
  const { state, ...reference } = await gate.ask(named, { signal });
  if (state === 'approved') return decided(await gate.run<Result>(named, { ...how, reference }));
  const value: ApprovalInterrupt = { placet: { ...reference, tool: call.tool } };
  const isPending = async (timeoutSeconds: number) =>
    (await gate.wait(reference.id, { timeoutSeconds, signal })).state === 'pending';
  // LangGraph answers interrupts by their place in the node. What people are asked for once has its place for good, also when the
  // node runs again after it was decided, or our answer would be taken for that of an interrupt that follows.
  if (state === 'pending') await pauseUnless(value, async () => waitSeconds > 0 && !(await isPending(waitSeconds)));
  for (;;) {
    const outcome = await gate.pass<Result>(named, { ...how, waitSeconds: 0 });
    if (isDecided(outcome)) return outcome;
    // Whatever the thread is resumed with decides nothing: who resumes it too early, or forges an answer, finds it waiting.
    pause(value);
  }
}

/** Takes its place all the same; where the thread was not resumed yet, the node may go on when `isOver` says so. */
async function pauseUnless(value: ApprovalInterrupt, isOver: () => Promise<boolean>): Promise<void> {
  try {
    pause(value);
  } catch (paused) {
    if (!(await isOver())) throw paused;
  }
}

/** As many places as answers that are none of ours, so that they are as many when the node runs again. */
function pause(value: ApprovalInterrupt): void {
  while (interrupt(value) !== DECIDED);
}

function decided<Result>(outcome: CallOutcome<Result>): DecidedCall<Result> {
  if (isDecided(outcome)) return outcome;
  throw new TypeError('a call cannot be pending after the wait');
}

function isDecided<Result>(outcome: CallOutcome<Result>): outcome is DecidedCall<Result> {
  return outcome.state !== 'pending';
}
