// Small helpers for node:http: reading a bounded body, sending JSON and text.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Json } from '../protocol.ts';

export class BodyTooLargeError extends Error {
  constructor() {
    super('the body is too large');
    this.name = 'BodyTooLargeError';
  }
}

/** The body as text; throws BodyTooLargeError beyond `bytesMax`. */
export async function readBody(request: IncomingMessage, bytesMax: number): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request) {
    bytes += (part as Buffer).length;
    if (bytes > bytesMax) throw new BodyTooLargeError();
    parts.push(part as Buffer);
  }
  return Buffer.concat(parts).toString('utf8');
}

/** Sends JSON that no one may cache. */
export function sendJson(
  response: ServerResponse,
  status: number,
  body: Json | object,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-store',
    ...headers,
  });
  response.end(JSON.stringify(body));
}

/** Sends plain text. */
export function sendText(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' });
  response.end(text);
}
