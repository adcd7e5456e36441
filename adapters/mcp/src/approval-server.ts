// An MCP server for agents that have nothing else: it asks, waits, and marks the beginning and the end of what was approved.
// No tool of it decides: decisions are people's, in Slack.
import { type CallToolResult, McpServer } from '@modelcontextprotocol/server';
import { type ApprovalRequest, actionDigest, type Placet, type StartedExecution } from '@placet/sdk';
import { z } from 'zod';

/** Shorter than what clients and proxies bear. */
const WAIT_SECONDS_MAX = 50;
const WAIT_SECONDS = 25;

const action = {
  action: z.string().describe('What is to be done, such as orders.refund.'),
  resource: z.string().describe('On what, such as order/A-1001.'),
  parameters: z.record(z.string(), z.json()).default({}).describe('Everything that decides what will be done.'),
};
const id = { approval_request_id: z.string() };

/** A server over the client of one agent. It holds no other state, so each request may make its own. */
export function createApprovalServer(placet: Placet): McpServer {
  const server = new McpServer({ name: 'placet', version: '0.1.0' });
  server.registerTool(
    'request_approval',
    {
      description: 'Ask people for the approval of one action. Nothing may be done before it is approved and begun.',
      inputSchema: z.object({
        ...action,
        justification: z.string().optional(),
        call_id: z.string().optional().describe('The id of this ask: the same again asks for nothing twice.'),
      }),
    },
    ({ call_id, justification, ...ask }) =>
      answer(
        placet.request({ ...ask, justification }, call_id === undefined ? {} : { idempotencyKey: call_id }),
        summary,
      ),
  );
  server.registerTool(
    'await_approval',
    {
      description: 'Wait for the decision of people. Call it again while the state is pending.',
      inputSchema: z.object({
        ...id,
        wait_seconds: z.number().int().min(0).max(WAIT_SECONDS_MAX).default(WAIT_SECONDS),
      }),
    },
    ({ approval_request_id, wait_seconds }, { mcpReq: { signal } }) =>
      answer(placet.get(approval_request_id, { waitSeconds: wait_seconds, signal }), summary),
  );
  server.registerTool(
    'begin_approved',
    {
      description:
        'Begin what was approved, once, with the very action that you are about to do. Do it only if this succeeds.',
      inputSchema: z.object({ ...id, ...action }),
    },
    ({ approval_request_id, ...about }) =>
      answer(placet.start(approval_request_id, actionDigest(about)), (started: StartedExecution) => ({
        begun: true,
        ...started,
      })),
  );
  server.registerTool(
    'report_result',
    {
      description: 'Say how what was begun went.',
      inputSchema: z.object({ ...id, status: z.enum(['succeeded', 'failed']), detail: z.string().optional() }),
    },
    ({ approval_request_id, ...report }) => answer(placet.report(approval_request_id, report), (result) => result),
  );
  return server;
}

/** What an agent needs to know of a request; a no is final. */
function summary({ id, state, digest, outcome }: ApprovalRequest) {
  const ended = outcome === null ? {} : { by: outcome.by, reason: outcome.reason };
  return { approval_request_id: id, state, digest, ...ended, ...(state === 'denied' && { retry: false }) };
}

/** An error of the API keeps its code: the SDK of MCP would tell its message alone. */
async function answer<T>(work: Promise<T>, tell: (value: T) => object): Promise<CallToolResult> {
  try {
    return { content: [{ type: 'text', text: JSON.stringify(tell(await work)) }] };
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error)) throw error;
    const { code, message } = error;
    return { isError: true, content: [{ type: 'text', text: JSON.stringify({ code, message }) }] };
  }
}
