// Notices that the npm which started us was killed: its death reaches nobody else, and the next start finds us running.
import { commandLine, isRunning, nameProcess, type ProcessName, parentOf } from '../process/pid.ts';

const POLL_MS = 250;
/** npm starts a shell, the shell starts us. */
const STEPS_UP_MAX = 3;

function findNpm(environment: NodeJS.ProcessEnv): ProcessName | undefined {
  if (environment['npm_lifecycle_event'] === undefined) return undefined;
  let pid = process.ppid;
  for (let step = 0; step < STEPS_UP_MAX && pid > 1; step += 1, pid = parentOf(pid)) {
    // npm renames itself to "npm start" and the like.
    if (/^npm |npm-cli\.js/.test(commandLine(pid))) return nameProcess(pid);
  }
  return undefined;
}

/** Calls `onDeath` once when npm started us and is gone; returns what stops watching. */
export function watchStarter(environment: NodeJS.ProcessEnv, onDeath: () => void): () => void {
  const npm = findNpm(environment);
  if (npm === undefined) return () => undefined;
  const timer = setInterval(() => {
    if (isRunning(npm)) return;
    clearInterval(timer);
    onDeath();
  }, POLL_MS);
  timer.unref();
  return () => clearInterval(timer);
}
