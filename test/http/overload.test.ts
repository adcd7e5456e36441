// A process that has more to do than it can: what it refuses, and what it answers all the same.
import type {} from '@fastify/under-pressure';
import { expect, test } from '@jest/globals';
import { until } from '../support/wait.ts';
import { withApi } from './support.ts';

const LIST = '/v1/approval-requests';

test('a process whose loop is late refuses work for now, and still says that it lives and what it counts', async () => {
  // Later than this the loop always is.
  await withApi({ loop_delay_ms_max: 0.000_1 }, async ({ send }) => {
    const statusOf = async (path: string) => (await send('GET', path)).status;
    await until(async () => (await statusOf(LIST)) === 503);
    const refused = await send('GET', LIST);
    expect(refused.json).toMatchObject({ code: 'unavailable', status: 503 });
    expect(refused.headers.get('retry-after')).toMatch(/^\d+$/);
    expect([await statusOf('/livez'), await statusOf('/metrics')]).toEqual([200, 200]);
    expect([await statusOf('/readyz'), await statusOf('/openapi.json')]).toEqual([503, 503]);
  });
});

test('a process that stood still for a second and goes on refuses nothing', async () => {
  await withApi({ isAlone: true }, async ({ app, send }) => {
    // Between two of the samples the loop turns once only: then the delay is not known.
    for (let turn = 0; !app.isUnderPressure(); turn += 1) {
      expect(turn).toBeLessThan(20);
      for (const end_ms = performance.now() + 1_050; performance.now() < end_ms; );
      await new Promise(setImmediate);
    }
    expect((await send('GET', LIST)).status).toBe(200);
  });
});
