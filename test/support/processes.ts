// Runs the built program, or pieces of it, in processes of their own, and looks for what they may leave behind.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll } from '@jest/globals';
import { commandLine } from '../../src/process/pid.ts';
import { until } from './wait.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** The built program: what `placet` runs. */
/** The program of an installation, which every role runs; and that of a clone, which also brings its own parts. */
export const PROGRAM = join(root, 'dist/src/main.js');
const CLONE_PROGRAM = join(root, 'dist/dev/main.js');

const scripts = new Set<ChildProcess>();

/** A new folder of this test's own; `npm test` removes it with all its temporary files. */
export const newFolder = (): string => mkdtempSync(join(tmpdir(), 'placet-case-'));

// A test that failed half way leaves its scripts running; what they started ends with them.
afterAll(() => {
  for (const child of scripts) child.kill('SIGKILL');
});

export type Script = {
  readonly process: ChildProcess;
  readonly ended: Promise<number | NodeJS.Signals | null>;
  readonly output: () => string;
  /** Resolves once the output bears the text. */
  readonly says: (text: string) => Promise<unknown>;
};

/** Runs lines of JavaScript that may import `./dist/src/…`; `fileBlocks` bounds what it can write, as a full disk does. */
export function runScript(code: string, env: NodeJS.ProcessEnv = process.env, fileBlocks?: number): Script {
  const limit = fileBlocks === undefined ? '' : `ulimit -f ${fileBlocks}; `;
  const args = ['-c', `${limit}exec "$@"`, 'sh', process.execPath, '--input-type=module', '--eval', code];
  const child = spawn('/bin/sh', args, { cwd: root, env, stdio: ['pipe', 'pipe', 'pipe'] });
  scripts.add(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const ended = new Promise<number | NodeJS.Signals | null>((resolve) => {
    child.once('close', (exitCode, signal) => resolve(exitCode ?? signal));
  });
  const says = (text: string) =>
    until(
      () => output.includes(text) || (child.exitCode !== null && fail(`ended without saying "${text}":\n${output}`)),
    );
  return { process: child, ended, output: () => output, says };
}

/** Runs the built program to its end; with `isHeard` false nobody reads what it says. */
export async function runProgram(args: readonly string[], env: NodeJS.ProcessEnv, isHeard = true) {
  const child = spawn(process.execPath, [CLONE_PROGRAM, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  scripts.add(child);
  const output = { out: '', err: '' };
  if (isHeard) {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output.out += text;
    });
  } else child.stdout.destroy();
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output.err += text;
  });
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, ...output };
}

function fail(message: string): never {
  throw new Error(message);
}

/** Command lines of all processes that mention a text, but for ours. */
export function processesAbout(text: string): string[] {
  if (!existsSync('/proc/self/cmdline')) {
    const lines = execFileSync('ps', ['-axo', 'command='], { encoding: 'utf8' }).split('\n');
    return lines.filter((line) => line.includes(text));
  }
  const pids = readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 1 && pid !== process.pid);
  return pids.map(commandLine).filter((line) => line.includes(text));
}
