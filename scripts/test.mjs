// `npm test [jest arguments]`: makes the clone runnable, starts what the tests need, runs jest, leaves nothing behind. Where no
// files are named, those of the adapters are left to `npm run adapters`.
import { chmodSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describeFault } from './fault.mjs';
import { prepare, prepareAdapters, root } from './prepare.mjs';
import { endWithNpm } from './starter.mjs';
import { ADAPTER_TESTS } from './test-paths.mjs';

const built = (path) => import(pathToFileURL(join(root, 'dist', path)).href);
const stopping = new AbortController();
const children = [];
let work;
/** Where we write, for whoever is told that we cannot. */
let place = root;

endWithNpm();

/** Until there is something to stop, a signal simply ends us: nothing has been made yet. */
async function openWorkFolder() {
  const { makeWorkFolder } = await built('dev/work-folder.js');
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => stopping.abort(new Error('stopped')));
  place = tmpdir();
  work = makeWorkFolder('test');
}

/** A Chromium for the browser tests; they are skipped, and said to be, when there is none. */
function findChromium() {
  const names = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];
  const folders = (process.env.PATH ?? '').split(delimiter);
  const paths = [
    process.env.CHROMIUM_PATH,
    ...names.flatMap((name) => folders.map((folder) => join(folder, name))),
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
  ];
  return paths.find((path) => path && existsSync(path));
}

async function startServers(progress) {
  const { startPostgres } = await built('dev/postgres.js');
  const { defaultCache, findTemporal } = await built('dev/temporal-find.js');
  const { startTemporal, waitForTemporal } = await built('dev/temporal.js');
  const folder = join(work, 'postgres');
  // A test database needs no safety from power cuts, and many databases want many connections.
  const settings = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off', 'max_connections=400'];
  const postgres = await progress.step('PostgreSQL', () => startPostgres({ folder, settings }));
  children.push(postgres);
  stopping.signal.throwIfAborted();
  const temporary = join(work, 'tmp');
  mkdirSync(temporary);
  chmodSync(temporary, 0o1777);
  // The runs that tests start get few variables: told the folder, none of them builds a Temporal of its own.
  const cache = process.env.PLACET_CACHE || defaultCache(process.env);
  const variables = { PLACET_TEST_POSTGRES_URL: postgres.url, PLACET_CACHE: cache, TMPDIR: temporary };
  if (process.env.TEMPORAL_ADDRESS) {
    await waitForTemporal({ address: process.env.TEMPORAL_ADDRESS, namespace: 'default', limit_ms: 10_000 });
    return { ...variables, PLACET_TEST_TEMPORAL_ADDRESS: process.env.TEMPORAL_ADDRESS };
  }
  const { path } = await findTemporal({ env: process.env, cache, progress, signal: stopping.signal });
  const log_file = join(work, 'temporal.log');
  const temporal = await progress.step('Temporal', () => startTemporal({ path, log_file }));
  children.push(temporal);
  stopping.signal.throwIfAborted();
  return { ...variables, PLACET_TEST_TEMPORAL_ADDRESS: temporal.address };
}

async function runJest(args, variables, resultsFile) {
  const { startBound } = await built('src/process/child.js');
  // A file keeps half a core busy, with what it starts: it waits for servers as long as it computes.
  const workers = `--maxWorkers=${availableParallelism() + 1}`;
  // Node lets go of a file's modules late or never: past a few hundred megabytes, collecting garbage costs more than a start.
  const memory = '--workerIdleMemoryLimit=600MB';
  const jest = [join(root, 'node_modules/jest/bin/jest.js'), '--json', `--outputFile=${resultsFile}`, workers, memory];
  const child = await startBound({
    command: process.execPath,
    args: ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', ...jest, ...args],
    cwd: root,
    output: 'inherit',
    env: { ...process.env, ...variables, FORCE_COLOR: process.stderr.isTTY ? '1' : '0' },
  });
  children.push(child);
  stopping.signal.addEventListener('abort', () => void child.stop());
  const result = await child.ended;
  return typeof result === 'number' ? result : 1;
}

function summarise(resultsFile, hasChromium) {
  if (!existsSync(resultsFile)) return '0 passed, 1 failed';
  const results = JSON.parse(readFileSync(resultsFile, 'utf8'));
  // A file that cannot even be loaded counts as one failure: its tests were never seen.
  const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
  const skipped = results.numPendingTests + results.numTodoTests;
  if (!hasChromium) console.log('Skipped the browser tests: no Chromium (install one, or set CHROMIUM_PATH).');
  return `${results.numPassedTests} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

async function main(args) {
  const faults = await prepare();
  // Their frameworks are installed for whoever tests them.
  const paths = args.filter((arg) => !arg.startsWith('-'));
  if (paths.length === 0) args.push(...ADAPTER_TESTS.map((path) => `--testPathIgnorePatterns=<rootDir>/${path}`));
  if (paths.some((path) => path.includes('adapters'))) faults.push(...(await prepareAdapters()));
  await openWorkFolder();
  const { createProgress } = await built('dev/progress.js');
  stopping.signal.throwIfAborted();
  const variables = await startServers(createProgress());
  const bundle = join(root, 'dist/workflow-bundle.js');
  if (existsSync(bundle)) variables.PLACET_TEST_WORKFLOW_BUNDLE = bundle;
  const chromium = findChromium();
  if (chromium) variables.CHROMIUM_PATH = chromium;
  const resultsFile = join(work, 'results.json');
  const code = await runJest(args, variables, resultsFile);
  if (faults.length > 0) console.log(`\nThe tests ran, but the build has faults:\n${faults.join('\n')}`);
  console.log(summarise(resultsFile, chromium !== undefined));
  return code;
}

let exitCode = 1;
try {
  exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!stopping.signal.aborted) console.error(`${describeFault(error, place)}\n0 passed, 1 failed`);
} finally {
  for (const child of children.toReversed()) await child.stop();
  if (work) (await built('dev/work-folder.js')).removeWorkFolder(work);
}
process.exit(stopping.signal.aborted ? 130 : exitCode);
