// Finds a Temporal server program: PATH, Placet's cache, the SDK's download, a build with Go. Starts no server.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startBound } from '../process/child.ts';
import type { Progress } from './progress.ts';
import { buildTemporal, TEMPORAL_CLI_VERSION } from './temporal-build.ts';

export interface FindOptions {
  readonly env: NodeJS.ProcessEnv;
  /** PLACET_CACHE; by default a folder in the user's cache directory. */
  readonly cache?: string | undefined;
  readonly progress: Progress;
  readonly signal?: AbortSignal;
  /** The SDK's download into a folder; returns the program's path. Replaced in tests, which reach no network. */
  readonly download?: (folder: string, options: FindOptions) => Promise<string>;
}

/** Where a program came from. */
export interface FoundTemporal {
  readonly path: string;
  readonly from: 'path' | 'cache' | 'download' | 'build';
}

const VERSION_MS_MAX = 10_000;
/** The download is about 50 MB; where its host is closed it must not hold up the next way for long. */
const DOWNLOAD_MS_MAX = 45_000;
const run = promisify(execFile);

/**
 * Placet's folder in the user's cache directory.
 * @public scripts/fuzz-api.mjs keeps its fuzzer there too.
 */
export function defaultCache(env: NodeJS.ProcessEnv): string {
  if (env['XDG_CACHE_HOME']) return join(env['XDG_CACHE_HOME'], 'placet');
  return process.platform === 'darwin' ? join(homedir(), 'Library/Caches/placet') : join(homedir(), '.cache/placet');
}

/** Tells whether a program answers as a Temporal CLI: a name on PATH may be anything. */
async function isTemporal(path: string): Promise<boolean> {
  if (!existsSync(path)) return false;
  try {
    const { stdout } = await run(path, ['--version'], { timeout: VERSION_MS_MAX });
    return /temporal version/i.test(stdout);
  } catch {
    return false;
  }
}

/** Finds the first program of that name on PATH; npm's own folders count like any. */
function onPath(name: string, env: NodeJS.ProcessEnv): string | undefined {
  const folders = (env['PATH'] ?? '').split(delimiter).filter(Boolean);
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
}

/** Lets the SDK download its server in a process of its own: its native download cannot be called back. */
async function download(folder: string, options: FindOptions): Promise<string> {
  const script = fileURLToPath(new URL('./temporal-download.js', import.meta.url));
  const child = await startBound({ command: process.execPath, args: [script, folder], env: options.env });
  let output = '';
  child.process.stdout?.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  child.process.stderr?.resume();
  const stop = (): void => void child.stop();
  const limit = setTimeout(stop, DOWNLOAD_MS_MAX);
  options.signal?.addEventListener('abort', stop, { once: true });
  const result = await child.ended;
  clearTimeout(limit);
  options.signal?.throwIfAborted();
  const path = output.trim();
  if (result !== 0 || !(await isTemporal(path))) throw new Error('the download did not come');
  return path;
}

const waysToGetOne = (cache: string, faults: readonly string[]): string =>
  [
    'Placet needs a Temporal server and found none. Any one of these helps:',
    '  - set TEMPORAL_ADDRESS=host:port to a running Temporal',
    '  - install the Temporal CLI so that `temporal` is on PATH: https://docs.temporal.io/cli/setup-cli',
    '  - install Go 1.25 or later (https://go.dev/dl); the next start then builds the server once, in about 3 minutes',
    `  - put the program of Temporal CLI ${TEMPORAL_CLI_VERSION} at ${cache}/temporal/${TEMPORAL_CLI_VERSION}/temporal`,
    'What was tried:',
    ...faults.map((fault) => `  - ${fault}`),
  ].join('\n');

const firstLine = (error: unknown): string => (error instanceof Error ? error.message : String(error)).slice(0, 2_000);

async function buildWithGo(target: string, options: FindOptions): Promise<void> {
  const label = `Building the Temporal server ${TEMPORAL_CLI_VERSION} with Go, once on this machine: about 3 minutes`;
  const isPresent = (): Promise<boolean> => isTemporal(target);
  const { env, signal } = options;
  await options.progress.step(label, (say) =>
    buildTemporal({ target, env, say, isPresent, ...(signal === undefined ? {} : { signal }) }),
  );
}

/** Finds or gets a Temporal program by the first way that works; throws one message with the ways to get one. */
export async function findTemporal(options: FindOptions): Promise<FoundTemporal> {
  const cache = options.cache ?? defaultCache(options.env);
  const faults: string[] = [];
  const installed = onPath('temporal', options.env);
  if (installed !== undefined) {
    if (await isTemporal(installed)) return { path: installed, from: 'path' };
    faults.push(`${installed} on PATH doesn't answer \`temporal --version\``);
  }
  const target = join(cache, 'temporal', TEMPORAL_CLI_VERSION, 'temporal');
  if (await isTemporal(target)) return { path: target, from: 'cache' };
  try {
    const folder = join(cache, 'temporal', 'download');
    const label = 'Downloading the Temporal server';
    return {
      path: await options.progress.step(label, () => (options.download ?? download)(folder, options)),
      from: 'download',
    };
  } catch (error) {
    options.signal?.throwIfAborted();
    faults.push(`the SDK's download: ${firstLine(error)}`);
  }
  if (onPath('go', options.env) === undefined) {
    faults.push('no `go` on PATH to build it with');
    throw new Error(waysToGetOne(cache, faults));
  }
  try {
    await buildWithGo(target, options);
    return { path: target, from: 'build' };
  } catch (error) {
    options.signal?.throwIfAborted();
    throw new Error(waysToGetOne(cache, [...faults, firstLine(error)]), { cause: error });
  }
}
