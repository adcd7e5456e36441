// The small HTTP server of the processes that serve no API: alive, ready, metrics.

import { listenOn } from '../http/listen.ts';
import { createProbeServer } from '../http/server.ts';
import type { Log } from '../observe/log.ts';
import type { Metrics } from '../observe/metrics.ts';
import type { Config } from './config.ts';
import { portFault } from './faults.ts';

/** Listens on PLACET_METRICS_PORT; null when that is not set. */
export async function openProbe(
  config: Config,
  log: Log,
  of: { readonly metrics: Metrics; readonly isReady: () => Promise<boolean> },
) {
  if (config.metrics_port === undefined) return null;
  const { metrics, isReady } = of;
  const probe = createProbeServer({ log, metrics, deps: { isReady } });
  const { host, metrics_port: port } = config;
  await listenOn(probe, { host, port }).catch((error: unknown) => {
    throw portFault(error, { host, port, variable: 'PLACET_METRICS_PORT' });
  });
  return probe;
}
