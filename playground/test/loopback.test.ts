// The page opens by either loopback address, which is what a browser makes of `localhost`.
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:net';
import { expect, test } from '@jest/globals';
import { listenOnLoopback } from '../src/core/loopback.ts';
import { startPlayground } from '../src/index.ts';

test('127.0.0.1, ::1 and localhost answer alike; another name of the same machine gets nothing', async () => {
  const playground = await startPlayground({});
  const { port } = new URL(playground.url);
  for (const host of ['127.0.0.1', '[::1]', 'localhost']) {
    const response = await fetch(`http://${host}:${port}/control/state`);
    expect([host, response.status]).toEqual([host, 200]);
  }
  expect((await fetch(`http://127.0.0.2:${port}/`).catch(() => null))?.status).toBeUndefined();
  await playground.close();
  await expect(fetch(`http://[::1]:${port}/`)).rejects.toThrow();
});

test('a port whose second address another program has is refused when it was asked for', async () => {
  const other = createServer();
  await once(other.listen(0, '::1'), 'listening');
  const { port } = other.address() as { port: number };
  const server = createHttpServer();
  await expect(listenOnLoopback(server, port)).rejects.toMatchObject({ code: 'EADDRINUSE' });
  expect(server.listening).toBe(false);
  other.close();
});
