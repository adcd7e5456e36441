#!/usr/bin/env node
// `placet-mcp`: the approval server over stdio, as an MCP client starts it. PLACET_URL and PLACET_AGENT_KEY say where and as
// whom.
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { createPlacet } from '@placet/sdk';
import { createApprovalServer } from './approval-server.ts';

const { PLACET_URL: url, PLACET_AGENT_KEY: apiKey } = process.env;
if (url === undefined || apiKey === undefined) {
  console.error('placet-mcp needs PLACET_URL and PLACET_AGENT_KEY in its environment.');
  process.exit(78);
}
const placet = createPlacet({ url, apiKey });
serveStdio(() => createApprovalServer(placet));
