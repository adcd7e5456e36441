// The shortest way: wrap a function, call it as before, and it runs only after people approved exactly this call.
// Alone: PLACET_URL=… PLACET_AGENT_KEY=plk_… TOOL_URL=http://127.0.0.1:4100 node dist/examples/guard.js job-1 A-1001 120
import { createPlacet, type GuardContext, PlacetDeniedError, PlacetSpentError } from '@placet/sdk';

const { PLACET_URL = 'http://127.0.0.1:8420', PLACET_AGENT_KEY = '', TOOL_URL = 'http://127.0.0.1:4100' } = process.env;
const placet = createPlacet({ url: PLACET_URL, apiKey: PLACET_AGENT_KEY });

async function refund(order: string, amount: number, { credential }: GuardContext): Promise<string> {
  const response = await fetch(`${TOOL_URL}/refunds`, {
    method: 'POST',
    headers: { authorization: `Bearer ${credential}`, 'content-type': 'application/json' },
    body: JSON.stringify({ order, amount, currency: 'EUR' }),
  });
  // Thrown, so that the record says that the action failed.
  if (!response.ok) throw new Error(`the tool answered ${response.status}`);
  return response.text();
}

const [job = '', order = 'A-1001', amount = '120'] = process.argv.slice(2);

const guardedRefund = placet.guard('orders.refund', refund, {
  // Killed and started again with the same job, it goes on with the same request, and never runs twice.
  idempotencyKey: job,
  resource: (order) => `order/${order}`,
  parameters: (_order, amount) => ({ amount, currency: 'EUR' }),
  justification: 'The parcel was lost on the way.',
  credential: { audience: 'https://orders.example', scopes: ['orders:refund'], lifetimeSeconds: 300 },
});

try {
  console.log(await guardedRefund(order, Number(amount)));
} catch (error) {
  if (!(error instanceof PlacetDeniedError || error instanceof PlacetSpentError)) throw error;
  console.log(error.message);
}
