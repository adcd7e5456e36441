// Shows the JSON log of a role to a person: everything into its file, warnings and worse on the terminal.

import { once } from 'node:events';
import { createWriteStream, existsSync, mkdirSync, renameSync, statSync, type WriteStream } from 'node:fs';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

const FILE_BYTES_MAX = 10 * 1024 * 1024;
const SHOWN_LEVELS = new Set(['warn', 'error', 'fatal']);
/** These stand in front of the line already, or say nothing to a person at the terminal. */
const NOT_SHOWN = new Set(['level', 'time', 'role', 'msg']);

/** A file of what a process said. */
export type LogFile = {
  readonly write: (text: string) => void;
  readonly end: () => void;
};

/**
 * Opens a log file to append to; a large one is put aside first. What cannot be written is lost, and said once: a full disk
 * must not end what runs.
 */
export function openLog(file: string, note: (text: string) => void): LogFile {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  if (existsSync(file) && statSync(file).size > FILE_BYTES_MAX) renameSync(file, `${file}.1`);
  let isSaid = false;
  const open = (): WriteStream =>
    createWriteStream(file, { flags: 'a', mode: 0o600 }).on('error', (error) => {
      stream = undefined;
      if (!isSaid) note(`  ${file} cannot be written: ${error.message}`);
      isSaid = true;
    });
  let stream: WriteStream | undefined = open();
  return {
    write: (text) => {
      stream ??= open();
      stream.write(text);
    },
    end: () => void stream?.end(),
  };
}

function showValue(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  const { type, message } = value as { type?: unknown; message?: unknown };
  return message === undefined ? JSON.stringify(value) : `${type ?? 'Error'}: ${message}`;
}

/** A line that is not JSON is none of the log: the process said it to people. */
function parseEvent(line: string): Record<string, unknown> | undefined {
  try {
    const event: unknown = JSON.parse(line);
    return typeof event === 'object' && event !== null ? (event as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** Turns an event into a line for people; undefined when it is not worth showing. */
function formatEvent(role: string, event: Record<string, unknown>): string | undefined {
  if (!SHOWN_LEVELS.has(String(event['level']))) return undefined;
  const rest = Object.entries(event).filter(([name]) => !NOT_SHOWN.has(name));
  const fields = rest.map(([name, value]) => `${name}=${showValue(value)}`).join(' ');
  return `  [${role}] ${event['level']}: ${event['msg']}${fields ? ` (${fields})` : ''}`;
}

export type FollowOptions = {
  readonly role: string;
  readonly log: LogFile;
  /** Takes the events that matter to a person. */
  readonly show: (line: string) => void;
  /** Takes what is not a log line: the last words of a process that could not go on. */
  readonly say: (line: string) => void;
};

/** Reads a role's output line by line into its log file and, where it matters, to a person; resolves at its end. */
export async function followOutput(output: Readable | null, options: FollowOptions): Promise<void> {
  if (output === null) return;
  const lines = createInterface({ input: output });
  lines.on('line', (line) => {
    options.log.write(`${line}\n`);
    const event = parseEvent(line);
    const shown = event === undefined ? undefined : formatEvent(options.role, event);
    if (shown !== undefined) options.show(shown);
    if (event === undefined && line.trim() !== '') options.say(line);
  });
  await once(lines, 'close');
}
