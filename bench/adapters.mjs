// One allowed tool call through each adapter, beside the same three calls of the bare SDK client in a tool of the same framework,
// in turns and in one process: how long from the ask until the approval is taken, and the report. Prints JSON. Started by the
// case `adapters`.
import { randomUUID } from 'node:crypto';
import { createPlacet, sha256Digest } from '@placet/sdk';

const { PLACET_URL: url, PLACET_AGENT_KEY: apiKey, ROUNDS = '10' } = process.env;
process.env.STATE_SECRET = 'of the bench, and long enough for all';
const FRAMEWORKS = ['ai-sdk', 'claude-agent', 'langchain', 'langgraph', 'mcp', 'openai-agents'];
const CALLS = 3;

/** When the calls of the API began and were answered. */
let spans = [];
const fetchAsIs = globalThis.fetch;
globalThis.fetch = async (input, init) => {
  const begun = performance.now();
  const response = await fetchAsIs(input, init);
  await response.clone().arrayBuffer();
  spans.push([begun, performance.now()]);
  return response;
};

async function timed(work) {
  spans = [];
  await work();
  if (spans.length !== CALLS) throw new Error(`${spans.length} calls of the API, and not ${CALLS}`);
  const [ask, take, report] = spans.sort(([one], [other]) => one - other);
  // Between the last two the tool runs, and what the framework needs to have it run.
  return take[1] - ask[0] + (report[1] - report[0]);
}

const placet = createPlacet({ url, apiKey });
async function callBare() {
  const order = randomUUID();
  const ask = { action: 'orders.refund', resource: `order/${order}`, parameters: { order, amount: 120 } };
  const { id, digest } = await placet.request(ask, { idempotencyKey: `call-${sha256Digest(order)}` });
  await placet.start(id, digest);
  await placet.report(id, { status: 'succeeded' });
  return 'done';
}

/** An agent of the framework whose tool does that; bare, so that what it needs itself is on both sides. */
async function openAgent(framework, which, refund) {
  const { partsOf } = await import(`../adapters/${framework}/example/parts.mjs`);
  const { refundAgent } = await import(`../adapters/${framework}/example/${which}.mjs`);
  return async () => {
    const run = randomUUID();
    const parts = await partsOf(refund, [{ id: `call_${run}`, args: { order: run, amount: 120 } }], run);
    await refundAgent({ ...parts, run, load: async (first) => first, save: async () => undefined });
  };
}

const found = {};
for (const framework of FRAMEWORKS) {
  const callFromTool = await openAgent(framework, 'bare', callBare);
  const callGated = await openAgent(framework, 'gated', async () => 'done');
  const pairs = [];
  for (let round = -2; round < Number(ROUNDS); round += 1) {
    const pair = {};
    // In turns, and each as often first as second.
    const works = Object.entries({ bare: callFromTool, gated: callGated });
    for (const [name, work] of round % 2 === 0 ? works : works.reverse()) pair[name] = await timed(work);
    // The first ones load code and open connections.
    if (round >= 0) pairs.push(pair);
  }
  found[framework] = { bare: pairs.map(({ bare }) => bare), gated: pairs.map(({ gated }) => gated) };
}
console.log(JSON.stringify(found));
process.exit();
