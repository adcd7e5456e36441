// A demo tool: an orders service that refunds only what was approved. It uses the SDK and node:http, nothing else.
// Alone: PLACET_URL=http://127.0.0.1:8420 TOOL_PORT=4100 node dist/examples/tool.js
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pathToFileURL } from 'node:url';
import { authorizeCall, CredentialError, PlacetApiError } from '@placet/sdk';
import { type JsonValue, parseStrictJson } from '@placet/sdk/canonical';

export type ToolOptions = {
  /** The approval API, which also publishes the keys. */
  readonly placetUrl: string;
  /** Who signs credentials; the API's public URL, where it differs from `placetUrl`. */
  readonly issuer?: string;
  /** The name of this tool, as rules and credentials write it. */
  readonly audience: string;
  /** 0, the default, takes any free port. */
  readonly port?: number;
  readonly say?: (line: string) => void;
};

type Refund = { readonly order: string; readonly amount: number; readonly currency: string };

export type Tool = { readonly url: string; readonly refunds: readonly Refund[]; readonly close: () => Promise<void> };

/** A refund is three short members. */
const BODY_BYTES_MAX = 1_024;

/** Starts the orders service on the loopback address; `refunds` lists what it has paid back. */
export async function startTool(options: ToolOptions): Promise<Tool> {
  const refunds: Refund[] = [];
  const server = createServer(async (message, response) => {
    const answer = await handle(message, options, refunds);
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(JSON.stringify(answer.body));
  });
  await new Promise<void>((resolve, fail) => {
    server.once('error', fail).listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { url: `http://127.0.0.1:${port}`, refunds, close };
}

type Answer = { readonly status: number; readonly body: { readonly [name: string]: unknown } };

async function handle(message: IncomingMessage, options: ToolOptions, refunds: Refund[]): Promise<Answer> {
  const { say = () => undefined } = options;
  if (message.method !== 'POST' || message.url !== '/refunds') return { status: 404, body: { error: 'not_found' } };
  try {
    const refund = toRefund(parseStrictJson(await readBody(message), { bytesMax: BODY_BYTES_MAX }));
    if (refund === undefined) return { status: 422, body: { error: 'invalid_request' } };
    await authorize(message, options, refund);
    // Only now, and with the very object that was compared.
    refunds.push(refund);
    say(`tool: refunded ${refund.amount} ${refund.currency} for order ${refund.order}`);
    return { status: 200, body: { refunded: refund } };
  } catch (error) {
    const code = error instanceof CredentialError || error instanceof PlacetApiError ? error.code : 'failed';
    say(`tool: refused (${code})`);
    // The caller learns no more than "no"; the code stays in our log.
    return { status: 403, body: { error: 'not_authorized' } };
  }
}

/** Throws unless the caller holds an unspent credential for exactly this refund. */
async function authorize(message: IncomingMessage, options: ToolOptions, refund: Refund): Promise<void> {
  const { placetUrl, audience, issuer = placetUrl } = options;
  const { order, amount, currency } = refund;
  await authorizeCall({
    url: placetUrl,
    keys: `${placetUrl}/.well-known/jwks.json`,
    issuer,
    audience,
    token: /^Bearer (\S+)$/.exec(message.headers.authorization ?? '')?.[1] ?? '',
    action: { action: 'orders.refund', resource: `order/${order}`, parameters: { amount, currency } },
  });
}

async function readBody(message: IncomingMessage): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of message) {
    length += chunk.length;
    if (length > BODY_BYTES_MAX) throw new RangeError('the body is too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function toRefund(body: JsonValue): Refund | undefined {
  if (typeof body !== 'object' || body === null || !('order' in body)) return undefined;
  const { order, amount, currency } = body;
  if (typeof order !== 'string' || !/^[A-Z]-\d{4}$/.test(order)) return undefined;
  if (typeof amount !== 'number' || !(amount > 0) || typeof currency !== 'string') return undefined;
  return { order, amount, currency };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const {
    PLACET_URL = 'http://127.0.0.1:8420',
    TOOL_AUDIENCE = 'https://orders.example',
    TOOL_PORT = '0',
  } = process.env;
  const say = (line: string): void => console.log(line);
  const tool = await startTool({ placetUrl: PLACET_URL, audience: TOOL_AUDIENCE, port: Number(TOOL_PORT), say });
  say(`tool: ${TOOL_AUDIENCE} listens on ${tool.url}`);
}
