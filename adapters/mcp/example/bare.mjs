// An MCP server with a tool that refunds, without approvals: what a client calls, runs.
import { McpServer } from '@modelcontextprotocol/server';

export async function refundAgent({ info, config, refund, callFrom }) {
  const makeServer = () => {
    const server = new McpServer(info);
    server.registerTool('refund', config, refund);
    return server;
  };
  return callFrom(makeServer);
}
