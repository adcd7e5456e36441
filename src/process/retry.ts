// Does a use case again while the database is away for a moment: a person who clicks has no client that tries again.

import { setTimeout as pause } from 'node:timers/promises';
import { hasCode, type PlacetError } from '../domain/errors.ts';

/** A primary that is replaced is back within seconds; whoever clicked does not look at the screen for longer. */
const PAUSES_MS = [200, 400, 800, 1_600, 3_000] as const;

/** The same use case; it must be one that may be done twice. What an operator must mend first is not tried again. */
export function retrying<A extends readonly unknown[], V>(
  useCase: (...input: A) => Promise<V>,
  wait: (ms: number) => Promise<unknown> = pause,
): (...input: A) => Promise<V> {
  return async (...input) => {
    for (const pause_ms of PAUSES_MS) {
      try {
        return await useCase(...input);
      } catch (error) {
        if (!isPassing(error)) throw error;
        await wait(pause_ms);
      }
    }
    return useCase(...input);
  };
}

type UseCases = Readonly<Record<string, (...input: never[]) => Promise<unknown>>>;

/** The same for each use case of a list. */
export function retryingEach<U extends UseCases>(useCases: U): U {
  return Object.fromEntries(Object.entries(useCases).map(([name, useCase]) => [name, retrying(useCase)])) as U;
}

function isPassing(error: unknown): boolean {
  if (!hasCode(error, 'unavailable')) return false;
  const { dependency, retry_after_seconds } = (error as PlacetError).details;
  return dependency === 'database' && retry_after_seconds === undefined;
}
