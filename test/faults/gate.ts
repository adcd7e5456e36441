// Stands between one role and PostgreSQL and stops a chosen transaction right before its commit, or right after it, when
// the server has committed and the role has not heard. Reads just enough of the protocol to see where a transaction ends.
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export type Moment = {
  /** Texts that have all gone over the connection within the transaction, in either direction. */
  readonly markers: readonly string[];
  /** Texts of which none may have. */
  readonly without?: readonly string[];
  readonly at: 'before commit' | 'after commit';
};

export type Held = {
  /** Resolves once a transaction stands at the moment. */
  readonly reached: Promise<void>;
  /** True while it still stands there: neither let go nor given up by either side. */
  readonly isStanding: () => boolean;
  /** Lets it go on; without one that was reached, nothing is waited for any more. */
  readonly release: () => void;
};

export type Gate = {
  readonly port: number;
  readonly hold: (moment: Moment) => Held;
  /** Connections that are open through it now. */
  readonly count: () => number;
  readonly close: () => Promise<void>;
};

type Armed = {
  readonly moment: Moment;
  readonly reach: () => void;
  isStanding: () => boolean;
  let_go: () => void;
  is_taken: boolean;
};

/** The startup message bears no type; every other one is a letter and its length. */
const HEAD_BYTES = 5;
const STARTUP_HEAD_BYTES = 4;
const QUERY = 'Q'.charCodeAt(0);
/** What is remembered of a transaction: far more than any of ours sends. */
const SEEN_CHARACTERS_MAX = 1_000_000;
/** How long PostgreSQL bears with a transaction that stands still: ours say ten seconds, the gate ninety, in as many bytes. */
const IDLE_LIMIT = /(?<name>idle_in_transaction_session_timeout\0)10000\0/;

/** Listens on a free port and passes everything on to PostgreSQL's. */
export async function startGate(port: number): Promise<Gate> {
  const armed = new Set<Armed>();
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    sockets.add(client);
    join(client, connect({ host: '127.0.0.1', port }), armed);
    client.once('close', () => sockets.delete(client));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    count: () => sockets.size,
    hold: (moment) => {
      let reach = () => {};
      const reached = new Promise<void>((resolve) => {
        reach = resolve;
      });
      const one: Armed = { moment, reach, isStanding: () => false, let_go: () => {}, is_taken: false };
      armed.add(one);
      const release = () => {
        armed.delete(one);
        one.let_go();
      };
      return { reached, release, isStanding: () => one.isStanding() };
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await once(server.close(), 'close');
    },
  };
}

function join(client: Socket, server: Socket, armed: ReadonlySet<Armed>): void {
  const link = { seen: '', is_held: false, kept: [] as (() => void)[], after: null as Armed | null };
  const remember = (bytes: Buffer) => {
    link.seen = (link.seen + bytes.toString('latin1')).slice(-SEEN_CHARACTERS_MAX);
  };
  const pass = (write: () => void) => (link.is_held ? void link.kept.push(write) : write());
  const stand = (one: Armed) => {
    link.is_held = true;
    one.isStanding = () => link.is_held && !client.destroyed && !server.destroyed;
    one.let_go = () => {
      link.is_held = false;
      for (const write of link.kept.splice(0)) write();
    };
    one.reach();
  };
  const take = (at: Moment['at']): Armed | undefined => {
    const found = [...armed].find(({ moment, is_taken }) => !is_taken && moment.at === at && isSo(moment, link.seen));
    if (found !== undefined) found.is_taken = true;
    return found;
  };
  const split = splitter((message) => {
    const text = textOf(message);
    if (text.startsWith('begin;')) link.seen = '';
    if (text !== 'commit') {
      remember(message);
      return pass(() => server.write(message));
    }
    const before = take('before commit');
    if (before !== undefined) stand(before);
    link.after ??= take('after commit') ?? null;
    link.seen = '';
    return pass(() => server.write(message));
  });
  client.on('data', split);
  server.on('data', (bytes: Buffer) => {
    remember(bytes);
    const { after } = link;
    if (after !== null && bytes.includes('COMMIT')) {
      link.after = null;
      stand(after);
    }
    pass(() => client.write(bytes));
  });
  // The other side going away is what this is for.
  for (const [one, other] of [
    [client, server],
    [server, client],
  ] as const) {
    one.on('error', () => one.destroy());
    one.on('close', () => other.destroy());
  }
}

function isSo({ markers, without = [] }: Moment, seen: string): boolean {
  return markers.every((marker) => seen.includes(marker)) && !without.some((marker) => seen.includes(marker));
}

/** Cuts the client's stream into whole messages, the first of which names the session's limits. */
function splitter(onMessage: (message: Buffer) => void): (bytes: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0);
  let head = STARTUP_HEAD_BYTES;
  return (bytes) => {
    rest = Buffer.concat([rest, bytes]);
    while (rest.length >= head) {
      const length = rest.readInt32BE(head - STARTUP_HEAD_BYTES) + head - STARTUP_HEAD_BYTES;
      if (rest.length < length) return;
      const message = rest.subarray(0, length);
      rest = rest.subarray(length);
      const isFirst = head === STARTUP_HEAD_BYTES;
      head = HEAD_BYTES;
      onMessage(isFirst ? withPatience(message) : message);
    }
  };
}

function withPatience(startup: Buffer): Buffer {
  return Buffer.from(startup.toString('latin1').replace(IDLE_LIMIT, '$<name>90000\0'), 'latin1');
}

/** The text of a simple query; empty for any other message. */
function textOf(message: Buffer): string {
  return message[0] === QUERY ? message.subarray(HEAD_BYTES, -1).toString('latin1') : '';
}
