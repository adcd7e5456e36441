// Says an error to people and to programs: its title, its code and the facts that it bears. Prints nothing itself.

import { PlacetError } from '../domain/errors.ts';
import { safe } from './print.ts';

export type ErrorFacts = {
  readonly code: string;
  readonly title: string;
  readonly details: Readonly<Record<string, unknown>>;
};

/** An error of the system, such as a folder that is read-only, says its own message; it holds nothing but a path. */
export function factsOf(error: unknown): ErrorFacts {
  if (error instanceof PlacetError) return { code: error.code, title: error.message, details: error.details };
  if (error instanceof Error) {
    const { code } = error as { code?: unknown };
    return { code: typeof code === 'string' ? code : 'internal', title: error.message, details: {} };
  }
  return { code: 'internal', title: 'Something went wrong.', details: {} };
}

/** What happened and what helps, of an error that knows both; of any other its title, and each fact on a line of its own. */
export function errorText(error: unknown): string {
  const { code, title, details } = factsOf(error);
  const { dependency, reason, mend } = details;
  if (reason !== undefined && mend !== undefined)
    return safe(`${dependency}: ${reason} (${code})\n  mend: ${mend}`, true);
  const facts = Object.entries(details).map(([name, value]) => `\n  ${name}: ${safe(JSON.stringify(value))}`);
  return `${safe(title, true)} (${code})${facts.join('')}`;
}
