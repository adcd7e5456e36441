// Builds one command: its options, --json, and the parsers of option values that all commands share.

import { Command, InvalidArgumentError, Option } from 'commander';
import type { NameKind } from '../domain/grammar.ts';
import { nameFault } from '../domain/policy/pattern.ts';
import { meantDuration, parseDuration } from '../policy/duration.ts';

export const EXIT = { ok: 0, failure: 1, usage: 2, policy: 3 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Ends a command whose outcome is not an error of ours but is not success either. */
export class ExitSignal extends Error {
  readonly exitCode: ExitCode;

  constructor(exitCode: ExitCode) {
    super(`exit ${exitCode}`);
    this.name = 'ExitSignal';
    this.exitCode = exitCode;
  }
}

/** A command that takes --json. */
export function makeCommand(name: string, description: string): Command {
  return new Command(name).description(description).option('--json', 'print JSON instead of text', false);
}

/** A command that only holds others. */
export function makeGroup(name: string, description: string): Command {
  return new Command(name).description(description);
}

/** `--limit`, bounded so that no list drowns the terminal or the server. */
export function limitOption(items_default: number, items_max: number): Option {
  return new Option('--limit <number>', `how many at most, up to ${items_max}`)
    .default(items_default)
    .argParser(integer(1, items_max));
}

/** Parses a whole number within bounds. */
export function integer(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= min && value <= max)) throw new InvalidArgumentError(`Write a whole number from ${min} to ${max}.`);
    return value;
  };
}

/** Parses a duration such as `24h` (or `0`) to seconds, up to a limit. */
export function duration(seconds_max: number): (text: string) => number {
  return (text) => {
    const seconds = text === '0' ? 0 : parseDuration(text);
    if (seconds === null || seconds > seconds_max) {
      const meant = seconds === null ? meantDuration(text) : null;
      const advice = meant === null ? '' : ` Did you mean ${meant}?`;
      throw new InvalidArgumentError(
        `Write a duration such as 24h, 30m or 0, up to ${seconds_max / 86_400}d.${advice}`,
      );
    }
    return seconds;
  };
}

/** Parses the name of an agent or an environment, and says what is wrong with another text. */
export function named(kind: NameKind): (text: string) => string {
  return (text) => {
    const fault = nameFault(kind, text);
    if (fault !== null) throw new InvalidArgumentError(`${fault.charAt(0).toUpperCase()}${fault.slice(1)}.`);
    return text;
  };
}

/** Parses text of a given form. */
export function matching(form: RegExp, advice: string): (text: string) => string {
  return (text) => {
    if (!form.test(text)) throw new InvalidArgumentError(advice);
    return text;
  };
}
