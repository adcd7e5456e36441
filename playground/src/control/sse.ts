// /control/events: tells each listener what changed, so that it asks for the state again.
import type { ServerResponse } from 'node:http';
import type { World } from '../core/world.ts';
import type { ChangeEvent } from '../protocol.ts';

/** Between comment lines that keep an idle connection open through proxies. */
const KEEPALIVE_MS = 15_000;

/** Answers with an endless stream of ChangeEvents; the first comes at once, with nothing changed. */
export function streamChanges(world: World, response: ServerResponse): void {
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    connection: 'keep-alive',
  });
  const send = (event: ChangeEvent) => response.write(`data: ${JSON.stringify(event)}\n\n`);
  send({ seq: world.changes.seq(), changed: [] });
  const stop = world.changes.listen(send);
  const keepalive = setInterval(() => response.write(': still here\n\n'), KEEPALIVE_MS);
  response.on('close', () => {
    clearInterval(keepalive);
    stop();
  });
}
