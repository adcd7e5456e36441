// `placet policy lint|apply`: reads the file, says every problem with its line, applies only what is clean.

import type { Command } from 'commander';
import type { PolicyDocument } from '../domain/policy/policy.ts';
import { counted } from '../domain/request/display.ts';
import { type PlacedProblem, parsePolicyFile } from '../policy/read.ts';
import { EXIT, ExitSignal, makeCommand, makeGroup } from './command.ts';
import type { Io } from './io.ts';
import { appliedJson } from './json.ts';
import type { Operations } from './operations.ts';
import { printJson, safe } from './print.ts';

const UNREADABLE: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file; give the path of a policy file',
  EISDIR: 'it is a folder; give the path of a policy file',
  EACCES: 'you may not read it',
};

type Options = { readonly json: boolean };

/** The `policy` command with its two verbs. */
export function policyCommand(operations: Operations, io: Io): Command {
  const policy = makeGroup('policy', 'rules, people and approver groups as one file');
  policy.addCommand(
    makeCommand('lint', 'check a policy file; exit 3 when it has problems')
      .argument('<file>')
      .action((file: string, options: Options) => lintFile(io, file, options)),
  );
  policy.addCommand(
    makeCommand('apply', 'check a policy file and make it the newest version')
      .argument('<file>')
      .action((file: string, options: Options) => applyFile(operations, io, file, options)),
  );
  return policy;
}

async function lintFile(io: Io, file: string, { json }: Options): Promise<void> {
  const { document, warnings } = await readPolicy(io, file, json);
  const counts = {
    rules: document.rules.length,
    approver_groups: Object.keys(document.approver_groups).length,
    people: document.people.length,
  };
  if (json) return printJson(io, { file, problems: [], warnings, ...counts });
  const found = warnings.length === 0 ? '' : `, but ${counted(warnings.length, 'warning')}`;
  io.out(`${safe(file)}: no problems${found} (rules: ${counts.rules}, approver groups: ${counts.approver_groups}, `);
  io.out(`people: ${counts.people})\n`);
}

async function applyFile(operations: Operations, io: Io, file: string, { json }: Options): Promise<void> {
  const { document, source, warnings } = await readPolicy(io, file, json);
  const applied = await operations.applyPolicy({ document, source, operator: io.operator });
  if (json) return printJson(io, { ...appliedJson(applied), warnings });
  const what = applied.kind === 'applied' ? 'Applied as' : 'Nothing changed: equal to';
  io.out(`${what} version ${applied.number} (${applied.id}, ${applied.digest}).\n`);
}

type ReadPolicy = {
  readonly document: PolicyDocument;
  readonly source: string;
  readonly warnings: readonly PlacedProblem[];
};

/** The file's document, with its warnings said; what is wrong with it ends the command. */
async function readPolicy(io: Io, file: string, json: boolean): Promise<ReadPolicy> {
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
function unreadable(file: string, error: unknown): unknown {
  const { code } = error as { code?: unknown };
  const reason = typeof code === 'string' ? UNREADABLE[code] : undefined;
  if (reason === undefined) return error;
  return Object.assign(new Error(`${file} cannot be read: ${reason}`, { cause: error }), { code });
}

function describe(file: string, problem: PlacedProblem, kind = ''): string {
  const where = problem.path.length === 0 ? '' : `${problem.path.join('.')}: `;
  return safe(`${file}:${problem.line}:${problem.column}: ${kind}${where}${problem.message}`);
}
