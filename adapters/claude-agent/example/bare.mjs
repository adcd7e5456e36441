// A refund agent of the Claude Agent SDK without approvals: what the model wants, runs.
import { createSdkMcpServer, query, tool } from '@anthropic-ai/claude-agent-sdk';

export async function refundAgent({ definition, prompt, options }) {
  const tools = [tool(...definition)];
  const mcpServers = { orders: createSdkMcpServer({ name: 'orders', tools }) };
  let answer = '';
  for await (const message of query({ prompt, options: { ...options, mcpServers } })) {
    if (message.type === 'result') answer = message.result;
  }
  return answer;
}
