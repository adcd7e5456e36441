// Many cards for one channel that takes one post a second, over two workers: one call each, what expires first going first.

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { isLong } from '../support/long.ts';
import { type Product, startProduct } from '../support/product.ts';
import { until } from '../support/wait.ts';

const CHANNEL = 'C0PAYMENTS';
/** Calls beyond one for each card: the first one that meets the limit, and what two clocks differ by. */
const FEW = 5;
/** Posted before the others had come to wait. */
const FIRST = 5;

let product: Product;
beforeAll(async () => {
  product = await startProduct();
  await product.slack.settings({ rate_limits: 'strict', post_burst: 1 });
});
afterAll(() => product.close());

/** As many posts as seconds. */
const COUNTS = isLong ? [30, 50] : [14];

test.each(COUNTS)(
  '%d cards cost as many calls and a few, in the order of their expiry',
  async (count) => {
    await product.stop('worker');
    await product.slack.clearCalls();
    const timeouts = Array.from({ length: count }, (_, at) => 400 + ((at * 17) % count) * 8);
    const requests = await Promise.all(
      timeouts.map((timeoutSeconds, at) =>
        product.agent.request({ action: 'orders.refund', resource: `order/${count}-${at}`, timeoutSeconds }),
      ),
    );
    const expiry = new Map(requests.map(({ id, expires_at }) => [id, expires_at ?? '']));
    await Promise.all([product.start('worker'), product.add('worker')]);
    const posted = 'select count(*)::int as n from placet.slack_messages where state = $1 and request_id = any ($2)';
    const isPosted = async () =>
      (await product.database.asSuperuser<{ n: number }>(posted, ['posted', [...expiry.keys()]]))[0]?.n === count;
    await until(isPosted, { what: 'every card', limit_ms: 240_000 });
    const calls = await product.slack.calls({ method: 'chat.postMessage', channel: CHANNEL });
    expect(calls.length).toBeLessThanOrEqual(count + FEW);
    const order = calls
      .filter(({ ok }) => ok)
      .map(({ args }) => [...expiry.keys()].find((id) => JSON.stringify(args).includes(id)) ?? '');
    expect(new Set(order)).toEqual(new Set(expiry.keys()));
    const times = order.slice(FIRST).map((id) => expiry.get(id) ?? '');
    expect(times).toEqual([...times].sort());
    expect(product.logged.filter((line) => line.includes('activity failed'))).toEqual([]);
  },
  400_000,
);
