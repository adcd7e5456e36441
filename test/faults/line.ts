// Stands between one role and Slack's Web API and keeps the answer to a chosen call: Slack has done what it does, and the
// role has not heard.
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import type { Held } from './gate.ts';

export type Line = {
  readonly port: number;
  /** Keeps the answer to the next call of this method, whatever it is: also that there is none. */
  readonly hold: (method: string) => Held;
  readonly close: () => Promise<void>;
};

type Armed = { readonly method: string; readonly reach: () => void; isStanding: () => boolean; let_go: () => void };

/** Listens on a free port and passes everything on to the port that Slack has by then. */
export async function startLine(portOfSlack: () => number): Promise<Line> {
  const armed = new Set<Armed>();
  const sockets = new Set<Socket>();
  const server = createServer((role) => {
    sockets.add(role);
    role.once('close', () => sockets.delete(role));
    join(role, connect({ host: '127.0.0.1', port: portOfSlack() }), armed);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    hold: (method) => {
      let reach = () => {};
      const reached = new Promise<void>((resolve) => {
        reach = resolve;
      });
      const one: Armed = { method, reach, isStanding: () => false, let_go: () => {} };
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

/** A connection bears one call after the other: what comes back after the chosen one is its answer. */
function join(role: Socket, slack: Socket, armed: Set<Armed>): void {
  let held: Armed | null = null;
  const kept: (() => void)[] = [];
  const answer = (pass: () => void) => {
    if (held === null) return pass();
    kept.push(pass);
    held.isStanding = () => held !== null && !role.destroyed;
    return held.reach();
  };
  const take = (one: Armed) => {
    armed.delete(one);
    held = one;
    one.let_go = () => {
      held = null;
      for (const pass of kept.splice(0)) pass();
    };
  };
  role.on('data', (bytes: Buffer) => {
    const found = [...armed].find(({ method }) => bytes.includes(`/api/${method} HTTP`));
    if (found !== undefined && held === null) take(found);
    slack.write(bytes);
  });
  slack.on('data', (bytes: Buffer) => answer(() => void role.write(bytes)));
  slack.on('close', () => answer(() => role.destroy()));
  role.on('close', () => slack.destroy());
  // The other side going away is what this is for.
  for (const socket of [role, slack]) socket.on('error', () => socket.destroy());
}
