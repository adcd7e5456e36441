// The `placet` program: gives the command line its operations and ends with its exit code.

import { readFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Io } from './cli/io.ts';
import { runCli } from './cli/main.ts';
import type { Operations } from './cli/operations.ts';
import { type Config, processEnvironment, requireConfig } from './config.ts';
import { readRunFile } from './dev/home.ts';
import { buildAdmin } from './process/admin.ts';
import { serve } from './process/serve.ts';
import { VERSION } from './process/version.ts';

const PROGRAM = fileURLToPath(import.meta.url);
const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** The settings of this environment, or else those of the run that `npm start` keeps going in this folder. */
function loadConfig(): Config {
  const environment = processEnvironment();
  const run = environment['DATABASE_URL'] === undefined ? readRunFile(ROOT) : undefined;
  return requireConfig({ ...run?.environment, ...environment });
}

/** The name of who runs the command; a container may run as a user that no list of the system names. */
function operatorName(): string {
  try {
    return userInfo().username;
  } catch {
    return `user ${process.getuid?.() ?? 'unknown'}`;
  }
}

/** What only one command needs is loaded by that command: a role's process is much smaller without it. */
const operations: Operations = {
  ...buildAdmin(loadConfig),
  serve: (role) => serve(loadConfig(), role, PROGRAM),
  dev: async ({ fresh }) => {
    const { runDev } = await import('./dev/dev.ts');
    process.exitCode = await runDev({ root: ROOT, fresh });
  },
  doctorChecks: async () => {
    const { doctorChecks, settingsCheck } = await import('./process/doctor-checks.ts');
    try {
      return doctorChecks(loadConfig());
    } catch (error) {
      return [settingsCheck(error)];
    }
  },
  openDemo: async () => (await import('./dev/demo.ts')).openDemo(processEnvironment(), PROGRAM),
};

const io: Io = {
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  readFile,
  operator: operatorName(),
  version: VERSION,
};

// A reader that has seen enough, such as `head`, is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

const code = await runCli(process.argv.slice(2), operations, io);
process.exitCode = process.exitCode || code;
// What a command that failed had opened, such as a connection, must not keep its process alive.
if (code !== 0) process.exit();
