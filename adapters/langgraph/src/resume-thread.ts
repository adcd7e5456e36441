// From outside: waits for the approvals that a thread is interrupted for, and resumes it, each as soon as it is decided. All it
// needs is the thread's id, so any process may do it, also days later.
import { Command } from '@langchain/langgraph';
import type { Gate } from '@placet/sdk';
import { type ApprovalInterrupt, approvalInterruptsOf, DECIDED } from './interrupts.ts';

type Config = { readonly configurable: { readonly thread_id: string } };

/** A compiled graph; of an agent of LangChain, its `graph`. */
export type Resumable<Values> = {
  getState(config: Config): Promise<Parameters<typeof approvalInterruptsOf>[0] & { readonly values: unknown }>;
  /** A command has a type for each graph. */
  invoke(input: never, config: Config & { readonly signal?: AbortSignal }): Promise<Values>;
};

/**
 * Goes on until the thread waits for no approval any more, and gives its values; at once when it waits for none. Throws what the
 * gate and the graph throw; call it again then.
 */
export async function resumeThread<Values>(
  graph: Resumable<Values>,
  { gate, thread, signal }: { readonly gate: Gate; readonly thread: string; readonly signal?: AbortSignal | undefined },
): Promise<Values> {
  const config = { configurable: { thread_id: thread }, ...(signal && { signal }) };
  // A task that has ended keeps its interrupt until all beside it have: what was resumed is not resumed again.
  const resumed = new Set<string>();
  for (;;) {
    const state = await graph.getState(config);
    const waiting = approvalInterruptsOf(state).filter(({ id }) => !resumed.has(id));
    if (waiting.length === 0) return state.values as Values;
    const decided = await firstDecided(gate, waiting, signal);
    // By id, so that no other interrupt of the thread takes it for an answer. The value says nothing: the node asks again.
    for (const id of decided) resumed.add(id);
    const resume = Object.fromEntries(decided.map((id) => [id, DECIDED]));
    await graph.invoke(new Command({ resume }) as never, config);
  }
}

type Waiting = readonly { readonly id: string; readonly value: ApprovalInterrupt }[];

/** The interrupts whose requests are not pending any more: at least one. */
async function firstDecided(gate: Gate, waiting: Waiting, signal: AbortSignal | undefined): Promise<string[]> {
  const done = new AbortController();
  const either = signal === undefined ? done.signal : AbortSignal.any([signal, done.signal]);
  const waits = waiting.map(({ value }) => gate.wait(value.placet.id, { signal: either }));
  try {
    await Promise.race(waits);
  } finally {
    done.abort();
    await Promise.allSettled(waits);
  }
  const now = await Promise.all(waiting.map(({ value }) => gate.wait(value.placet.id, { timeoutSeconds: 0, signal })));
  return waiting.filter((_, place) => now[place]?.state !== 'pending').map(({ id }) => id);
}
