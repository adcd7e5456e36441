// Runs the checks of `placet doctor` and prints what is well, what is not and how to mend it. Checks nothing itself.

import { PlacetError } from '../domain/errors.ts';
import type { Io } from './io.ts';
import { indented, printJson } from './print.ts';

/** A dependency that takes longer to answer is down for our purposes. */
const CHECK_TIMEOUT_MS = 15_000;
/** The mark, and the spaces around the name of a check. */
const MARK_WIDTH = 4;

export type Finding =
  | { readonly kind: 'well' | 'skipped'; readonly detail: string }
  | { readonly kind: 'ill'; readonly detail: string; readonly remedy: string };

export type Check = {
  readonly name: string;
  /** How to mend it when the check itself fails or hangs. */
  readonly remedy: string;
  readonly run: (signal: AbortSignal) => Promise<Finding>;
};

type Line = { name: string; ok: boolean; detail: string; remedy: string | null };

/** True when no check found anything ill. Checks run one after the other, so that lines come in order. */
export async function runDoctor(checks: readonly Check[], io: Pick<Io, 'out'>, json: boolean): Promise<boolean> {
  const lines: Line[] = [];
  const wide = Math.max(0, ...checks.map((check) => check.name.length));
  for (const check of checks) {
    const finding = await runCheck(check);
    const line = { name: check.name, ok: finding.kind !== 'ill', detail: finding.detail, remedy: remedyOf(finding) };
    lines.push(line);
    if (!json) printLine(io, finding, line, wide);
  }
  const isHealthy = lines.every((line) => line.ok);
  if (json) printJson(io, { ok: isHealthy, checks: lines });
  else io.out(isHealthy ? '\nAll is well.\n' : `\n${lines.filter((line) => !line.ok).length} to mend.\n`);
  return isHealthy;
}

function printLine(io: Pick<Io, 'out'>, finding: Finding, line: Line, wide: number): void {
  const mark = { well: '✓', skipped: '-', ill: '✗' }[finding.kind];
  const margin = ' '.repeat(wide + MARK_WIDTH);
  io.out(`${mark} ${line.name.padEnd(wide)}  ${indented(line.detail, margin)}\n`);
  if (line.remedy !== null) io.out(`${margin}remedy: ${indented(line.remedy, margin)}\n`);
}

async function runCheck(check: Check): Promise<Finding> {
  const signal = AbortSignal.timeout(CHECK_TIMEOUT_MS);
  const timeout = new Promise<Finding>((resolve) => {
    signal.addEventListener('abort', () =>
      resolve({ kind: 'ill', detail: `no answer within ${CHECK_TIMEOUT_MS / 1_000} s`, remedy: check.remedy }),
    );
  });
  try {
    return await Promise.race([check.run(signal), timeout]);
  } catch (error) {
    return illness(error, check);
  }
}

/** An error that knows its reason and what helps says both; any other is told with the check's own advice. */
function illness(error: unknown, check: Check): Finding {
  const { reason, remedy } = error instanceof PlacetError ? error.details : {};
  const detail = error instanceof Error ? error.message : 'the check failed';
  return { kind: 'ill', detail: String(reason ?? detail), remedy: String(remedy ?? check.remedy) };
}

function remedyOf(finding: Finding): string | null {
  return finding.kind === 'ill' ? finding.remedy : null;
}
