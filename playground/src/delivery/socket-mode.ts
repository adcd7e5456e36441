// Socket Mode: single-use tickets, hello, one socket per envelope, acknowledgements, refresh, pings.
// https://docs.slack.dev/apis/events-api/using-socket-mode
import { randomBytes, randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { World } from '../core/world.ts';
import type { Json, JsonObject, SocketRequest } from '../protocol.ts';
import { SlackApiError } from '../web-api/errors.ts';
import type { Method } from '../web-api/method.ts';
import { ACK_MS_MAX, type Carrier, type Outcome, type Parcel, UNDELIVERED } from './outcome.ts';

/** Connections that one app may hold. */
const SOCKETS_MAX = 10;
/** Life of an unused ticket. */
const TICKET_MS_MAX = 30_000;
/** How often Slack pings; Bolt gives up after 30 s without one. */
const PING_MS = 10_000;
/** Time that an app has to answer the closing handshake. */
const CLOSE_MS_MAX = 500;
/** Bytes in one frame from the app: an acknowledgement may carry a whole view. */
const FRAME_BYTES_MAX = 1_000_000;

type Link = { number: number; socket: WebSocket };
type Waiting = { settle: (ack: Json | undefined) => void; fail: () => void; link: Link };

export type SocketMode = Carrier & {
  /** apps.connections.open. */
  method: Method;
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  numbers(): number[];
  act(request: SocketRequest): number;
  close(): Promise<void>;
};

/** Creates the Socket Mode side of the playground. */
export function createSocketMode(world: World): SocketMode {
  const server = new WebSocketServer({ noServer: true, maxPayload: FRAME_BYTES_MAX });
  const tickets = new Map<string, number>();
  const links: Link[] = [];
  const waiting = new Map<string, Waiting>();
  let lastNumber = 0;
  let turn = 0;

  const drop = (link: Link) => {
    const index = links.indexOf(link);
    if (index >= 0) links.splice(index, 1);
    for (const [id, wait] of waiting) if (wait.link === link) waiting.delete(id) && wait.fail();
    world.changes.touch('delivery');
  };

  const join = (socket: WebSocket) => {
    const link: Link = { number: ++lastNumber, socket };
    links.push(link);
    socket.on('message', (data) => readAck(String(data), link));
    socket.on('error', () => socket.terminate());
    const pings = setInterval(() => socket.ping(`Ping from Slack ${Date.now()}`), PING_MS);
    socket.on('close', () => {
      clearInterval(pings);
      drop(link);
    });
    socket.send(JSON.stringify(hello(world, links.length)));
    world.changes.touch('delivery');
  };

  /** An acknowledgement counts on the socket that got the envelope, and once. */
  const readAck = (text: string, link: Link) => {
    const frame = parse(text);
    const id = frame?.['envelope_id'];
    const wait = typeof id === 'string' ? waiting.get(id) : undefined;
    if (!wait || wait.link !== link) return;
    waiting.delete(String(id));
    wait.settle(frame?.['payload']);
  };

  const carry = (parcel: Parcel): Promise<Outcome> => {
    const link = links[turn++ % Math.max(1, links.length)];
    if (!link) return Promise.resolve(UNDELIVERED);
    if (world.faults.take(['socket_drop'], () => true)) {
      link.socket.terminate();
      drop(link);
      return Promise.resolve({ ...UNDELIVERED, error: 'operation_timed_out' });
    }
    const id = randomUUID();
    const answer = new Promise<Outcome>((resolve) => {
      const sentAt = world.clock.now();
      const sent = { via: 'socket', socket: link.number, delivered: true } as const;
      const fail = () => resolve({ ...sent, acked: false, ack_ms: null, error: 'operation_timed_out' });
      const cancel = world.clock.after(ACK_MS_MAX, () => waiting.delete(id) && fail());
      const settle = (ack: Json | undefined) => {
        cancel();
        const took = world.clock.now() - sentAt;
        resolve({ ...sent, acked: true, ack_ms: took, ...(ack === undefined ? {} : { ack }) });
      };
      const lost = () => {
        cancel();
        fail();
      };
      waiting.set(id, { settle, fail: lost, link });
    });
    link.socket.send(JSON.stringify(envelope(id, parcel)));
    return answer;
  };

  return {
    carry,
    method: {
      token: 'app',
      scopes: [],
      tier: 1,
      run() {
        if (links.length >= SOCKETS_MAX) throw new SlackApiError('too_many_websockets');
        const ticket = randomBytes(24).toString('hex');
        tickets.set(ticket, world.clock.now() + TICKET_MS_MAX);
        return { url: `${world.url.replace('http', 'ws')}/socket?ticket=${ticket}&app_id=${world.identity.appId}` };
      },
    },
    upgrade(request, socket, head) {
      const ticket = new URL(request.url ?? '/', world.url).searchParams.get('ticket') ?? '';
      const expiresAt = tickets.get(ticket);
      tickets.delete(ticket);
      if (expiresAt === undefined || expiresAt <= world.clock.now()) return refuse(socket, '403 Forbidden');
      if (links.length >= SOCKETS_MAX) return refuse(socket, '429 Too Many Requests');
      server.handleUpgrade(request, socket, head, join);
    },
    numbers: () => links.map(({ number }) => number),
    act(request) {
      const chosen = links.filter(({ number }) => request.which === undefined || number === request.which);
      for (const { socket } of chosen) actOn(socket, request.act);
      return chosen.length;
    },
    async close() {
      await Promise.all(links.map(({ socket }) => part(socket)));
      server.close();
    },
  };
}

function hello(world: World, connections: number): JsonObject {
  return {
    type: 'hello',
    num_connections: connections,
    debug_info: { host: 'playground', build_number: 1, approximate_connection_time: 18_060 },
    connection_info: { app_id: world.identity.appId },
  };
}

function envelope(id: string, parcel: Parcel): JsonObject {
  const retry =
    parcel.type === 'events_api' ? { retry_attempt: parcel.retryNum, retry_reason: parcel.retryReason } : {};
  return {
    envelope_id: id,
    payload: parcel.payload,
    type: parcel.type,
    accepts_response_payload: parcel.acceptsResponse,
    ...retry,
  };
}

function actOn(socket: WebSocket, act: SocketRequest['act']): void {
  if (act === 'drop') {
    socket.terminate();
    return;
  }
  const say = (reason: string) =>
    socket.send(JSON.stringify({ type: 'disconnect', reason, debug_info: { host: 'playground' } }));
  if (act === 'link_disabled') {
    say('link_disabled');
    return;
  }
  say('warning');
  if (act === 'refresh') say('refresh_requested');
}

/** Closes with a handshake, so that the app does not see an error; cuts a socket that does not answer. */
function part(socket: WebSocket): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => socket.terminate(), CLOSE_MS_MAX);
    socket.once('close', () => {
      clearTimeout(timer);
      resolve();
    });
    socket.close(1001);
  });
}

function parse(text: string): JsonObject | null {
  try {
    return JSON.parse(text) as JsonObject;
  } catch {
    return null;
  }
}

function refuse(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
