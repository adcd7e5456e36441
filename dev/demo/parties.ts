// Runs the demo agent and the demo tool of examples/ beside Placet, each in a process of its own, as strangers would.

import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { supervise } from '../../src/process/supervise.ts';

export type PartiesOptions = {
  readonly api_url: string;
  readonly agent_key: string;
  readonly tool_port: number;
  readonly environment: NodeJS.ProcessEnv;
  readonly note: (text: string) => void;
  readonly onPid: (pid: number) => void;
};

/** Between two lives of the agent: a rule that always denies must not make it a flood. */
const PAUSE_MS = 5_000;
/** So many refunds in one life; nobody clicks more in a sitting. */
const ROUNDS = 1_000;
/** Only for the order of what is printed: the agent asks within a second. */
const FIRST_WORD_MS_MAX = 10_000;

function example(name: string): string {
  return fileURLToPath(new URL(`../../examples/${name}.js`, import.meta.url));
}

/** Starts both; `first_word` resolves once the agent has asked for something, or after a while. */
export function startParties(options: PartiesOptions): {
  readonly first_word: Promise<unknown>;
  readonly stop: () => Promise<void>;
} {
  const { api_url, agent_key, tool_port, note } = options;
  const { PATH, HOME } = options.environment;
  // An agent gets its own key and nothing of the server's settings.
  const env = { PATH, HOME, PLACET_URL: api_url };
  const tool = { ...env, TOOL_PORT: String(tool_port) };
  const agent = {
    ...env,
    PLACET_AGENT_KEY: agent_key,
    TOOL_URL: `http://127.0.0.1:${tool_port}`,
    AGENT_ROUNDS: String(ROUNDS),
  };
  const items = Object.entries({ tool, agent }).map(([name, own]) => ({
    name,
    options: { command: process.execPath, args: [example(name)], env: own },
  }));
  let hasAsked: () => void = () => undefined;
  const first_word = new Promise<void>((resolve) => {
    hasAsked = resolve;
  });
  const show = (line: string) => {
    note(`  ${line}`);
    if (line.startsWith('agent: asked')) hasAsked();
  };
  const supervisor = supervise(items, {
    onStart: (_name, { pid, process: child }) => {
      options.onPid(pid);
      for (const output of [child.stdout, child.stderr]) {
        if (output !== null) createInterface({ input: output }).on('line', show);
      }
    },
    onEnd: () => undefined,
    wait: (_milliseconds, signal) => sleep(PAUSE_MS, undefined, { signal }).catch(() => undefined),
  });
  const patience = sleep(FIRST_WORD_MS_MAX, undefined, { ref: false });
  return { first_word: Promise.race([first_word, patience]), stop: supervisor.stop };
}
