// An agent with one guarded call, as a process of its own that kills itself at a named point, as a crash would: kill -9.
import { appendFileSync } from 'node:fs';
import { createPlacet, spendCredential } from '@placet/sdk';

const { PLACET_URL: url, PLACET_AGENT_KEY: apiKey, JOB: idempotencyKey, RUNS, POINT, WITH_CREDENTIAL } = process.env;
const audience = 'https://orders.example';

const reach = (point) => {
  if (point === POINT) process.kill(process.pid, 'SIGKILL');
};

/** The points of a call of the API: before it is sent, and once it was answered and nobody has read the answer yet. */
const pointOf = (method, path) => {
  if (method === 'GET') return 'read';
  return /\/(credential|execution)$/.test(path) ? 'take' : path.endsWith('/result') ? 'report' : 'ask';
};
const watchedFetch = async (input, init) => {
  const point = pointOf(init.method, new URL(input).pathname);
  reach(`before ${point}`);
  const response = await fetch(input, init);
  const text = await response.clone().text();
  reach(`after ${point}`);
  if (point === 'read' && JSON.parse(text).state === 'approved') reach('approved');
  return response;
};

const refund = async (order, amount, { credential, request }) => {
  if (credential !== null) await spendCredential({ url, token: credential, digest: request.digest });
  reach('used');
  appendFileSync(RUNS, `${order} ${amount}\n`);
  reach('ran');
  return amount;
};

const placet = createPlacet({ url, apiKey, fetch: watchedFetch });
const guarded = placet.guard('orders.refund', refund, {
  idempotencyKey,
  resource: (order) => `order/${order}`,
  parameters: (_order, amount) => ({ amount, currency: 'EUR' }),
  ...(WITH_CREDENTIAL ? { credential: { audience, scopes: ['orders:refund'], lifetimeSeconds: 300 } } : {}),
});
try {
  console.log(JSON.stringify({ ran: await guarded('A-1001', 120) }));
} catch (error) {
  const { code, result = null, lease = null, startedAt = null } = error;
  console.log(JSON.stringify({ code, status: result?.status ?? null, lease: lease?.state ?? null, startedAt }));
}
