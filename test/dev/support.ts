// Runs `placet dev` in a process and a folder of its own, and asks the database of one. Expects nothing itself.
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { processesAbout, runScript, type Script } from '../support/processes.ts';
import { until } from '../support/wait.ts';

const fakeRole = fileURLToPath(new URL('../support/fake-role.mjs', import.meta.url));

export type DevOptions = {
  readonly fresh?: boolean;
  readonly env?: NodeJS.ProcessEnv;
  /** Placet's own processes instead of stand-ins for them. */
  readonly hasRealRoles?: boolean;
  /** No file can be larger than so many blocks. */
  readonly fileBlocks?: number;
};

/** Starts a run in a folder, as `npm start` does, on any free port for the API. */
export function startDev(root: string, more: DevOptions = {}): Script {
  const { fresh = false, env, hasRealRoles = false, fileBlocks } = more;
  const options = JSON.stringify({ root, fresh, ...(hasRealRoles ? {} : { program: fakeRole }) });
  const code = `
    import { runDev } from './dist/dev/dev.js';
    process.exitCode = await runDev(${options});
  `;
  // Nothing of the test run's own settings.
  const { PATH, HOME, TMPDIR, PLACET_CACHE } = process.env;
  return runScript(code, { PATH, HOME, TMPDIR, PLACET_CACHE, PLACET_PORT: '0', ...env }, fileBlocks);
}

export const isRunning = (run: Script) => run.says('Placet is running.');
export const hasNoProcess = (root: string) => until(() => processesAbout(root).length === 0);

/** The rows of one statement, on a connection of its own. */
export async function query<Row extends pg.QueryResultRow>(url: string, sql: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(sql)).rows;
  } finally {
    await client.end();
  }
}
