// An agent of the OpenAI Agents SDK with a model of the test's own: it wants the given calls, then says that it is done.
import { Agent, type Model, Runner, RunState, tool, Usage } from '@openai/agents';
import { gatedTool } from '@placet/openai-agents';
import type { Gate } from '@placet/sdk';
import { z } from 'zod';

export type Wanted = {
  readonly name: string;
  readonly callId: string;
  readonly input: { readonly [name: string]: unknown };
};
export type Ran = { readonly name: string; readonly input: unknown };
type Output = { readonly callId: string; readonly output: unknown };

const parameters = z.object({ order: z.string(), amount: z.number() });

/** What a test does with an agent; a new process would make the same. */
export function makeAgent(options: {
  readonly wanted: readonly Wanted[];
  readonly ran: Ran[];
  /** Without one, a tool asks as an application writes it today. */
  readonly gate?: Gate;
  readonly run?: string;
}) {
  const { gate, ran, run = 'run-1', wanted } = options;
  let outputs: readonly Output[] = [];
  const tools = ['refund', 'read', 'purge'].map((name) => {
    const definition = {
      name,
      description: name,
      parameters,
      needsApproval: async () => name !== 'read',
      execute: async (input: z.infer<typeof parameters>) => {
        ran.push({ name, input });
        return `${name} done`;
      },
    };
    return tool(gate === undefined ? definition : gatedTool(gate, definition, { run }));
  });
  const model = {
    getResponse: async ({ input }: { readonly input: string | readonly { readonly type?: string }[] }) => {
      outputs = typeof input === 'string' ? [] : (input.filter(({ type }) => type === 'function_call_result') as never);
      const calls = wanted.map(({ name, callId, input: args }) => {
        return { type: 'function_call', callId, name, status: 'completed', arguments: JSON.stringify(args) };
      });
      const text = { type: 'output_text', text: 'done' };
      const message = { type: 'message', role: 'assistant', status: 'completed', content: [text] };
      return { usage: new Usage(), output: outputs.length > 0 ? [message] : calls };
    },
  } as never as Model;
  const agent = new Agent({ name: 'support', instructions: 'Refund what was lost.', tools, model });
  const runner = new Runner({ tracingDisabled: true });
  return {
    start: () => runner.run(agent, 'Refund what was lost.'),
    resume: (state: RunState<unknown, typeof agent>) => runner.run(agent, state as never),
    read: (text: string) => RunState.fromString(agent, text) as Promise<RunState<unknown, typeof agent>>,
    /** What the model was answered for each of its calls. */
    answers: () => Object.fromEntries(outputs.map(({ callId, output }) => [callId, textOf(output)])),
  };
}

function textOf(output: unknown): string {
  if (typeof output === 'object' && output !== null && 'text' in output) return String(output.text);
  return Array.isArray(output) ? output.map(textOf).join('') : String(output);
}
