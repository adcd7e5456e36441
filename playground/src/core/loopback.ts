// Listens on both loopback addresses, since a browser takes `localhost` for either.
import { once } from 'node:events';
import type { Server } from 'node:http';
import { type AddressInfo, createServer, type Server as Listener } from 'node:net';

/** Another program may have the second address of the port that we were given for the first. */
const TRIES_MAX = 20;
const NO_ADDRESS: ReadonlySet<string> = new Set(['EADDRNOTAVAIL', 'EAFNOSUPPORT']);

/** Serves on 127.0.0.1 and, where there is one, on ::1, both on `port`; 0 takes one that is free on both. */
export async function listenOnLoopback(
  server: Server,
  port: number,
): Promise<{ readonly port: number; readonly close: () => Promise<void> }> {
  for (let tries = 1; ; tries += 1) {
    await once(server.listen(port, '127.0.0.1'), 'listening');
    const { port: taken } = server.address() as AddressInfo;
    const second = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => server.emit('connection', socket));
    const close = async () => void (await Promise.all([end(server), end(second)]));
    try {
      await once(second.listen(taken, '::1'), 'listening');
      return { port: taken, close };
    } catch (error) {
      const code = String((error as NodeJS.ErrnoException).code);
      if (NO_ADDRESS.has(code)) return { port: taken, close };
      await end(server);
      if (code !== 'EADDRINUSE' || port !== 0 || tries === TRIES_MAX) throw error;
    }
  }
}

function end(server: Server | Listener): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
  });
}
