// Says an error to people and to programs: its title, its code and the facts that it bears. Prints nothing itself.

import { PlacetError } from '../domain/errors.ts';
import { indented, safe } from './print.ts';

const MARGIN = '  ';

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

/** What happened to which part, where the error knows it, or else its title; its other facts; and last what helps. */
export function errorText(error: unknown): string {
  const { code, title, details } = factsOf(error);
  const { remedy, ...facts } = details;
  const { dependency, reason, ...others } = facts;
  const hasReason = dependency !== undefined && reason !== undefined;
  const lines = Object.entries(hasReason ? others : facts).map(
    ([name, value]) => `${name}: ${isOfLines(value) ? indented(value, MARGIN) : safe(JSON.stringify(value))}`,
  );
  if (remedy !== undefined) lines.push(`remedy: ${indented(String(remedy), MARGIN)}`);
  const text = hasReason ? `${dependency}: ${reason}` : title;
  return [`${safe(text, true)} (${code})`, ...lines].join(`\n${MARGIN}`);
}

function isOfLines(value: unknown): value is string {
  return typeof value === 'string' && value.includes('\n');
}
