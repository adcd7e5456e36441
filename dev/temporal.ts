// Runs a Temporal dev server on 127.0.0.1, or uses the one of TEMPORAL_ADDRESS; knows nothing of Placet's workflows.

import { mkdirSync, openSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import type { TemporalAddress } from '../src/delivery/temporal.ts';
import { type BoundChild, startBound } from '../src/process/child.ts';
import { processEnvironment } from '../src/process/config.ts';
import { BACKGROUND_NICENESS } from '../src/process/role-command.ts';
import { temporalFault } from '../src/process/temporal-fault.ts';
import { freePorts } from './ports.ts';

export type TemporalOptions = {
  /** The program, from findTemporal. */
  readonly path: string;
  /** Where its state is kept; without it, in memory. */
  readonly db_file?: string;
  readonly log_file: string;
  readonly port?: number;
  /** Made when missing; `default` always is. */
  readonly namespace?: string;
};

/** A running dev server. */
export type Temporal = {
  readonly address: string;
  readonly port: number;
  readonly pid: number;
  readonly ended: BoundChild['ended'];
  readonly stop: () => Promise<void>;
};

/** 0.3 s is usual; opening a large database file on a busy machine took some seconds. */
const HEALTHY_MS_MAX = 60_000;
const POLL_MS = 50;
const GRPC_NOT_FOUND = 5;
const START_ATTEMPTS_MAX = 3;
/** The two settings double the throughput of the dev server and keep what was acknowledged to a process that dies. */
const PRAGMAS = ['--sqlite-pragma', 'journal_mode=WAL', '--sqlite-pragma', 'synchronous=NORMAL'];

export type WaitOptions = TemporalAddress & {
  readonly namespace: string;
  readonly limit_ms: number;
  /** One that was just started makes its namespace in its first moments. */
  readonly is_new?: boolean;
  /** Nothing is left to wait for. */
  readonly hasEnded?: () => boolean;
};

function isNotFound(error: unknown): boolean {
  return (error as { code?: unknown } | null)?.code === GRPC_NOT_FOUND;
}

/** Waits until a Temporal answers and knows the namespace; throws when it does not in time. */
export async function waitForTemporal(options: WaitOptions): Promise<void> {
  const { namespace, limit_ms, is_new = false, hasEnded = () => false, ...place } = options;
  let last: unknown;
  for (const end = Date.now() + limit_ms; Date.now() < end && !hasEnded(); await sleep(POLL_MS)) {
    try {
      const connection = await Connection.connect({ ...place, connectTimeout: 2_000 });
      try {
        await connection.workflowService.describeNamespace({ namespace });
        return;
      } finally {
        await connection.close();
      }
    } catch (error) {
      last = error;
      if (!is_new && isNotFound(error)) break;
    }
  }
  throw await temporalFault(last, { ...place, namespace });
}

async function startServer(options: TemporalOptions): Promise<{ child: BoundChild; port: number }> {
  const [free, http_port, metrics_port] = (await freePorts(3)) as [number, number, number];
  const port = options.port ?? free;
  const ports = ['--port', port, '--http-port', http_port, '--metrics-port', metrics_port].map(String);
  const namespace = options.namespace === undefined ? [] : ['--namespace', options.namespace];
  const storage = options.db_file === undefined ? [] : ['--db-filename', options.db_file, ...PRAGMAS];
  mkdirSync(dirname(options.log_file), { recursive: true, mode: 0o700 });
  const child = await startBound({
    // On one machine with the doors, and nobody waits for it. It keeps its process id.
    command: 'nice',
    args: [
      '-n',
      String(BACKGROUND_NICENESS),
      options.path,
      'server',
      'start-dev',
      '--headless',
      '--ip',
      '127.0.0.1',
      ...ports,
      '--log-level',
      'warn',
      ...namespace,
      ...storage,
    ],
    // It does not start where no list of the system names our user, unless this does.
    env: { USER: 'placet', ...processEnvironment() },
    output: openSync(options.log_file, 'w', 0o600),
  });
  return { child, port };
}

function logTail(file: string): string {
  return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-5).join('\n');
}

/** Starts the server and waits until it is healthy; a port lost to another process is answered by another port. */
export async function startTemporal(options: TemporalOptions): Promise<Temporal> {
  const { namespace = 'default' } = options;
  let fault: unknown;
  for (let attempt = 0; attempt < START_ATTEMPTS_MAX; attempt += 1) {
    const { child, port } = await startServer(options);
    const address = `127.0.0.1:${port}`;
    try {
      await waitForTemporal({ address, namespace, limit_ms: HEALTHY_MS_MAX, is_new: true, hasEnded: child.hasEnded });
      return { address, port, pid: child.pid, ended: child.ended, stop: child.stop };
    } catch (error) {
      fault = error;
      await child.stop();
    }
  }
  throw new Error(`The Temporal server did not start. Its last words:\n${logTail(options.log_file)}`, { cause: fault });
}

/** Where a dev server's state and log stand in a data folder. */
export function temporalFiles(folder: string): { db_file: string; log_file: string } {
  return { db_file: join(folder, 'temporal.db'), log_file: join(folder, 'temporal.log') };
}
