// The other half of an interruption: what people have decided is given to the state, call by call. It lets nothing run by itself;
// it is what brings the call back to its tool, which asks the server. Never for always: each call has its own answer.
import type { Gate, ToolCall } from '@placet/sdk';
import type { ApprovalOptions } from './gated-tool.ts';

type Item = { readonly rawItem: object; readonly name?: string | undefined };

/** RunState of the SDK. */
export type InterruptedState<Interruption extends Item> = {
  getInterruptions(): Interruption[];
  approve(item: Interruption): void;
  reject(item: Interruption, options?: { message?: string }): void;
};

/**
 * Waits, and answers each interruption that is decided; gives how many are still pending after `waitSeconds` (as long as people
 * have, by default, until the first is decided). Run the state again then: it goes on with what is decided.
 */
export async function answerInterruptions<Interruption extends Item>(
  gate: Gate,
  state: InterruptedState<Interruption>,
  {
    run,
    waitSeconds,
    signal,
  }: { readonly run: string; readonly waitSeconds?: ApprovalOptions['waitSeconds']; readonly signal?: AbortSignal },
): Promise<number> {
  const items = state.getInterruptions();
  if (items.length === 0) return 0;
  const done = new AbortController();
  const either = signal === undefined ? done.signal : AbortSignal.any([signal, done.signal]);
  const ids = await Promise.all(items.map(async (item) => (await gate.ask(callOf(item, run), { signal: either })).id));
  const how = { signal: either, ...(waitSeconds !== undefined && { timeoutSeconds: waitSeconds }) };
  const waits = ids.map((id) => gate.wait(id, how));
  try {
    await Promise.race(waits);
  } finally {
    done.abort();
    await Promise.allSettled(waits);
  }
  const requests = await Promise.all(ids.map((id) => gate.wait(id, { timeoutSeconds: 0, ...(signal && { signal }) })));
  let pending = 0;
  for (const [place, item] of items.entries()) {
    const request = requests[place];
    if (request === undefined || request.state === 'pending') pending += 1;
    else if (request.state === 'approved') state.approve(item);
    else state.reject(item, { message: JSON.stringify(gate.answer(request)) });
  }
  return pending;
}

/** The call as the state has it now: what was edited is another call, which people have not seen. */
function callOf({ rawItem, name = '' }: Item, run: string): ToolCall {
  const { callId, arguments: text } = rawItem as { readonly callId?: string; readonly arguments?: string };
  return { run, id: callId ?? '', tool: name, arguments: JSON.parse(text ?? '') };
}
