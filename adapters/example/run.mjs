// Runs the refund agent of a framework: node adapters/example/run.mjs langchain job-1. Start it again with its job, and it
// goes on. PLACET_URL and PLACET_AGENT_KEY say where and as whom; THREADS_URL is a PostgreSQL for the threads of LangChain and
// LangGraph.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const [framework = 'langchain', job = '', which = 'gated'] = process.argv.slice(2);
process.env.STATE_SECRET ??= 'only for the example: a secret of yours';

const wanted = JSON.parse(process.env.WANTED ?? '[{"id":"call_1","args":{"order":"A-1001","amount":120}}]');
const { partsOf } = await import(`../${framework}/example/parts.mjs`);
const { refundAgent } = await import(`../${framework}/example/${which}.mjs`);
const refund = async ({ order, amount }) => {
  await globalThis.onRefund?.({ order, amount });
  return `refunded ${amount} for ${order}`;
};
const file = join(process.env.STATE_FOLDER ?? tmpdir(), `placet-example-${framework}-${job}.json`);
const load = async (first) => (existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : first);
const save = async (state) => writeFileSync(file, JSON.stringify(state));
console.log(await refundAgent({ ...(await partsOf(refund, wanted, job)), run: job, load, save }));
