// The small HTTP server of the processes that serve no API: alive, ready, metrics.

import type { Config } from '../config.ts';
import { createMetrics } from '../http/metrics.ts';
import { createProbeServer } from '../http/server.ts';
import type { Log } from '../log.ts';

/** Listens on PLACET_METRICS_PORT; null when that is not set. */
export async function openProbe(config: Config, log: Log, isReady: () => Promise<boolean>) {
  if (config.metricsPort === undefined) return null;
  const probe = createProbeServer({ log, metrics: createMetrics(), deps: { isReady } });
  await probe.listen({ host: config.host, port: config.metricsPort });
  return probe;
}
