// What stands before a real Temporal where it is reached over TLS: ends TLS, and may ask for a certificate or an API key.
import { once } from 'node:events';
import http2 from 'node:http2';
import { type AddressInfo, connect, createServer as createPlainServer, type Server, type Socket } from 'node:net';
import { createServer, type TlsOptions } from 'node:tls';

export type Terminator = { readonly address: string; readonly port: number; readonly close: () => Promise<void> };

const GRPC_UNAUTHENTICATED = '16';

/** Ends TLS on a free port of `host` and passes the rest on to `target` (host:port). */
export function startTerminator(target: string, tls: TlsOptions, host = '127.0.0.1'): Promise<Terminator> {
  const { hostname, port } = new URL(`tcp://${target}`);
  const server = createServer({ ALPNProtocols: ['h2'], ...tls }, (incoming) => {
    const outgoing = connect({ host: hostname, port: Number(port) });
    for (const [one, other] of [
      [incoming, outgoing],
      [outgoing, incoming],
    ] as const) {
      one.on('error', () => one.destroy());
      one.on('close', () => other.destroy());
    }
    incoming.pipe(outgoing).pipe(incoming);
  });
  return listen(server, host);
}

/** Takes connections and never says a word. */
export function startSilence(): Promise<Terminator> {
  return listen(
    createPlainServer(() => undefined),
    '127.0.0.1',
  );
}

/** As Temporal Cloud: TLS, and every call must carry the API key. `seen` holds each call's Authorization. */
export async function startCloud(
  target: string,
  { api_key, ...tls }: http2.SecureServerOptions & { readonly api_key: string },
): Promise<Terminator & { readonly seen: ReadonlySet<string> }> {
  const seen = new Set<string>();
  const upstream = http2.connect(`http://${target}`);
  const server = http2.createSecureServer(tls, undefined);
  server.on('stream', (stream, headers) => {
    const authorization = String(headers.authorization);
    seen.add(authorization);
    stream.on('error', () => stream.destroy());
    if (authorization !== `Bearer ${api_key}`) {
      const refusal = { 'grpc-status': GRPC_UNAUTHENTICATED, 'grpc-message': 'Request unauthorized.' };
      stream.respond({ ':status': 200, 'content-type': 'application/grpc', ...refusal }, { endStream: true });
      return;
    }
    const { ':path': path, ':method': method, 'content-type': type } = headers;
    const encoding = headers['grpc-encoding'] === undefined ? {} : { 'grpc-encoding': headers['grpc-encoding'] };
    const timeout = headers['grpc-timeout'] === undefined ? {} : { 'grpc-timeout': headers['grpc-timeout'] };
    const call = upstream.request({
      ':path': path,
      ':method': method,
      te: 'trailers',
      'content-type': type,
      ...encoding,
      ...timeout,
    });
    call.on('error', () => stream.destroy());
    stream.on('close', () => call.close());
    call.on('response', ({ ':status': status, ...rest }, flags) => {
      const isWhole = (flags & http2.constants.NGHTTP2_FLAG_END_STREAM) !== 0;
      stream.respond({ ':status': status, ...rest }, { waitForTrailers: !isWhole, endStream: isWhole });
    });
    let trailers: http2.IncomingHttpHeaders = {};
    call.on('trailers', (sent) => {
      trailers = sent;
    });
    stream.on('wantTrailers', () => stream.sendTrailers(trailers));
    call.on('data', (data) => stream.write(data));
    call.on('end', () => stream.end());
    stream.pipe(call);
  });
  const terminator = await listen(server as unknown as Server, '127.0.0.1');
  const close = async () => {
    upstream.destroy();
    await terminator.close();
  };
  return { ...terminator, seen, close };
}

async function listen(server: Server, host: string): Promise<Terminator> {
  const sockets = new Set<Socket>();
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
  };
  server.on('connection', keep);
  server.on('tlsClientError', () => undefined);
  await once(server.listen(0, host), 'listening');
  const { port } = server.address() as AddressInfo;
  const close = async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  };
  return { address: `${host.includes(':') ? `[${host}]` : host}:${port}`, port, close };
}
