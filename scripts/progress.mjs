// Says what is happening before anything is built: one line per step, moving while it lasts. Plain Node, no dependencies.
import { spawn } from 'node:child_process';

/** A silent wait looks like a hang: without a terminal, say every so often that the step goes on. */
const QUIET_INTERVAL_MS = 15_000;
/** What went wrong stands at the head of npm's output and at the tail of most others'. */
const SHOWN_LINES = 25;

const seconds = (since) => `${((Date.now() - since) / 1000).toFixed(1)} s`;

/** Runs `work(say)` under a label; prints nothing for a step that ends within a second when `quiet`. */
export async function step(label, work, { quiet = false, out = process.stderr } = {}) {
  const since = Date.now();
  let detail = '';
  let shown = false;
  const show = () => {
    shown = true;
    if (out.isTTY) out.write(`\r\x1b[2K  … ${label} ${detail} ${seconds(since)}`);
    else out.write(`  … ${label} ${detail}${detail ? ' ' : ''}(${seconds(since)})\n`);
  };
  const first = setTimeout(show, 1000);
  const timer = setInterval(show, out.isTTY ? 250 : QUIET_INTERVAL_MS);
  const end = (mark) => {
    clearTimeout(first);
    clearInterval(timer);
    if (out.isTTY && shown) out.write('\r\x1b[2K');
    if (!quiet || shown || mark === '✗') out.write(`  ${mark} ${label} (${seconds(since)})\n`);
  };
  try {
    const result = await work((text) => {
      detail = text;
    });
    end('✓');
    return result;
  } catch (error) {
    end('✗');
    throw error;
  }
}

/** As in src/process/child.ts, which is not built yet: the command's group ends when our end of the pipe closes. */
const WATCHED = `
exec 3<&0
pid=$$
( {
  trap '' HUP INT TERM
  if read -r _ <&3; then exit 0; fi
  kill -s TERM -- "-$pid"
  waited=0
  while [ "$waited" -lt 5 ] && kill -0 "$pid"; do sleep 1; waited=$((waited + 1)); done
  kill -s KILL -- "-$pid"
} >/dev/null 2>&1 & )
exec "$@" 3<&- </dev/null
`;

function excerpt(output) {
  // npm's account of each request and its warnings are for whoever follows it, not for whoever reads why it failed.
  const lines = output
    .trimEnd()
    .split('\n')
    .filter((line) => !/^npm (http|notice|warn)/.test(line));
  if (lines.length <= 2 * SHOWN_LINES) return lines.join('\n');
  return [...lines.slice(0, SHOWN_LINES), '…', ...lines.slice(-SHOWN_LINES)].join('\n');
}

/**
 * Runs a command and keeps its output; a failure carries the last lines of it. It ends when we do, even by SIGKILL.
 * `onOutput` hears it as it comes; `signal` ends it.
 */
export function run(command, args, { onOutput = () => {}, ...options } = {}) {
  return new Promise((resolve, reject) => {
    const shell = ['-c', WATCHED, 'placet-step', command, ...args];
    const child = spawn('/bin/sh', shell, { stdio: 'pipe', detached: true, ...options });
    let output = '';
    const keep = (chunk) => {
      output = (output + chunk).slice(-200_000);
      onOutput(chunk);
    };
    child.stdout.setEncoding('utf8').on('data', keep);
    child.stderr.setEncoding('utf8').on('data', keep);
    child.stdin.on('error', () => undefined);
    // An abort ends the command, and that end is what we wait for.
    child.once('error', (error) => error.name === 'AbortError' || reject(error));
    child.once('exit', () => child.stdin.end('ended\n'));
    child.once('close', (code, signal) => {
      if (code === 0) return resolve(output);
      reject(Object.assign(new Error(`${command} ended with ${signal ?? code}`), { output: excerpt(output) }));
    });
  });
}
