// Starts a server again when it ends by itself, at the same place; the processes that use it then find it again.

import { setTimeout as sleep } from 'node:timers/promises';

export type KeptServer = {
  readonly pid: number;
  readonly ended: Promise<unknown>;
  readonly stop: () => Promise<void>;
};

export type KeepOptions<Server extends KeptServer> = {
  readonly name: string;
  readonly first: Server;
  readonly again: () => Promise<Server>;
  readonly note: (text: string) => void;
  readonly onStart: (server: Server) => void;
};

/** A server that cannot be had again after this many attempts in a row is given up, loudly. */
const ATTEMPTS_MAX = 10;
const PAUSE_MS = 1_000;

/** Keeps a started server running until the returned `stop`. */
export function keepServer<Server extends KeptServer>(options: KeepOptions<Server>): () => Promise<void> {
  let isStopping = false;
  let current = options.first;
  const restart = async () => {
    for (let attempt = 0; attempt < ATTEMPTS_MAX && !isStopping; attempt += 1) {
      try {
        current = await options.again();
        options.onStart(current);
        // Who stops meanwhile waits for this loop, and stopped the server of before.
        if (isStopping) await current.stop();
        return true;
      } catch (error) {
        options.note(`  ${options.name} does not start: ${error instanceof Error ? error.message : error}`);
        await sleep(PAUSE_MS);
      }
    }
    return false;
  };
  const loop = async () => {
    do {
      await current.ended;
      if (isStopping) return;
      options.note(`  ${options.name} ended by itself; starting it again`);
    } while (await restart());
    if (!isStopping)
      options.note(`  ${options.name} is given up: stop Placet (Ctrl-C), mend what is said above, start again`);
  };
  const looping = loop();
  return async () => {
    isStopping = true;
    await current.stop();
    await looping;
  };
}
