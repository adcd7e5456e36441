// Runs the api process: HTTP over the use cases. Credentials are signed here and nowhere else.

import { listenOn } from '../http/listen.ts';
import { createHttpServer } from '../http/server.ts';
import type { Log } from '../observe/log.ts';
import { createMetrics } from '../observe/metrics.ts';
import type { Config } from './config.ts';
import { portFault } from './faults.ts';
import { buildUseCases } from './use-cases.ts';
import { VERSION } from './version.ts';
import { openNotifications, openService, type Running } from './wiring.ts';

/** Starts listening; `stop` answers who waits, then closes. */
export async function runApi(config: Config, log: Log): Promise<Running> {
  const { database, service } = await openService(config, 'api', log);
  const listener = openNotifications(config, log);
  const server = createHttpServer({
    options: { rate_limit_per_minute: config.rate_limit_per_minute, public_url: config.public_url, version: VERSION },
    deps: buildUseCases({ config, database, service, listener }),
    log,
    metrics: createMetrics(),
  });
  const stop = async () => {
    await server.close();
    await listener.close();
    await database.close();
  };
  try {
    const url = await listenOn(server, config);
    log.info('api listens', { url });
  } catch (error) {
    await stop();
    throw portFault(error, { host: config.host, port: config.port, variable: 'PLACET_PORT' });
  }
  return { stop };
}
