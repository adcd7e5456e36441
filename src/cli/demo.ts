// `placet demo`: plays the story step by step against a temporary stack and says after each step whether it held.

import { type Step, tellStory } from './demo-story.ts';
import type { Io } from './operations.ts';
import { printJson, safe } from './print.ts';

export type DemoMessage = {
  readonly ts: string;
  readonly text: string;
  readonly blocks: readonly object[];
  readonly thread_ts?: string;
};

export type DemoState = {
  readonly channels: readonly {
    readonly id: string;
    readonly members: readonly string[];
    readonly messages: readonly DemoMessage[];
  }[];
  readonly views: Readonly<Record<string, readonly { readonly id: string; readonly blocks: readonly object[] }[]>>;
};

type Act = { readonly ok: boolean; readonly error?: string };

/** What the demo uses of the playground's control API. */
export type DemoPlayground = {
  state(): Promise<DemoState>;
  click(click: { as: string; channel: string; ts: string; action_id: string; block_id: string }): Promise<Act>;
  submit(filled: { as: string; view_id: string; values: Record<string, string> }): Promise<Act>;
  ephemerals(as: string): Promise<readonly DemoMessage[]>;
  setChannel(id: string, change: { members: string[] }): Promise<unknown>;
  waitFor<T>(
    predicate: (state: DemoState) => T | null | undefined | false | Promise<T | null | undefined | false>,
    timeout_ms: number,
  ): Promise<T>;
};

/** What the demo needs of the stack that was started for it: the demo policy applied, one agent owned by Support. */
export type DemoStack = {
  /** Also the issuer of its credentials. */
  readonly api_url: string;
  readonly agent_key: string;
  readonly playground: DemoPlayground;
  /** Rows in the two views that must stay empty (INV-10). */
  readonly countViolations: () => Promise<{
    readonly executed_without_approval: number;
    readonly executed_twice: number;
  }>;
  readonly close: () => Promise<void>;
};

/** True when every step held. One line a step, or one JSON object a line; a step that failed does not end the story. */
export async function runDemo(stack: DemoStack, io: Io, json: boolean): Promise<boolean> {
  const steps = tellStory(stack);
  const wide = Math.max(...steps.map((step) => step.name.length));
  let held = 0;
  for (const step of steps) {
    const failure = await failureOf(step);
    if (failure === null) held += 1;
    if (json)
      printJson(io, { step: step.name, ok: failure === null, ...(failure === null ? {} : { detail: failure }) });
    else io.out(`${failure === null ? '✓' : '✗'} ${step.name.padEnd(wide)}  ${step.says}\n`);
    if (!json && failure !== null) io.out(`${' '.repeat(wide + 4)}${safe(failure)}\n`);
  }
  if (!json) io.out(held === steps.length ? '\nEvery step held.\n' : `\n${steps.length - held} steps failed.\n`);
  return held === steps.length;
}

async function failureOf(step: Step): Promise<string | null> {
  try {
    await step.run();
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : 'it failed';
  }
}
