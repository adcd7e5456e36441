// `placet demo`: plays the story step by step against a temporary stack and says after each step whether it held.

import type { Io } from '../../src/cli/io.ts';
import { printJson, safe } from '../../src/cli/print.ts';
import type { DemoStack } from './demo-stack.ts';
import { type Step, tellStory } from './story.ts';

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
