// An MCP server for agents that have nothing else: it asks, waits, and marks the beginning and the end of what was approved.
// No tool of it decides: decisions are people's, in Slack.
import { type CallToolResult, McpServer } from '@modelcontextprotocol/server';
import {
  type ActionEnvelope,
  type ApprovalRequest,
  actionDigest,
  type CallAnswer,
  type MaskRule,
  type Placet,
  PlacetApiError,
  PlacetUnreachableError,
  type StartedExecution,
} from '@placet/sdk';
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

/** More asks of one process do not wait at once; the oldest goes, and whoever begins it asks again first. */
const KEPT_MAX = 1_000;
/** The salts of what the policy masks, by request: only the answer to an ask has them, and each repeat of it. */
const keptSalts = new WeakMap<Placet, Map<string, { readonly [name: string]: string }>>();

/**
 * A server over the client of one agent; each request may make its own. What `mask` finds, by default what looks like a secret,
 * is masked before it leaves this process, when it is asked for and when it is begun.
 */
export function createApprovalServer(placet: Placet, options: { readonly mask?: readonly MaskRule[] } = {}): McpServer {
  const mask = placet.mask(options.mask);
  const answerOf = placet.gate().answer;
  const summary = (request: ApprovalRequest) => summaryOf(request, answerOf(request));
  const masked = ({ resource, parameters, ...rest }: ActionEnvelope) => {
    return { ...rest, resource: mask.text(resource), parameters: mask.parameters(parameters) };
  };
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
        placet.request(
          { ...masked(ask), justification: justification && mask.text(justification) },
          call_id === undefined ? {} : { idempotencyKey: call_id },
        ),
        (request) => {
          keepSalts(placet, request);
          return summary(request);
        },
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
      answer(begin(placet, approval_request_id, masked(about)), (started: StartedExecution) => ({
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
    ({ approval_request_id, detail, ...report }) =>
      answer(
        placet.report(approval_request_id, { ...report, ...(detail !== undefined && { detail: mask.text(detail) }) }),
        (result) => result,
      ),
  );
  return server;
}

function keepSalts(placet: Placet, { id, masked }: ApprovalRequest): void {
  const salts = Object.entries(masked ?? {}).flatMap(([name, { salt }]) => (salt === null ? [] : [[name, salt]]));
  if (salts.length === 0) return;
  const kept = keptSalts.get(placet) ?? new Map();
  keptSalts.set(placet, kept);
  kept.delete(id);
  kept.set(id, Object.fromEntries(salts));
  if (kept.size > KEPT_MAX) kept.delete(kept.keys().next().value);
}

async function begin(placet: Placet, id: string, about: ActionEnvelope): Promise<StartedExecution> {
  return placet.start(id, actionDigest(about, keptSalts.get(placet)?.get(id)));
}

/** What an agent needs to know of a request, as a gate tells it; a no is final. */
function summaryOf({ id, state, digest, outcome }: ApprovalRequest, ended: CallAnswer | null) {
  const about = { approval_request_id: id, state, digest };
  if (state === 'pending') return { ...about, pending: true, retry: false };
  return { ...about, ...(outcome !== null && { by: outcome.by, reason: outcome.reason }), ...ended };
}

/** Whether the same call may go through later: Placet was away, or says so. */
function isAgain(error: Error): boolean {
  return (
    error instanceof PlacetUnreachableError || (error instanceof PlacetApiError && error.problem['retryable'] === true)
  );
}

/** An error of the API keeps its code: the SDK of MCP would tell its message alone. */
async function answer<T>(work: Promise<T>, tell: (value: T) => object): Promise<CallToolResult> {
  try {
    return { content: [{ type: 'text', text: JSON.stringify(tell(await work)) }] };
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error)) throw error;
    const { code, message } = error;
    return {
      isError: true,
      content: [{ type: 'text', text: JSON.stringify({ code, message, retry: isAgain(error) }) }],
    };
  }
}
