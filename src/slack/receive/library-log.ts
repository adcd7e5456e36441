// What Bolt and its parts may say in our log: warnings and errors in one short line, never a body.

import { type Logger, LogLevel } from '@slack/bolt';
import type { SlackLog } from './listener-context.ts';

const TEXT_CHARACTERS_MAX = 200;

/** A logger for Slack's libraries. Their debug lines print whole payloads, so those levels stay off. */
export function libraryLogger(log: SlackLog): Logger {
  const silent = () => {};
  return {
    debug: silent,
    info: silent,
    warn: (...args) => log.warn('slack library warned', { step: textOf(args) }),
    error: (...args) => log.error('slack library failed', { step: textOf(args) }),
    setLevel: silent,
    getLevel: () => LogLevel.WARN,
    setName: silent,
  };
}

function textOf(args: readonly unknown[]): string {
  const [first] = args;
  const text = first instanceof Error ? first.message : typeof first === 'string' ? first : 'no text';
  return text.slice(0, TEXT_CHARACTERS_MAX);
}
