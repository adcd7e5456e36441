// For authors of MCP servers: a tool's call is held until people have decided, in both eras of the protocol. What the client
// keeps meanwhile is sealed, and good for its own principal, tool and arguments; and it decides nothing, since the gate asks
// the server.
import { randomUUID } from 'node:crypto';
import {
  type CallToolResult,
  type InputRequiredResult,
  inputRequired,
  type ServerContext,
} from '@modelcontextprotocol/server';
import { type Gate, openState, sealState, type ToolCall } from '@placet/sdk';
import { canonicalBytes } from '@placet/sdk/canonical';
import { z } from 'zod';

type Arguments = ToolCall['arguments'];
type Handler = (args: never, ctx: ServerContext) => CallToolResult | Promise<CallToolResult>;
type Held = { readonly id: string; readonly tool: string; readonly arguments: Arguments; readonly until: number };

export type HoldOptions = {
  /** At least 32 characters, the same in every process that serves these tools. */
  readonly secret: string;
  /** Who calls; by default the OAuth client of the request, else one name for all, as over stdio. */
  readonly principal?: (ctx: ServerContext) => string;
  /**
   * The caller's own id of a call, which stays when it is made again, such as the one of the job it is part of: a client or
   * server that dies before the call was answered asks for nothing twice. By default each call without request state is new.
   */
  readonly callId?: (ctx: ServerContext) => string | undefined;
  /** How long one request is held, 25 seconds by default: shorter than what clients and proxies bear. */
  readonly waitSeconds?: number;
};

export type Holds = {
  /** For the options of `McpServer`: refuses request state that is not ours, or of another principal. */
  readonly requestState: { readonly verify: (state: string, ctx: ServerContext) => Promise<Held> };
  /** The handler of a tool, which runs once its call is approved. Give it the name under which the tool is registered. */
  readonly hold: <Args>(
    tool: string,
    handler: (args: Args, ctx: ServerContext) => CallToolResult | Promise<CallToolResult>,
  ) => (args: Args, ctx: ServerContext) => Promise<CallToolResult | InputRequiredResult>;
  /** Name, configuration and handler of a tool to register beside: clients of 2025 go on with a held call by it. */
  readonly awaitTool: readonly [
    'await_approval',
    { readonly description: string; readonly inputSchema: typeof AWAIT_SCHEMA },
    (args: z.output<typeof AWAIT_SCHEMA>, ctx: ServerContext) => Promise<CallToolResult | InputRequiredResult>,
  ];
};

const AWAIT_SCHEMA = z.object({ held: z.string().describe('What the held call answered as `held`.') });
const WAIT_SECONDS = 25;
/** A request is pending for a day at most; then what is held is worth nothing. */
const HELD_MS_MAX = 25 * 3_600_000;

/** The holds of one server. Throws TypeError for a short secret, at the first call. */
export function createHolds(gate: Gate, options: HoldOptions): Holds {
  const { secret, waitSeconds = WAIT_SECONDS } = options;
  const principal = options.principal ?? ((ctx: ServerContext) => ctx.http?.authInfo?.clientId ?? 'local');
  const sealOf = (ctx: ServerContext) => ({ secret, binding: `mcp/${principal(ctx)}` });
  const handlers = new Map<string, Handler>();

  const open = async (state: string, ctx: ServerContext): Promise<Held> => {
    const held: Held = JSON.parse(await openState(state, sealOf(ctx)));
    if (held.until <= Date.now()) throw new Error('what was held is over');
    return held;
  };

  const pass = async (held: Held, ctx: ServerContext): Promise<CallToolResult | InputRequiredResult> => {
    const handler = handlers.get(held.tool);
    if (handler === undefined) throw new Error(`there is no tool ${held.tool}`);
    const call = { run: `mcp/${principal(ctx)}`, ...held };
    const outcome = await gate.pass<CallToolResult>(call, {
      tool: async (parameters) => handler(parameters as never, ctx),
      waitSeconds,
      signal: ctx.mcpReq.signal,
    });
    if (outcome.state === 'ran') return outcome.result;
    if (outcome.state !== 'pending') return tell(outcome.answer);
    const requestState = await sealState(JSON.stringify(held), sealOf(ctx));
    // The envelope is of 2026-07-28: such a client asks again by itself. One of 2025 is given what it needs to.
    if (ctx.mcpReq.envelope !== undefined) return inputRequired({ requestState });
    return tell({
      ...outcome.answer,
      held: requestState,
      next: 'Call await_approval with `held` to go on with this call.',
    });
  };

  return {
    requestState: { verify: open },
    hold: (tool, handler) => {
      handlers.set(tool, handler as Handler);
      return async (args, ctx) => {
        const parameters = args as Arguments;
        const held = ctx.mcpReq.requestState<Held>();
        if (held === undefined) {
          const id = options.callId?.(ctx) ?? randomUUID();
          return pass({ id, tool, arguments: parameters, until: Date.now() + HELD_MS_MAX }, ctx);
        }
        if (held.tool !== tool || !isSame(held.arguments, parameters))
          throw new Error('the request state is of another call');
        return pass(held, ctx);
      };
    },
    awaitTool: [
      'await_approval',
      { description: 'Goes on with a call that waits for an approval.', inputSchema: AWAIT_SCHEMA },
      async ({ held }, ctx) => pass(await open(held, ctx), ctx),
    ],
  };
}

/** An answer as data, and no result of the tool. */
function tell(answer: object): CallToolResult {
  return { isError: true, content: [{ type: 'text', text: JSON.stringify(answer) }] };
}

function isSame(one: Arguments, other: Arguments): boolean {
  return Buffer.compare(canonicalBytes(one as never), canonicalBytes(other as never)) === 0;
}
