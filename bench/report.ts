// The figures of one run of the bench, as a table for people and as JSON for programs. Measures nothing.

import { ratios, type Summary, summarise } from './support/measure.ts';

export type Figure = {
  readonly name: string;
  readonly unit: string;
  readonly summary: Summary;
  /** What is aimed at on two cores, in words; empty where nothing is. */
  readonly aim: string;
};

/** What one case found: figures, and what else is worth saying. */
export type Finding = {
  readonly title: string;
  readonly figures: readonly Figure[];
  readonly notes: readonly string[];
  /** Where a figure is worse than may be: the bench then ends with 1. */
  readonly failures?: readonly string[];
};

/** One figure of several runs. */
export function figure(name: string, unit: string, values: readonly number[], aim = ''): Figure {
  return { name, unit, summary: summarise(values), aim };
}

/** What part of its floor was reached, run by run. */
export function ratio(name: string, values: readonly number[], floors: readonly number[], aim = ''): Figure {
  return figure(name, 'x', ratios(values, floors), aim);
}

/** Lines for a terminal. */
export function draw({ title, figures, notes, failures = [] }: Finding): string {
  const rows = figures.map(({ name, unit, summary: { median, low, high, runs }, aim }) => [
    name,
    `${round(median)} ${unit}`,
    runs > 1 ? `${round(low)} to ${round(high)}` : '',
    aim,
  ]);
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) =>
    `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd(),
  );
  return [title, ...lines, ...notes.map((note) => `  · ${note}`), ...failures.map((each) => `  ✗ ${each}`), ''].join(
    '\n',
  );
}

function round(value: number): string {
  if (!Number.isFinite(value)) return '–';
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return value.toLocaleString('en-GB', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}
