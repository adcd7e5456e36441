// Shows the JSON log of a role to a person: everything into its file, warnings and worse on the terminal.
import { createWriteStream, existsSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

const FILE_BYTES_MAX = 10 * 1024 * 1024;
const SHOWN_LEVELS = new Set(['warn', 'error', 'fatal']);
/** These stand in front of the line already, or say nothing to a person at the terminal. */
const NOT_SHOWN = new Set(['level', 'time', 'role', 'msg']);

/** Opens a log file to append to; a large one makes room first. */
export function openLog(file: string): NodeJS.WritableStream {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  if (existsSync(file) && statSync(file).size > FILE_BYTES_MAX) renameSync(file, `${file}.1`);
  return createWriteStream(file, { flags: 'a', mode: 0o600 });
}

function showValue(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  const { type, message } = value as { type?: unknown; message?: unknown };
  return message === undefined ? JSON.stringify(value) : `${type ?? 'Error'}: ${message}`;
}

/** Turns a JSON log line into one for people; undefined when it isn't worth showing. A line that isn't JSON is shown. */
function formatLine(role: string, line: string): string | undefined {
  let event: Record<string, unknown>;
  try {
    event = JSON.parse(line) as Record<string, unknown>;
  } catch {
    return line.trim() === '' ? undefined : `  [${role}] ${line}`;
  }
  if (!SHOWN_LEVELS.has(String(event['level']))) return undefined;
  const rest = Object.entries(event).filter(([name]) => !NOT_SHOWN.has(name));
  const fields = rest.map(([name, value]) => `${name}=${showValue(value)}`).join(' ');
  return `  [${role}] ${event['level']}: ${event['msg']}${fields ? ` (${fields})` : ''}`;
}

/** Reads a role's output line by line into its log file and, where it matters, to `show`. */
export function followOutput(
  role: string,
  output: Readable | null,
  log: NodeJS.WritableStream,
  show: (line: string) => void,
): void {
  if (output === null) return;
  createInterface({ input: output }).on('line', (line) => {
    log.write(`${line}\n`);
    const shown = formatLine(role, line);
    if (shown !== undefined) show(shown);
  });
}
