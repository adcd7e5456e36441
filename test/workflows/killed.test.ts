// A worker that is killed in the middle of a post: another one goes on, and every copy of the card is accounted for.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type SpawnedProduct, spawnProduct } from '../support/product.ts';

const CHANNEL = 'C0PAYMENTS';
const PATIENCE_MS = 60_000;

let product: SpawnedProduct;
beforeAll(async () => {
  product = await spawnProduct();
});
afterAll(() => product.close());

test('the card of a post whose answer died with the worker is posted again, and the decision shows on the live copy', async () => {
  const { slack, agent, database } = product;
  await slack.faults({ kind: 'slow', method: 'chat.postMessage', ms: 5_000, count: 1 });
  const request = await agent.request({
    action: 'orders.refund',
    resource: 'order/A-1001',
    parameters: { amount: 120 },
    justification: 'The parcel never arrived.',
  });
  const [lost] = await slack.waitFor(async () => {
    const messages = await slack.messages(CHANNEL);
    return messages.length === 1 && messages;
  }, PATIENCE_MS);
  await product.kill('worker');
  await product.start('worker');
  const live = await slack.waitFor(
    async () => (await slack.messages(CHANNEL)).find(({ ts }) => ts !== lost?.ts),
    PATIENCE_MS,
  );
  await slack.waitFor(async () => {
    const rows = await database.asSuperuser('select ts, state from placet.slack_messages where request_id = $1', [
      request.id,
    ]);
    return JSON.stringify(rows) === JSON.stringify([{ ts: live.ts, state: 'posted' }]);
  }, PATIENCE_MS);
  await agent.cancel(request.id);
  const closed = await slack.waitFor(
    async () => (await slack.messages(CHANNEL)).find(({ text }) => text.includes('Cancelled')),
    PATIENCE_MS,
  );
  expect(closed.ts).toBe(live.ts);
  expect(await slack.messages(CHANNEL)).toHaveLength(2);
});
