// Events as CSV for spreadsheets (RFC 4180): every cell in quotes, on one line, and none that a spreadsheet takes for a formula.

const COLUMNS = [
  'index',
  'event_id',
  'type',
  'outcome',
  'occurred_at',
  'actor_kind',
  'actor_id',
  'request_id',
  'lease_id',
  'facts',
] as const;

/** What a spreadsheet begins a formula with, after any spaces. */
const FORMULA = /^[\s]*[=+\-@|%]/;
/** Control characters, and those that end a line elsewhere. */
const CONTROL = /[\p{Cc}\u2028\u2029]/gu;

export const CSV_HEADER = lineOf(COLUMNS);

/** The line of one leaf. */
export function csvLine(index: number, leaf: Uint8Array): string {
  const event = JSON.parse(Buffer.from(leaf).toString('utf8')) as {
    readonly [name: string]: unknown;
    readonly actor: { readonly kind: string; readonly id?: string };
  };
  const { id, type, outcome, occurred_at, actor, request_id, lease_id, facts } = event;
  return lineOf([
    String(index),
    ...[id, type, outcome, occurred_at, actor.kind, actor.id, request_id, lease_id].map((value) => String(value ?? '')),
    JSON.stringify(facts),
  ]);
}

/** One line of these cells. */
export function lineOf(cells: readonly string[]): string {
  return `${cells.map(cellOf).join(',')}\r\n`;
}

/** An apostrophe before it makes a cell text to every spreadsheet. */
function cellOf(text: string): string {
  const plain = text.replace(CONTROL, ' ');
  const safe = FORMULA.test(plain) ? `'${plain}` : plain;
  return `"${safe.replaceAll('"', '""')}"`;
}
