// The `placet` program of a clone: what an installation has, and the commands that bring their own parts.

import { fileURLToPath } from 'node:url';
import { type Config, processEnvironment, requireConfig } from '../src/process/config.ts';
import { runProgram } from '../src/process/program.ts';
import { devCommands } from './commands.ts';
import { readRunFile } from './data-folder.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** What each role runs: the program of an installation. */
const PROGRAM = fileURLToPath(new URL('../src/main.js', import.meta.url));

/** The settings of this environment, or else those of the run that `npm start` keeps going in this folder. */
function loadConfig(): Config {
  const environment = processEnvironment();
  const run = environment['DATABASE_URL'] === undefined ? readRunFile(ROOT) : undefined;
  return requireConfig({ ...run?.environment, ...environment });
}

await runProgram({
  loadConfig,
  program: PROGRAM,
  commands: (io) =>
    devCommands(io, {
      dev: async ({ fresh }) => {
        const { runDev } = await import('./dev.ts');
        process.exitCode = await runDev({ root: ROOT, fresh });
      },
      openDemo: async () => (await import('./demo/open.ts')).openDemo(processEnvironment(), PROGRAM),
    }),
});
