// `npm test [jest arguments]`: makes the clone runnable, starts what the tests need, runs jest, leaves nothing behind.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { prepare, root } from './prepare.mjs';

const built = (path) => import(pathToFileURL(join(root, 'dist/src', path)).href);
const stopping = new AbortController();
const children = [];
const work = mkdtempSync(join(tmpdir(), 'placet-test-'));

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => stopping.abort(new Error('stopped')));

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
  const { findTemporal } = await built('dev/temporal-find.js');
  const { startTemporal, waitForTemporal } = await built('dev/temporal.js');
  const folder = join(work, 'postgres');
  // A test database needs no safety from power cuts, and many databases want many connections.
  const settings = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off', 'max_connections=400'];
  const postgres = await progress.step('PostgreSQL', () => startPostgres({ folder, settings }));
  children.push(postgres);
  stopping.signal.throwIfAborted();
  const variables = { PLACET_TEST_POSTGRES_URL: postgres.url };
  if (process.env.TEMPORAL_ADDRESS) {
    await waitForTemporal(process.env.TEMPORAL_ADDRESS, 10_000);
    return { ...variables, PLACET_TEST_TEMPORAL_ADDRESS: process.env.TEMPORAL_ADDRESS };
  }
  const cache = process.env.PLACET_CACHE;
  const { path } = await findTemporal({ env: process.env, cache, progress, signal: stopping.signal });
  const logFile = join(work, 'temporal.log');
  const temporal = await progress.step('Temporal', () => startTemporal({ path, logFile }));
  children.push(temporal);
  stopping.signal.throwIfAborted();
  return { ...variables, PLACET_TEST_TEMPORAL_ADDRESS: temporal.address };
}

async function runJest(args, variables, resultsFile) {
  const flags = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
  // Tests wait for servers more than they compute, so that two pay off even on two cores.
  const workers = `--maxWorkers=${Math.max(2, availableParallelism() - 1)}`;
  const jest = join(root, 'node_modules/jest/bin/jest.js');
  const child = spawn(process.execPath, [...flags, jest, '--json', `--outputFile=${resultsFile}`, workers, ...args], {
    cwd: root,
    // With --json jest prints its results on stdout too: only the people's report on stderr is shown.
    stdio: ['inherit', 'ignore', 'inherit'],
    env: { ...process.env, ...variables, FORCE_COLOR: process.stderr.isTTY ? '1' : '0' },
  });
  stopping.signal.addEventListener('abort', () => child.kill('SIGTERM'));
  return new Promise((resolve) => child.once('close', (code) => resolve(code ?? 1)));
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
  if (!stopping.signal.aborted) console.error(`${error.message}\n${error.output ?? ''}\n0 passed, 1 failed`);
} finally {
  await Promise.all(children.map((child) => child.stop()));
  rmSync(work, { recursive: true, force: true });
}
process.exit(stopping.signal.aborted ? 130 : exitCode);
