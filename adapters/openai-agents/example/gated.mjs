// The same refund agent of the OpenAI Agents SDK with approvals: it may be killed while people decide, and started again.
import { Agent, Runner, tool } from '@openai/agents';
import { gatedTool, runApproved } from '@placet/openai-agents';
import { createPlacet } from '@placet/sdk';

const { PLACET_URL: url, PLACET_AGENT_KEY: apiKey, STATE_SECRET: secret } = process.env;
const named = ({ order }) => ({ action: 'orders.refund', resource: `order/${order}` });
const gate = createPlacet({ url, apiKey }).gate({ actions: { refund: named } });

export async function refundAgent({ model, definition, input, run, load, save }) {
  const tools = [tool(gatedTool(gate, definition, { run }))];
  const agent = new Agent({ name: 'support', instructions: 'Refund what was lost.', tools, model });
  const runner = new Runner({ tracingDisabled: true });
  const result = await runApproved(runner, agent, input, { gate, run, secret, load, save });
  return result.finalOutput;
}
