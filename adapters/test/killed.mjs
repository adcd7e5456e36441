// The refund agent of a framework as a process that kills itself at a named point, as a crash would: kill -9. Each start goes on
// where the one before was.
import { appendFileSync } from 'node:fs';

const { FRAMEWORK, JOB, RUNS, POINT } = process.env;
const reach = (point) => {
  if (point === POINT) process.kill(process.pid, 'SIGKILL');
};

/** The points of a call of the API: before it is sent, and once it was answered and nobody has read the answer yet. */
const pointOf = (method, path) => {
  if (method === 'GET') return 'read';
  return path.endsWith('/execution') ? 'take' : path.endsWith('/result') ? 'report' : 'ask';
};
const fetchAsIs = globalThis.fetch;
globalThis.fetch = async (input, init) => {
  const { pathname, search } = new URL(input);
  const point = pointOf(init.method, pathname);
  reach(`before ${point}`);
  // A long poll: people are deciding.
  if (search.includes('wait_seconds')) reach('pending');
  const response = await fetchAsIs(input, init);
  await response.clone().text();
  reach(`after ${point}`);
  return response;
};
globalThis.onRefund = ({ order, amount }) => {
  appendFileSync(RUNS, `${order} ${amount}\n`);
  reach('ran');
};

process.argv = [process.execPath, 'run.mjs', FRAMEWORK, JOB];
await import('../example/run.mjs');
