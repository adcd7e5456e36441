// Builds the Temporal server from the Go module proxy, once per machine; leaves either the whole program or nothing.

import { mkdirSync, readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type BoundChild, startBound } from '../src/process/child.ts';
import { takeLock } from './lock.ts';

/** Later versions carry a `replace` line, which `go install` refuses. */
export const TEMPORAL_CLI_VERSION = '1.5.1';

export type BuildOptions = {
  /** Where the program shall stand. */
  readonly target: string;
  readonly env: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal;
  readonly say: (detail: string) => void;
  /** Asked again once the lock is held: another builder may have finished meanwhile. */
  readonly isPresent: () => Promise<boolean>;
};

/** 2.5 minutes were measured on 2 cores; a slow machine or line gets a good deal more. */
const BUILD_MS_MAX = 20 * 60_000;
/** Time to remove some gigabytes of small files after an interruption. */
const CLEAN_SECONDS_MAX = 60;
const LOCK_POLL_MS = 500;
const OUTPUT_LINES_MAX = 30;

/** Removes Go's folders however the build ends, also when our process is gone and only the watcher is left. */
const BUILD_SCRIPT = `
work=$1 target=$2
shift 2
# Our death closes the pipe that the shell reports to, which must not end it before it has cleaned up.
trap '' PIPE
trap 'rm -rf -- "$work"' EXIT
trap 'exit 143' HUP INT TERM
"$@" && mv -f -- "$work/bin/temporal" "$target"
`;

const goCommand = [
  'go',
  'install',
  '-trimpath',
  '-ldflags',
  '-s -w',
  `github.com/temporalio/cli/cmd/temporal@v${TEMPORAL_CLI_VERSION}`,
];

function goEnvironment(env: NodeJS.ProcessEnv, work: string): NodeJS.ProcessEnv {
  return {
    ...env,
    CGO_ENABLED: '0',
    GOPATH: join(work, 'path'),
    GOBIN: join(work, 'bin'),
    GOMODCACHE: join(work, 'mod'),
    GOCACHE: join(work, 'cache'),
    GOTMPDIR: work,
    // Without it the module cache is read-only and cannot be removed.
    GOFLAGS: '-modcacherw',
    GOWORK: 'off',
  };
}

function countFiles(folder: string, ending: string): number {
  try {
    return readdirSync(folder, { recursive: true }).filter((name) => String(name).endsWith(ending)).length;
  } catch {
    return 0;
  }
}

/** Waits for the build, telling how far it has come; throws Go's last lines when it fails. */
async function follow(child: BoundChild, work: string, options: BuildOptions): Promise<void> {
  const lines: string[] = [];
  child.process.stderr?.setEncoding('utf8').on('data', (text: string) => {
    lines.push(...text.split('\n').filter(Boolean));
    lines.splice(0, Math.max(0, lines.length - OUTPUT_LINES_MAX));
  });
  child.process.stdout?.resume();
  const timer = setInterval(() => {
    const modules = countFiles(join(work, 'mod/cache/download'), '.zip');
    const packages = countFiles(join(work, 'cache'), '-d');
    options.say(`${modules} modules fetched, ${packages} packages compiled`);
  }, 1_000);
  const stop = () => void child.stop();
  const limit = setTimeout(stop, BUILD_MS_MAX);
  options.signal?.addEventListener('abort', stop, { once: true });
  try {
    const result = await child.ended;
    options.signal?.throwIfAborted();
    if (result !== 0) throw new Error(`go install ended with ${result}:\n${lines.join('\n')}`);
  } finally {
    clearInterval(timer);
    clearTimeout(limit);
    options.signal?.removeEventListener('abort', stop);
  }
}

async function build(options: BuildOptions): Promise<void> {
  const work = `${options.target}.build`;
  await rm(work, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  const child = await startBound({
    command: '/bin/sh',
    args: ['-c', BUILD_SCRIPT, 'placet-build', work, options.target, ...goCommand],
    cwd: dirname(work),
    env: goEnvironment(options.env, work),
    grace_seconds: CLEAN_SECONDS_MAX,
  });
  try {
    await follow(child, work, options);
  } finally {
    // The shell has done it, unless a slow disk made it run out of its time.
    await rm(work, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Builds the server into `target`; a second builder waits for the first. Throws Go's own words when it fails. */
export async function buildTemporal(options: BuildOptions): Promise<void> {
  for (const end = Date.now() + BUILD_MS_MAX; ; await sleep(LOCK_POLL_MS)) {
    options.signal?.throwIfAborted();
    const result = takeLock(`${options.target}.lock`);
    if (result.kind === 'held') {
      try {
        if (!(await options.isPresent())) await build(options);
        return;
      } finally {
        result.lock.release();
      }
    }
    options.say(`process ${result.by} builds it already`);
    if (Date.now() > end) throw new Error(`Process ${result.by} holds the build for too long; end it and try again.`);
  }
}
