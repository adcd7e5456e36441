// A process that has more to do than it can: what it refuses, and what it answers all the same.
import { expect, test } from '@jest/globals';
import { until } from '../support/processes.ts';
import { withApi } from './support.ts';

const LIST = '/v1/approval-requests';

test('a process whose loop is late refuses work for now, and still says that it lives and what it counts', async () => {
  // Later than this the loop always is.
  await withApi({ loopDelayMsMax: 0.000_1 }, async ({ send }) => {
    const statusOf = async (path: string) => (await send('GET', path)).status;
    await until(async () => (await statusOf(LIST)) === 503);
    const refused = await send('GET', LIST);
    expect(refused.json).toMatchObject({ code: 'unavailable', status: 503 });
    expect(refused.headers.get('retry-after')).toMatch(/^\d+$/);
    expect([await statusOf('/livez'), await statusOf('/metrics')]).toEqual([200, 200]);
    expect([await statusOf('/readyz'), await statusOf('/openapi.json')]).toEqual([503, 503]);
  });
});
