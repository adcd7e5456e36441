// Closes what a test opened, once it is over, whichever way it ended.
import { afterEach } from '@jest/globals';

const closers: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** Runs `close` after the test: what was opened last is closed first. */
export function afterwards(close: () => Promise<unknown>): void {
  closers.push(close);
}
