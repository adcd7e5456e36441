// A server with held tools and real clients of both eras, over the SDK's own HTTP handler; no socket is needed between them.
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server';
import { createHolds } from '@placet/mcp';
import type { Gate } from '@placet/sdk';
import { z } from 'zod';

export type Era = '2026-07-28' | '2025-11-25';
const SECRET = 'a secret of the tests, long enough';
export type Answer = { readonly isError?: boolean; readonly text: string };

type Serve = {
  readonly gate: Gate;
  readonly ran: unknown[];
  readonly waitSeconds?: number;
  readonly principal?: () => string;
};

/** The endpoint of a server as its author writes it: a new process would make the same. */
export function endpointOf({ gate, ran, waitSeconds = 0, principal }: Serve) {
  return createMcpHandler(() => {
    const holds = createHolds(gate, { secret: SECRET, waitSeconds, ...(principal && { principal }) });
    const server = new McpServer({ name: 'orders', version: '1' }, { requestState: holds.requestState });
    const inputSchema = z.object({ order: z.string(), amount: z.number() });
    for (const tool of ['refund', 'purge', 'read']) {
      const handler = holds.hold(tool, (args: z.output<typeof inputSchema>) => {
        ran.push(args);
        return { content: [{ type: 'text', text: `${tool} done` }] };
      });
      server.registerTool(tool, { description: tool, inputSchema }, handler);
    }
    server.registerTool(...holds.awaitTool);
    return server;
  });
}

/** A client of that era, as the user; `maxRounds` of 1 leaves a held call to the test. */
export async function connect(
  endpoint: { readonly fetch: (request: Request, options: never) => Promise<Response> },
  {
    era,
    principal = 'alice',
    maxRounds = 200,
  }: { readonly era: Era; readonly principal?: string; readonly maxRounds?: number },
) {
  const mode = era === '2026-07-28' ? ('auto' as const) : ('legacy' as const);
  const client = new Client(
    { name: 'test', version: '1' },
    { versionNegotiation: { mode }, inputRequired: { maxRounds } },
  );
  // One client of many users, as OAuth has it.
  const authInfo = { token: 'one', clientId: 'assistant', scopes: [], ...(principal && { extra: { sub: principal } }) };
  const transport = new StreamableHTTPClientTransport(new URL('http://localhost/mcp'), {
    fetch: (url, init) => endpoint.fetch(new Request(url, init), { authInfo } as never),
  });
  await client.connect(transport);
  const call = async (name: string, args: { readonly [name: string]: unknown }, more: object = {}): Promise<Answer> => {
    const result = await client.callTool({ name, arguments: args, ...more } as never);
    const [first] = result.content as { readonly text?: string }[];
    return { ...(result.isError && { isError: true }), text: first?.text ?? '' };
  };
  return { client, call };
}
