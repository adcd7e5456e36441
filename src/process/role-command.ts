// How a role's process is started, wherever one is, and how little memory Node is told to be content with.

import { setFlagsFromString } from 'node:v8';

/**
 * Young objects get 2 MB, and the heap grows by a fifth before it is collected: a role weighs a third less
 * (docs/performance.md).
 */
const NODE_FLAGS: readonly string[] = ['--max-semi-space-size=2', '--heap-growing-percent=20'];

/**
 * On a machine that has too much to do the doors come first: a person or an agent waits there, a card can wait. For the
 * worker, and for a Temporal beside it.
 */
export const BACKGROUND_NICENESS = 5;

/** Starts `placet serve` with one role from the built program. */
export function roleCommand(program: string, role: 'api' | 'slack' | 'worker'): { command: string; args: string[] } {
  return { command: process.execPath, args: [...NODE_FLAGS, program, 'serve', '--role', role] };
}

/** For a role that was started by hand: all but the size of this thread's young generation, which stands already. */
export function saveMemory(): void {
  for (const flag of NODE_FLAGS) setFlagsFromString(flag);
}
