// A TCP proxy before a real server, so that a test can take the server away and bring it back at the same address.
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export type TcpProxy = {
  readonly address: string;
  /** Cuts what is connected and refuses what comes. */
  readonly cut: () => void;
  readonly remedy: () => void;
  /** Lets nothing through, either way, and keeps it: the server is there and does not answer. Until each has called its thaw. */
  readonly freeze: () => () => void;
  readonly close: () => Promise<void>;
};

/** Listens on a free port of `host` and passes everything on to `target` (host:port). */
export async function startTcpProxy(target: string, host = '127.0.0.1'): Promise<TcpProxy> {
  const { hostname, port } = new URL(`tcp://${target}`);
  const sockets = new Set<Socket>();
  let isCut = false;
  const frozen = new Set<object>();
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    // The other side going away is what this is for.
    socket.on('error', () => socket.destroy());
  };
  const server = createServer((incoming) => {
    keep(incoming);
    if (isCut) return incoming.destroy();
    const outgoing = connect({ host: hostname, port: Number(port) });
    keep(outgoing);
    incoming.on('close', () => outgoing.destroy());
    outgoing.on('close', () => incoming.destroy());
    incoming.pipe(outgoing).pipe(incoming);
    if (frozen.size > 0) for (const socket of [incoming, outgoing]) socket.pause();
    return outgoing;
  });
  await once(server.listen(0, host), 'listening');
  const drop = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    address: `${host.includes(':') ? `[${host}]` : host}:${(server.address() as AddressInfo).port}`,
    cut: () => {
      isCut = true;
      drop();
    },
    remedy: () => {
      isCut = false;
    },
    freeze: () => {
      const mine = {};
      frozen.add(mine);
      for (const socket of sockets) socket.pause();
      return () => {
        frozen.delete(mine);
        if (frozen.size === 0) for (const socket of sockets) socket.resume();
      };
    },
    close: async () => {
      drop();
      await once(server.close(), 'close');
    },
  };
}
