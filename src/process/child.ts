// Starts child processes that never outlive this one, not even when it is killed with SIGKILL.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Writable } from 'node:stream';

/**
 * The command runs under its own pid in its own process group. A forked watcher reads the pipe from the parent: a line
 * means "it has ended", end of file means that the parent died, and then the group is signalled and later killed.
 */
const WATCHED = `
exec 3<&0
pid=$$
( {
  trap '' HUP INT TERM
  if read -r _ <&3; then exit 0; fi
  kill -s "$1" -- "-$pid"
  waited=0
  while [ "$waited" -lt "$2" ] && kill -0 "$pid"; do sleep 1; waited=$((waited + 1)); done
  kill -s KILL -- "-$pid"
} >/dev/null 2>&1 & )
shift 2
exec "$@" 3<&- </dev/null
`;

export type BoundOptions = {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly uid?: number;
  readonly gid?: number;
  /** Where its two outputs go: piped to us, thrown away, ours, or an open file. */
  readonly output?: 'pipe' | 'ignore' | 'inherit' | number;
  /** What asks it to end; some servers tell a quick stop from a slow one by the signal. */
  readonly stop_signal?: 'SIGTERM' | 'SIGINT';
  readonly grace_seconds?: number;
};

/** A running child: `ended` resolves with its exit code or signal, `stop` asks, waits, then kills. */
export type BoundChild = {
  readonly pid: number;
  readonly process: ChildProcess;
  readonly ended: Promise<number | NodeJS.Signals>;
  readonly hasEnded: () => boolean;
  readonly stop: () => Promise<void>;
};

const GRACE_SECONDS_DEFAULT = 10;

/** Signals a whole group; one that is gone already is no error. */
function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function spawnWatched(options: BoundOptions): ChildProcess {
  const signal = (options.stop_signal ?? 'SIGTERM').slice(3);
  const grace = String(options.grace_seconds ?? GRACE_SECONDS_DEFAULT);
  const output = options.output ?? 'pipe';
  return spawn('/bin/sh', ['-c', WATCHED, 'placet-child', signal, grace, options.command, ...options.args], {
    detached: true,
    stdio: ['pipe', output, output],
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.env === undefined ? {} : { env: options.env }),
    ...(options.uid === undefined ? {} : { uid: options.uid }),
    ...(options.gid === undefined ? {} : { gid: options.gid }),
  });
}

/** Starts a command whose life is bound to ours; throws when it cannot be started at all. */
export async function startBound(options: BoundOptions): Promise<BoundChild> {
  const child = spawnWatched(options);
  const stdin = child.stdin as Writable;
  // The watcher may be gone before the line reaches it.
  stdin.on('error', () => undefined);
  let result: number | NodeJS.Signals | undefined;
  const ended = new Promise<number | NodeJS.Signals>((resolve) => {
    child.once('exit', (code, signal) => {
      result = code ?? signal ?? 1;
      stdin.end('ended\n');
      resolve(result);
    });
  });
  await once(child, 'spawn');
  const pid = child.pid as number;
  const stop = async () => {
    if (result !== undefined) return;
    signalGroup(pid, options.stop_signal ?? 'SIGTERM');
    const timer = setTimeout(
      () => signalGroup(pid, 'SIGKILL'),
      (options.grace_seconds ?? GRACE_SECONDS_DEFAULT) * 1000,
    );
    await ended;
    clearTimeout(timer);
  };
  return { pid, process: child, ended, hasEnded: () => result !== undefined, stop };
}
