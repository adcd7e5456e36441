// Where a server of ours listens: one address, or both of this machine for `localhost`, which callers take for either.

import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import type { FastifyInstance } from 'fastify';

const LOOPBACK = ['127.0.0.1', '::1'] as const;
/** What a system says that has no IPv6. */
const NO_ADDRESS: ReadonlySet<string> = new Set(['EADDRNOTAVAIL', 'EAFNOSUPPORT']);

/** Listens until the server is closed; answers the URL. Throws what the system says of a host or port. */
export async function listenOn(app: FastifyInstance, { host, port }: { host: string; port: number }): Promise<string> {
  if (host !== 'localhost') return app.listen({ host, port });
  // Its connections are the first one's: the same limits, the same bounded close.
  const second = createServer({ allowHalfOpen: true, noDelay: true }, (socket) =>
    app.server.emit('connection', socket),
  );
  app.addHook('onClose', async () => void second.close());
  const url = await app.listen({ host: LOOPBACK[0], port });
  try {
    await once(second.listen((app.server.address() as AddressInfo).port, LOOPBACK[1]), 'listening');
  } catch (error) {
    if (!NO_ADDRESS.has(String((error as NodeJS.ErrnoException).code))) throw error;
  }
  return url;
}
