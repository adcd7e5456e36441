// `npm run example -- <framework> [job]`: runs the refund agent of a framework; its call waits until somebody clicks. Without
// PLACET_AGENT_KEY it brings Placet and the playground to click in, in a temporary folder of which nothing is left.
import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describeFault } from './fault.mjs';
import { ADAPTERS, prepareAdapters, prepareOrExit, root } from './prepare.mjs';
import { endWithNpm } from './starter.mjs';

const built = (path) => import(pathToFileURL(join(root, 'dist', path)).href);
/** Those that keep their threads in a PostgreSQL. */
const THREADED = ['langchain', 'langgraph'];
const NAMES = [...ADAPTERS, 'python'];
const MISUSED = 2;

/** Placet of this environment, or one of our own. */
async function openPlacet(framework) {
  const { PLACET_URL = 'http://127.0.0.1:8420', PLACET_AGENT_KEY, THREADS_URL } = process.env;
  if (PLACET_AGENT_KEY) {
    if (THREADED.includes(framework) && !THREADS_URL)
      throw new Error('THREADS_URL names no PostgreSQL for the threads.');
    return { env: { PLACET_URL, PLACET_AGENT_KEY, ...(THREADS_URL && { THREADS_URL }) }, close: async () => undefined };
  }
  const { openDemo } = await built('dev/demo/open.js');
  const stack = await openDemo(process.env, join(root, 'dist/src/main.js'));
  console.error(`\n  Open   ${stack.page_url}\n  There  click Approve or Deny on the card in #payments-approvals.\n`);
  const env = { PLACET_URL: stack.api_url, PLACET_AGENT_KEY: stack.agent_key, THREADS_URL: stack.threads_url };
  return { env, close: stack.close };
}

async function commandOf(framework, job) {
  if (framework !== 'python') return [process.execPath, [join(root, 'adapters/example/run.mjs'), framework, job]];
  const { providePython } = await built('dev/python.js');
  const { defaultCache } = await built('dev/temporal-find.js');
  const { path } = await providePython({ root, cache: process.env.PLACET_CACHE || defaultCache(process.env) });
  return [path, [join(root, 'python/example/run.py'), job]];
}

/** What a job of our own Placet keeps is of no use to another: it goes with us, also by Ctrl-C. */
async function openStateFolder() {
  const { makeWorkFolder, removeWorkFolder } = await built('dev/work-folder.js');
  const folder = makeWorkFolder('demo');
  process.once('exit', () => removeWorkFolder(folder));
  return folder;
}

async function main(framework, job = randomUUID()) {
  if (!NAMES.includes(framework)) {
    console.error(`Which one? npm run example -- ${NAMES.join(' | ')}`);
    return MISUSED;
  }
  await prepareOrExit();
  if (framework !== 'python') await prepareAdapters();
  const [command, args] = await commandOf(framework, job);
  const { startBound } = await built('src/process/child.js');
  const placet = await openPlacet(framework);
  const STATE_FOLDER = process.env.PLACET_AGENT_KEY ? tmpdir() : await openStateFolder();
  try {
    const { PATH, HOME, WANTED } = process.env;
    const ours = { PATH, HOME, STATE_FOLDER, PYTHONPATH: join(root, 'python/src'), ...(WANTED && { WANTED }) };
    const child = await startBound({ command, args, cwd: root, output: 'inherit', env: { ...ours, ...placet.env } });
    const result = await child.ended;
    return typeof result === 'number' ? result : 1;
  } finally {
    await placet.close();
  }
}

endWithNpm();
let code = 1;
try {
  code = await main(...process.argv.slice(2));
} catch (error) {
  console.error(describeFault(error, root));
}
process.exit(code);
