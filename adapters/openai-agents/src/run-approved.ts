// A whole run with its interruptions: from the input, or from where a process before has left it, to its end.
import { type Runner, RunState } from '@openai/agents';
import type { Gate } from '@placet/sdk';
import { answerInterruptions } from './answer-interruptions.ts';
import { openState, sealState } from './sealed-state.ts';

export type ApprovedRun = {
  readonly gate: Gate;
  /** The id of the agent run: the same after a restart. */
  readonly run: string;
  /** At least 32 characters: what is saved is sealed with it. */
  readonly secret: string;
  /** What was saved of this run; nothing when it is new. */
  readonly load: () => Promise<string | null | undefined>;
  readonly save: (sealed: string) => Promise<unknown>;
  readonly signal?: AbortSignal;
};

type Interrupted = Parameters<typeof answerInterruptions>[1];

/** The result of the run once no call of it waits any more. It may be killed anywhere, and called again by any process. */
export async function runApproved<Result extends { readonly state: object } = Awaited<ReturnType<Runner['run']>>>(
  runner: Pick<Runner, 'run'>,
  // Agents and states have a type for each output and context.
  agent: object,
  input: string | readonly object[],
  { gate, run, secret, load, save, signal }: ApprovedRun,
): Promise<Result> {
  const go = (from: unknown) => runner.run(agent as never, from as never, { signal }) as never as Promise<Result>;
  const saved = await load();
  let from: unknown = input;
  if (saved) {
    from = await RunState.fromString(agent as never, await openState(saved, { run, secret }));
    await answerInterruptions(gate, from as Interrupted, { run, signal });
  }
  let result = await go(from);
  for (;;) {
    const state = result.state as Interrupted & { toString: () => string };
    if (state.getInterruptions().length === 0) return result;
    await save(await sealState(state.toString(), { run, secret }));
    await answerInterruptions(gate, state, { run, signal });
    result = await go(state);
  }
}
