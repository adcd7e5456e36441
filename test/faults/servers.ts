// A PostgreSQL and a Temporal of the driver's own, which it may stop, kill, start again and wipe. Both keep their ports.
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from '../../dev/ports.ts';
import { startPostgres } from '../../dev/postgres.ts';
import { startOwnTemporal } from '../support/temporal.ts';

/** A server's orderly stop, PostgreSQL's immediate one, or none at all. */
export type Stop = 'orderly' | 'immediate' | 'kill -9';

export type Server = {
  readonly stop: (how: Stop) => Promise<void>;
  readonly start: () => Promise<void>;
};

export type Servers = {
  readonly postgresUrl: string;
  readonly postgresPort: number;
  readonly temporalAddress: string;
  readonly postgres: Server;
  readonly temporal: Server & { readonly wipe: () => void };
  readonly close: () => Promise<void>;
};

const SIGNALS = { orderly: null, immediate: 'SIGQUIT', 'kill -9': 'SIGKILL' } as const;
/** The files of SQLite in its write-ahead mode. */
const FILE_ENDINGS = ['', '-wal', '-shm'];
/** What was answered survives a killed server; only a power cut could lose it, and there is none here. */
const SETTINGS = ['fsync=off', 'full_page_writes=off', 'max_connections=200'];

type Running = { readonly pid: number; readonly ended: Promise<unknown>; readonly stop: () => Promise<void> };

/** Starts both in a temporary folder. */
export async function startServers(): Promise<Servers> {
  const folder = mkdtempSync(join(tmpdir(), 'placet-faults-'));
  // As root, PostgreSQL runs as another user, who must get through.
  chmodSync(folder, 0o711);
  mkdirSync(join(folder, 'temporal'));
  const [postgresPort = 0, temporalPort = 0] = await freePorts(2);
  let postgresUrl = '';
  const runPostgres = async () => {
    const options = { folder: join(folder, 'postgres'), port: postgresPort, settings: SETTINGS };
    const running = await startPostgres(options);
    postgresUrl = running.url;
    return running;
  };
  const [postgres, temporal] = await Promise.all([
    keep(runPostgres),
    keep(() => startOwnTemporal(join(folder, 'temporal'), 'temporal', temporalPort)),
  ]);
  const file = join(folder, 'temporal', 'temporal.db');
  return {
    postgresUrl,
    postgresPort,
    temporalAddress: `127.0.0.1:${temporalPort}`,
    postgres,
    temporal: {
      ...temporal,
      wipe: () => {
        if (!existsSync(file)) throw new Error('Temporal keeps its state elsewhere');
        for (const ending of FILE_ENDINGS) rmSync(`${file}${ending}`, { force: true });
      },
    },
    close: async () => {
      await Promise.all([postgres.stop('orderly'), temporal.stop('orderly')]);
      rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 200 });
    },
  };
}

async function keep(run: () => Promise<Running>): Promise<Server> {
  let running: Running | null = await run();
  return {
    start: async () => {
      running ??= await run();
    },
    stop: async (how) => {
      const signal = SIGNALS[how];
      if (running === null) return;
      if (signal === null) await running.stop();
      else process.kill(running.pid, signal);
      await running.ended;
      running = null;
    },
  };
}
