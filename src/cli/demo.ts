// `placet demo`: plays the story step by step against a temporary stack and says after each step whether it held.

import type { Io } from './operations.ts';

/** What the demo needs of the stack that was started for it. */
export type DemoStack = { readonly close: () => Promise<void> };

/** True when every step held. One line a step, or one JSON object a line. */
export async function runDemo(_stack: DemoStack, _io: Io, _json: boolean): Promise<boolean> {
  return false;
}
