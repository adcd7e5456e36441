// Finds a Temporal server program: PATH, Placet's cache, the SDK's download, a build with Go. Starts no server.

import { execFile } from 'node:child_process';
import { accessSync, constants, existsSync, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify, types } from 'node:util';
import { startBound } from '../src/process/child.ts';
import { AdvisedError, isOfDisk } from './fault.ts';
import type { Progress } from './progress.ts';
import { buildTemporal, TEMPORAL_CLI_VERSION } from './temporal-build.ts';

export type FindOptions = {
  readonly env: NodeJS.ProcessEnv;
  /** PLACET_CACHE; by default a folder in the user's cache directory. */
  readonly cache?: string | undefined;
  readonly progress: Progress;
  readonly signal?: AbortSignal;
  /** The SDK's download into a folder; returns the program's path. Replaced in tests, which reach no network. */
  readonly download?: (folder: string, options: FindOptions) => Promise<string>;
};

/** Where a program came from. */
export type FoundTemporal = {
  readonly path: string;
  readonly from: 'path' | 'cache' | 'download' | 'build';
};

const VERSION_MS_MAX = 10_000;
/** The download is about 50 MB; where its host is closed it must not hold up the next way for long. */
const DOWNLOAD_MS_MAX = 45_000;
/** Go says the same of many packages. */
const WORDS_MAX = 1_000;
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
  let errors = '';
  child.process.stderr?.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  const stop = () => void child.stop();
  const limit = setTimeout(stop, DOWNLOAD_MS_MAX);
  options.signal?.addEventListener('abort', stop, { once: true });
  const result = await child.ended;
  clearTimeout(limit);
  options.signal?.throwIfAborted();
  const path = output.trim();
  if (result !== 0 || !(await isTemporal(path))) throw new Error(errors.trim() || 'it did not come');
  return path;
}

/** Throws when nothing can be kept in the cache. */
function openCache(cache: string): void {
  mkdirSync(cache, { recursive: true });
  accessSync(cache, constants.W_OK);
}

function asError(error: unknown): Error {
  return types.isNativeError(error) ? error : new Error(String(error));
}

function wordsOf(error: Error): string {
  return error.message.slice(0, WORDS_MAX);
}

/** One message with the ways to get one; that of the cache's disk only where this was the fault. */
function noneFound(cache: string, faults: readonly Error[]): Error {
  const isOfCache = faults.some(isOfDisk);
  const lines = [
    'Placet needs a Temporal server and found none. Any one of these helps:',
    ...(isOfCache
      ? [`  - let Placet write below ${cache}, with space for a build, or set PLACET_CACHE to another folder`]
      : []),
    '  - set TEMPORAL_ADDRESS=host:port to a running Temporal',
    '  - install the Temporal CLI so that `temporal` is on PATH: https://docs.temporal.io/cli/setup-cli',
    '  - have the network and Go 1.25 or later (https://go.dev/dl): the next start then builds it once, in about 3 minutes',
    `  - put the program of Temporal CLI ${TEMPORAL_CLI_VERSION} at ${cache}/temporal/${TEMPORAL_CLI_VERSION}/temporal`,
    'What was tried:',
    ...faults.map((fault) => `  - ${wordsOf(fault)}`),
  ];
  return new AdvisedError(lines.join('\n'), { cause: faults.at(-1) });
}

async function buildWithGo(target: string, options: FindOptions): Promise<void> {
  const label = `Building the Temporal server ${TEMPORAL_CLI_VERSION} with Go, once on this machine: about 3 minutes`;
  const isPresent = () => isTemporal(target);
  const { env, signal } = options;
  await options.progress.step(label, (say) =>
    buildTemporal({ target, env, say, isPresent, ...(signal === undefined ? {} : { signal }) }),
  );
}

/** Finds or gets a Temporal program by the first way that works; throws one message with the ways to get one. */
export async function findTemporal(options: FindOptions): Promise<FoundTemporal> {
  const { env, signal, progress, cache = defaultCache(env) } = options;
  const faults: Error[] = [];
  const note = (about: string, error: unknown) => {
    signal?.throwIfAborted();
    faults.push(Object.assign(asError(error), { message: `${about}: ${asError(error).message}` }));
  };
  const installed = onPath('temporal', env);
  if (installed !== undefined) {
    if (await isTemporal(installed)) return { path: installed, from: 'path' };
    faults.push(new Error(`${installed} on PATH does not answer \`temporal --version\``));
  }
  const target = join(cache, 'temporal', TEMPORAL_CLI_VERSION, 'temporal');
  if (await isTemporal(target)) return { path: target, from: 'cache' };
  if (existsSync(target)) faults.push(new Error(`${target} does not answer \`temporal --version\``));
  const folder = join(cache, 'temporal', 'download');
  try {
    const work = () => (options.download ?? download)(folder, options);
    return { path: await progress.step('Downloading the Temporal server', work), from: 'download' };
  } catch (error) {
    note("the SDK's download", error);
  }
  try {
    openCache(cache);
  } catch (error) {
    throw noneFound(cache, [...faults, asError(error)]);
  }
  if (onPath('go', env) === undefined)
    throw noneFound(cache, [...faults, new Error('no `go` on PATH to build it with')]);
  try {
    await buildWithGo(target, options);
    return { path: target, from: 'build' };
  } catch (error) {
    note('the build', error);
    throw noneFound(cache, faults);
  }
}
