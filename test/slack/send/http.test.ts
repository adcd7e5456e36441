// The way to Slack: kept connections, and answers as Slack's client reads them.

import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
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

const OK = JSON.stringify({ ok: true, channel: 'C0', ts: '1.1' });
const LOST = { kind: 'retryable', is_doubtful: true, retry_after_ms: null };
const limitedFor = (seconds: number) => ({
  kind: 'retryable',
  code: 'ratelimited',
  is_doubtful: false,
  retry_after_ms: seconds * 1_000,
});
type Answered = readonly [
  title: string,
  status: number,
  headers: Record<string, string>,
  body: string,
  expected: object,
];

describe('a post may stand whose answer is none of Slack’s', () => {
  test.each<Answered>([
    ['a fault of the server', 503, {}, 'away', { ...LOST, code: 'http_503' }],
    ['a gateway that gave up', 504, {}, '<html>', { ...LOST, code: 'http_504' }],
    ['a way to another place', 302, { location: 'https://elsewhere.example/' }, '', LOST],
    ['another success than 200', 202, {}, OK, LOST],
    ['the page of a proxy', 200, { 'content-type': 'text/html' }, '<html>Sign in</html>', LOST],
    ['nothing', 200, {}, '', LOST],
    ['half of an answer', 200, {}, OK.slice(0, -5), LOST],
    ['null', 200, {}, 'null', LOST],
    ['a text', 200, {}, '"ok"', LOST],
    ['a list', 200, {}, '[]', LOST],
    ['an object that says nothing', 200, {}, '{}', LOST],
    ['an error without a word for it', 200, {}, '{"ok":false}', LOST],
    ['an error that is no word', 200, {}, '{"ok":false,"error":{"code":1}}', LOST],
    ['a success without its place', 200, {}, '{"ok":true}', LOST],
    ['a fault with a wait', 503, { 'retry-after': '9' }, '', { ...LOST, code: 'http_503', retry_after_ms: 9_000 }],
  ])('%s', async (_title, status, headers, body, expected) => {
    const { answers } = await post(1, sends(status, headers, body));
    expect(answers).toEqual([expect.objectContaining(expected)]);
  });

  test('an answer that ends in the middle', async () => {
    const { answers } = await post(1, (_, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('{"ok":true', () => response.destroy());
    });
    expect(answers).toEqual([expect.objectContaining(LOST)]);
  });
});

describe('a limit has no effect, and waits in any case', () => {
  test.each<Answered>([
    ['its own time', 429, { 'retry-after': '7' }, '', limitedFor(7)],
    ['a time with spaces', 429, { 'retry-after': ' 7 ' }, '', limitedFor(7)],
    ['no time', 429, {}, '', limitedFor(5)],
    ['a time that is none', 429, { 'retry-after': 'soon' }, '', limitedFor(5)],
    ['a fraction', 429, { 'retry-after': '0.5' }, '', limitedFor(5)],
    ['nought', 429, { 'retry-after': '0' }, '', limitedFor(0)],
    ['a moment that is over', 429, { 'retry-after': 'Wed, 21 Oct 2015 07:28:00 GMT' }, '', limitedFor(0)],
    ['a moment of another century', 429, { 'retry-after': 'Wed, 21 Oct 2099 07:28:00 GMT' }, '', limitedFor(3_600)],
    ['more seconds than a date has', 429, { 'retry-after': '9'.repeat(30) }, '', limitedFor(3_600)],
    ['the page of a proxy', 429, { 'retry-after': '3' }, '<html>', limitedFor(3)],
    ['the answer itself', 200, {}, '{"ok":false,"error":"ratelimited"}', limitedFor(5)],
    ['its older word', 200, { 'retry-after': '8' }, '{"ok":false,"error":"rate_limited"}', limitedFor(8)],
  ])('told by %s', async (_title, status, headers, body, expected) => {
    const { answers } = await post(1, sends(status, headers, body));
    expect(answers).toEqual([expected]);
  });
});
