// The way to Slack: kept connections, and answers as Slack's client reads them.

import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { createSlackClient, postCard } from '../../../src/slack/send/web-api.ts';

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

const MESSAGE = { text: 'A card', blocks: [] };
const CARD = { card: MESSAGE, minimal: MESSAGE };

/** Posts so many cards, one after the other, to a server that answers each by `answer`. */
async function post(count: number, answer: (request: IncomingMessage, response: ServerResponse) => void) {
  const sockets = new Set<unknown>();
  const server = createServer((request, response) => {
    request.resume().on('end', () => answer(request, response));
  });
  server.on('connection', (socket) => sockets.add(socket));
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const client = createSlackClient({ token: 'xoxb-test', api_url: `http://127.0.0.1:${port}/api/` });
  const answers = [];
  for (let sent = 0; sent < count; sent += 1)
    answers.push(await postCard(client, { channel_id: 'C0', id: null }, CARD));
  return { answers, connections: sockets.size };
}

const sends =
  (status: number, headers: Record<string, string>, body: string) => (_: unknown, response: ServerResponse) =>
    void response.writeHead(status, headers).end(body);

test('calls that follow each other share connections', async () => {
  const ok = sends(200, { 'content-type': 'application/json' }, '{"ok":true,"channel":"C0","ts":"1.1"}');
  const { answers, connections } = await post(10, ok);
  expect(new Set(answers.map(({ kind }) => kind))).toEqual(new Set(['posted']));
  expect(connections).toBeLessThan(4);
});

test.each([
  ['a limit with its wait', 429, { 'retry-after': '7' }, '', { code: 'ratelimited', retry_after_ms: 7_000 }],
  ['a fault of the server', 503, {}, 'away', { code: 'http_503', is_doubtful: true }],
  ['a way to another place', 302, { location: 'https://elsewhere.example/' }, '', { is_doubtful: true }],
  ['what is no JSON', 200, {}, '<html>', { kind: 'refused' }],
])('%s is told as such, and the message is not taken for posted', async (_title, status, headers, body, expected) => {
  const { answers } = await post(1, sends(status, headers, body));
  expect(answers).toEqual([expect.objectContaining(expected)]);
});
