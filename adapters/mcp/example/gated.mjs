// The same MCP server with approvals: client and server may be killed while people decide, and started again.
import { McpServer } from '@modelcontextprotocol/server';
import { createHolds } from '@placet/mcp';
import { createPlacet } from '@placet/sdk';

const { PLACET_URL: url, PLACET_AGENT_KEY: apiKey, STATE_SECRET: secret } = process.env;
const named = ({ order }) => ({ action: 'orders.refund', resource: `order/${order}` });
const gate = createPlacet({ url, apiKey }).gate({ actions: { refund: named } });

export async function refundAgent({ info, config, refund, callFrom, callId }) {
  const makeServer = () => {
    const holds = createHolds(gate, { secret, callId, principal: () => 'support' });
    const server = new McpServer(info, { requestState: holds.requestState });
    server.registerTool('refund', config, holds.hold('refund', refund));
    server.registerTool(...holds.awaitTool);
    return server;
  };
  return callFrom(makeServer);
}
