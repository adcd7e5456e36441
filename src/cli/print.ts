// Prints for people (tables, fields) and for programs (one JSON object). Nothing from outside reaches the terminal raw.

import { showHidden } from '../domain/request/display.ts';
import type { Io } from './io.ts';

/** A wider cell pushes the columns that matter off the screen; `show` and --json give all of it. */
const CELL_CHARACTERS_MAX = 60;
const GAP = '  ';

/** One JSON object and a line feed. */
export function printJson(io: Pick<Io, 'out'>, value: unknown): void {
  io.out(`${JSON.stringify(value)}\n`);
}

/** Rows under their headings, in columns as wide as they need; `empty` when there is none. */
export function printTable(
  io: Io,
  headings: readonly string[],
  rows: readonly (readonly string[])[],
  empty: string,
): void {
  if (rows.length === 0) {
    io.out(`${empty}\n`);
    return;
  }
  const cells = [headings, ...rows.map((row) => row.map(cell))];
  const widths = headings.map((_, column) => Math.max(...cells.map((row) => width(row[column] ?? ''))));
  for (const row of cells) {
    const line = row.map((text, column) => text + ' '.repeat((widths[column] ?? 0) - width(text)));
    io.out(`${line.join(GAP).trimEnd()}\n`);
  }
}

/** Name and value on a line each; a value of several lines is indented below its name. */
export function printFields(io: Io, fields: readonly (readonly [name: string, value: string | null])[]): void {
  const wide = Math.max(...fields.map(([name]) => name.length));
  for (const [name, value] of fields) {
    io.out(`${name.padEnd(wide)}${GAP}${indented(value ?? '-', ' '.repeat(wide + GAP.length))}\n`);
  }
}

/** Text that cannot move the cursor, colour the screen or hide a part of itself. */
export function safe(text: string, mayBreak = false): string {
  const shown = showHidden(text);
  return mayBreak ? shown : shown.replaceAll('\n', '\\n').replaceAll('\t', '\\t');
}

/** Text of one or several lines, of which the second and each further one begins with the margin. */
export function indented(text: string, margin: string): string {
  return safe(text, true).replaceAll('\n', `\n${margin}`);
}

/** RFC 3339 in UTC to the second, or a dash. */
export function time(moment: Date | null): string {
  return moment === null ? '-' : moment.toISOString().replace(/\.\d{3}Z$/, 'Z');
}

function cell(text: string): string {
  const characters = [...safe(text)];
  return characters.length <= CELL_CHARACTERS_MAX
    ? characters.join('')
    : `${characters.slice(0, CELL_CHARACTERS_MAX - 1).join('')}…`;
}

function width(text: string): number {
  return [...text].length;
}
