// The same refund agent of the Claude Agent SDK with approvals: it may be killed while people decide, and started again.
import { createSdkMcpServer, tool } from '@anthropic-ai/claude-agent-sdk';
import { createApprovals } from '@placet/claude-agent';
import { createPlacet } from '@placet/sdk';

const { PLACET_URL: url, PLACET_AGENT_KEY: apiKey } = process.env;
const named = ({ order }) => ({ action: 'orders.refund', resource: `order/${order}` });
const gate = createPlacet({ url, apiKey }).gate({ actions: { mcp__orders__refund: named } });

export async function refundAgent({ definition, prompt, options, run, load, save }) {
  const { hold, query } = createApprovals(gate, { run, load, save });
  const tools = [hold(tool(...definition))];
  const mcpServers = { orders: createSdkMcpServer({ name: 'orders', tools }) };
  let answer = '';
  for await (const message of query({ prompt, options: { ...options, mcpServers } })) {
    if (message.type === 'result') answer = message.result;
  }
  return answer;
}
