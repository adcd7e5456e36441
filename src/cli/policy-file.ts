// Reads the policy file that a command was given: its document, with its warnings said, or every problem with its line.

import type { PolicyDocument } from '../domain/policy/policy.ts';
import { type PlacedProblem, parsePolicyFile } from '../policy/read.ts';
import { EXIT, ExitSignal } from './command.ts';
import type { Io } from './io.ts';
import { printJson, safe } from './print.ts';

const UNREADABLE: Readonly<Record<string, (what: string) => string>> = {
  ENOENT: (what) => `there is no such file; give the path of ${what}`,
  EISDIR: (what) => `it is a folder; give the path of ${what}`,
  EACCES: () => 'you may not read it',
};

export type ReadPolicy = {
  readonly document: PolicyDocument;
  readonly source: string;
  readonly warnings: readonly PlacedProblem[];
};

/** The file's document, with its warnings said; what is wrong with it ends the command. */
export async function readPolicy(io: Io, file: string, json: boolean): Promise<ReadPolicy> {
  const bytes = await io.readFile(file).catch((error: unknown) => {
    throw unreadable(file, error);
  });
  const read = parsePolicyFile(bytes);
  if (read.kind === 'document') {
    const { document, warnings } = read;
    if (!json) for (const warning of warnings) io.err(`${describe(file, warning, 'warning: ')}\n`);
    return { document, source: new TextDecoder().decode(bytes), warnings };
  }
  if (json) printJson(io, { file, problems: read.problems });
  else for (const problem of read.problems) io.err(`${describe(file, problem)}\n`);
  throw new ExitSignal(EXIT.policy);
}

/** Says why a file cannot be read; the system names the path only for some of its reasons. */
export function unreadable(file: string, error: unknown, what = 'a policy file'): unknown {
  const { code } = error as { code?: unknown };
  const reason = typeof code === 'string' ? UNREADABLE[code]?.(what) : undefined;
  if (reason === undefined) return error;
  return Object.assign(new Error(`${file} cannot be read: ${reason}`, { cause: error }), { code });
}

function describe(file: string, problem: PlacedProblem, kind = ''): string {
  const where = problem.path.length === 0 ? '' : `${problem.path.join('.')}: `;
  return safe(`${file}:${problem.line}:${problem.column}: ${kind}${where}${problem.message}`);
}
