// The stack of `placet demo`: everything in a temporary folder, and nothing left of it afterwards.

import { tmpdir } from 'node:os';
import { createPlaygroundClient } from '@placet/playground';
import { countViolations } from '../../src/db/content-views.ts';
import { openDatabase } from '../../src/db/database.ts';
import { requireConfig } from '../../src/process/config.ts';
import { openDataFolder } from '../data-folder.ts';
import { explained } from '../fault.ts';
import { createProgress } from '../progress.ts';
import { startStack } from '../stack.ts';
import { onStopSignals } from '../stop-signals.ts';
import { makeWorkFolder, removeWorkFolder } from '../work-folder.ts';
import type { DemoStack } from './demo-stack.ts';

/** What `placet demo` brings itself: settings for real parts in the environment are left out of it. */
const TAKEN_FROM_ENVIRONMENT = /^(?:PATH|HOME|PLACET_CACHE|TEMPORAL_(?!TASK_QUEUE$)\w+|TMPDIR|XDG_CACHE_HOME)$/;

/** What a shell reports for a program that Ctrl-C ended. */
const INTERRUPTED = 130;

function demoEnvironment(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const taken = Object.entries(environment).filter(([name]) => TAKEN_FROM_ENVIRONMENT.test(name));
  return { ...Object.fromEntries(taken), PLACET_PORT: '0' };
}

function makeRoot(): string {
  try {
    return makeWorkFolder('demo');
  } catch (error) {
    throw explained(error, tmpdir());
  }
}

/** Starts the stack for the demo; `close` stops it and removes its folder, and so does Ctrl-C at any moment. */
export async function openDemo(inherited: NodeJS.ProcessEnv, program: string): Promise<DemoStack> {
  const environment = demoEnvironment(inherited);
  const config = requireConfig(environment);
  const root = makeRoot();
  const { signal, release } = onStopSignals();
  const closing: (() => Promise<void> | void)[] = [() => removeWorkFolder(root), release];
  const close = async () => {
    for (const end of closing.splice(0).toReversed()) await end();
  };
  try {
    const stack = await startStack({
      data: openDataFolder(root),
      config,
      environment,
      progress: createProgress(),
      signal,
      program,
    });
    closing.push(stack.stop);
    signal.addEventListener('abort', () => void close().finally(() => process.exit(INTERRUPTED)));
    const { demo_agent, page_url, api_url } = stack;
    if (demo_agent === undefined || page_url === undefined)
      throw new Error('the demo needs its playground and its agent');
    const url = stack.environment['DATABASE_URL'] ?? '';
    const database = openDatabase({ url, max: 1, application_name: 'placet demo', onError: () => undefined });
    closing.push(database.close);
    return {
      api_url,
      agent_key: demo_agent.agent_key,
      slack: createPlaygroundClient(page_url),
      page_url,
      threads_url: new URL('/postgres', stack.environment['DATABASE_OWNER_URL']).href,
      countViolations: () => database.transact(config.tenant, countViolations),
      close,
    };
  } catch (error) {
    await close();
    // Whoever pressed Ctrl-C need not be told.
    if (signal.aborted) process.exit(INTERRUPTED);
    throw explained(error, tmpdir());
  }
}
