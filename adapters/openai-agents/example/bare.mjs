// A refund agent of the OpenAI Agents SDK without approvals: what the model wants, runs.
import { Agent, Runner, tool } from '@openai/agents';

export async function refundAgent({ model, definition, input }) {
  const tools = [tool(definition)];
  const agent = new Agent({ name: 'support', instructions: 'Refund what was lost.', tools, model });
  const runner = new Runner({ tracingDisabled: true });
  const result = await runner.run(agent, input);
  return result.finalOutput;
}
