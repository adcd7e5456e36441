// What the example needs of MCP beside its server: the tool's definition, and a client in this process that makes the calls, each
// with an id of its job.
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { createMcpHandler } from '@modelcontextprotocol/server';
import { z } from 'zod';

const ROUNDS_MAX = 3_600;
const KEY = 'example/call';

export function partsOf(refund, wanted, job) {
  const inputSchema = z.object({ order: z.string(), amount: z.number() });
  const callFrom = async (makeServer) => {
    const endpoint = createMcpHandler(makeServer);
    const transport = new StreamableHTTPClientTransport(new URL('http://localhost/mcp'), {
      fetch: (url, init) => endpoint.fetch(new Request(url, init)),
    });
    const options = { versionNegotiation: { mode: 'auto' }, inputRequired: { maxRounds: ROUNDS_MAX } };
    const client = new Client({ name: 'example', version: '1' }, options);
    await client.connect(transport);
    const calls = wanted.map(({ id, args }) => {
      return client.callTool({ name: 'refund', arguments: args, _meta: { [KEY]: `${job}/${id}` } });
    });
    const results = await Promise.all(calls);
    await client.close();
    return results.map(({ content }) => content[0].text).join('\n');
  };
  return {
    info: { name: 'orders', version: '1' },
    config: { description: 'Pays an order back.', inputSchema },
    refund: async (args) => ({ content: [{ type: 'text', text: await refund(args) }] }),
    callFrom,
    callId: ({ mcpReq }) => mcpReq._meta?.[KEY],
  };
}
