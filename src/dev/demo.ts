// The stack of `placet demo`: everything in a temporary folder, and nothing left of it afterwards.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPlaygroundClient } from '@placet/playground';
import type { DemoStack } from '../cli/demo.ts';
import { describeFaults, readConfig } from '../config.ts';
import { openDatabase } from '../db/database.ts';
import { countViolations } from '../db/views.ts';
import { openHome } from './home.ts';
import { createProgress } from './progress.ts';
import { startStack } from './stack.ts';

/** What `placet demo` brings itself: settings for real parts in the environment are left out of it. */
const TAKEN_FROM_ENVIRONMENT = ['PATH', 'HOME', 'PLACET_CACHE', 'TEMPORAL_ADDRESS', 'TMPDIR', 'XDG_CACHE_HOME'];

/** Starts the stack for the demo; `close` stops it and removes its folder. */
export async function openDemo(environment: NodeJS.ProcessEnv, program: string): Promise<DemoStack> {
  const root = mkdtempSync(join(tmpdir(), 'placet-demo-'));
  const stopping = new AbortController();
  const abort = () => stopping.abort(new Error('stopped'));
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, abort);
  const remove = () => rmSync(root, { recursive: true, force: true });
  const settings = Object.fromEntries(
    Object.entries(environment).filter(([name]) => TAKEN_FROM_ENVIRONMENT.includes(name)),
  );
  const result = readConfig(settings);
  if (result.kind === 'invalid') throw new Error(describeFaults(result.faults));
  const stack = await startStack({
    home: openHome(root),
    config: result.config,
    progress: createProgress(),
    signal: stopping.signal,
    program,
  }).catch((error: unknown) => {
    remove();
    throw error;
  });
  const { demoAgent, pageUrl, apiUrl } = stack;
  if (demoAgent === undefined || pageUrl === undefined) throw new Error('the demo needs the playground and its agent');
  const url = stack.environment['DATABASE_URL'] ?? '';
  const database = openDatabase({ url, max: 1, application_name: 'placet demo', onError: () => undefined });
  return {
    api_url: apiUrl,
    agent_key: demoAgent.agent_key,
    playground: createPlaygroundClient(pageUrl),
    countViolations: () => database.transact(result.config.tenant, countViolations),
    close: async () => {
      await database.close();
      await stack.stop();
      remove();
    },
  };
}
