// Finds free ports of this machine's loopback, and claims one that several starts want.

import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { takeLock } from './lock.ts';

/**
 * Below the ports that Linux (32,768 and up) and macOS give to outgoing connections: one of those, made between the look
 * and the use, is what takes a port away on a busy machine.
 */
const PORT_MIN = 20_000;
const PORT_MAX = 32_000;
/** Far more than are ever taken of twelve thousand. */
const TRIES_MAX = 200;

/** Finds as many different free ports as asked; another process may still take one before it is used. */
export async function freePorts(count: number): Promise<number[]> {
  const found = new Set<number>();
  for (let tries = 0; found.size < count && tries < TRIES_MAX; tries += 1) {
    const port = randomInt(PORT_MIN, PORT_MAX);
    if (!found.has(port) && (await isPortFree(port))) found.add(port);
  }
  if (found.size < count) throw new Error(`no ${count} free ports between ${PORT_MIN} and ${PORT_MAX}`);
  return [...found];
}

/** Finds one free port. */
export async function freePort(): Promise<number> {
  const [port] = await freePorts(1);
  return port as number;
}

/** Tells whether a port can be taken now, on 127.0.0.1 and, where there is one, on ::1: `localhost` may mean either. */
export async function isPortFree(port: number): Promise<boolean> {
  return (await isFreeOn(port, '127.0.0.1')) && (await isFreeOn(port, '::1'));
}

async function isFreeOn(port: number, host: string): Promise<boolean> {
  const server = createServer();
  try {
    const listening = once(server, 'listening');
    server.listen(port, host);
    await listening;
    await once(server.close(), 'close');
    return true;
  } catch (error) {
    // A machine without IPv6 has nobody there who could answer in our place.
    return /^(?:EADDRNOTAVAIL|EAFNOSUPPORT)$/.test(String((error as NodeJS.ErrnoException).code));
  }
}

/** Of the starts on this machine that find a port free at the same moment, one may take it, until it stops. */
export function claimPort(port: number, onStop: (stop: () => Promise<void>) => void): boolean {
  try {
    const result = takeLock(join(tmpdir(), `placet-port-${port}`));
    if (result.kind === 'held') onStop(async () => result.lock.release());
    return result.kind === 'held';
  } catch {
    // Where no lock can be kept, the port alone tells.
    return true;
  }
}
