// Ends this process when the npm that started it is gone: its death reaches nobody else, and the work would go on unseen.
import { commandLine, isAlive, parentOf, startTime } from './pid.mjs';

const POLL_MS = 250;
/** npm starts a shell, the shell starts us. */
const STEPS_UP_MAX = 3;

function findNpm() {
  if (process.env.npm_lifecycle_event === undefined) return undefined;
  let pid = process.ppid;
  for (let step = 0; step < STEPS_UP_MAX && pid > 1; step += 1, pid = parentOf(pid)) {
    // npm renames itself to "npm start" and the like.
    if (/^npm |npm-cli\.js/.test(commandLine(pid))) return { pid, started: startTime(pid) };
  }
  return undefined;
}

/** Stops us as `kill` would once npm, if it started us, has died: from the first step on, whatever runs by then. */
export function endWithNpm() {
  const npm = findNpm();
  if (npm === undefined) return;
  const timer = setInterval(() => {
    if (isAlive(npm.pid, npm.started)) return;
    clearInterval(timer);
    process.kill(process.pid, 'SIGTERM');
  }, POLL_MS);
  timer.unref();
}
