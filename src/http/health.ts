// Is this process alive, is it ready, and what does it count: for load balancers, supervisors and Prometheus.

import { z } from 'zod';
import { PlacetError } from '../domain/errors.ts';
import type { Metrics } from '../observe/metrics.ts';
import { answers } from './api/openapi.ts';
import type { ApiInstance } from './route-context.ts';

/** A probe that waits longer than its caller's own timeout tells nothing. */
const READY_MS_MAX = 2_000;
const TAGS = ['health'];

export type HealthDeps = { readonly isReady: () => Promise<boolean> };

const ok = (description: string) => ({ status: 200, description, schema: z.object({ status: z.literal('ok') }) });

/** Registers /livez, /readyz and /metrics. */
export function registerHealth(app: ApiInstance, deps: HealthDeps, metrics: Metrics): void {
  app.get(
    '/livez',
    { schema: { operationId: 'is_live', summary: 'The process turns.', tags: TAGS, response: answers(ok('Alive.')) } },
    async () => ({ status: 'ok' as const }),
  );
  app.get(
    '/readyz',
    {
      schema: {
        operationId: 'is_ready',
        summary: 'The database takes writes.',
        tags: TAGS,
        response: answers(ok('Ready.'), ['unavailable']),
      },
    },
    async () => {
      if (!(await isReadyInTime(deps))) throw new PlacetError('unavailable');
      return { status: 'ok' as const };
    },
  );
  app.get(
    '/metrics',
    {
      schema: {
        operationId: 'read_metrics',
        summary: 'Counts and durations in the Prometheus text format.',
        tags: TAGS,
        response: answers({ status: 200, description: 'Metrics.', schema: z.string(), type: 'text/plain' }),
      },
    },
    async (_request, reply) => {
      const { type, text } = await metrics.expose();
      return reply.header('content-type', type).send(Buffer.from(text));
    },
  );
}

/** False when the database takes no writes or does not answer within two seconds. */
async function isReadyInTime({ isReady }: HealthDeps): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), READY_MS_MAX);
  });
  try {
    return await Promise.race([isReady(), late]);
  } catch {
    // Why it failed is logged by the part that failed; a probe only asks whether.
    return false;
  } finally {
    clearTimeout(timer);
  }
}
