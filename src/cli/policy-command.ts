// `placet policy lint|plan|apply|export|history|rollback`: reads the file, says every problem with its line, applies only what is
// clean and only over what its author has seen.

import { type Command, Option } from 'commander';
import { hasCode, PlacetError } from '../domain/errors.ts';
import { counted } from '../domain/request/display.ts';
import { EXIT, ExitSignal, integer, limitOption, makeCommand, makeGroup } from './command.ts';
import type { Io } from './io.ts';
import { appliedJson, changedJson, versionJson } from './json.ts';
import type { AnswerOf, Operations } from './operations.ts';
import { readPolicy } from './policy-file.ts';
import { printJson, printTable, safe, time } from './print.ts';
import { trialCommands } from './trial-command.ts';

const VERSION_MAX = 999_999_999;
const VERSIONS_DEFAULT = 20;
const VERSIONS_MAX = 200;

type Options = { readonly json: boolean };
type Based = Options & { readonly base?: number; readonly force: boolean };

/** The `policy` command with its verbs. */
export function policyCommand(operations: Operations, io: Io): Command {
  const policy = makeGroup('policy', 'rules, people and approver groups as one file');
  policy.addCommand(
    makeCommand('lint', 'check a policy file; exit 3 when it has problems')
      .argument('<file>')
      .action((file: string, options: Options) => lintFile(io, file, options)),
  );
  policy.addCommand(
    makeCommand('plan', 'say what a policy file would change')
      .argument('<file>')
      .action((file: string, options: Options) => planFile(operations, io, file, options)),
  );
  policy.addCommand(
    based(makeCommand('apply', 'check a policy file and make it the newest version'))
      .argument('<file>')
      .action((file: string, options: Based) => applyFile(operations, io, file, options)),
  );
  policy.addCommand(
    makeCommand('export', 'print a version as it was applied, byte by byte')
      .argument('[version]', 'its number; the newest unless given', integer(1, VERSION_MAX))
      .action(async (number: number | undefined, { json }: Options) => {
        const version = await operations.readPolicy({ number: number ?? null });
        if (json) return printJson(io, { ...versionJson(version), document: version.document, source: version.source });
        io.out(version.source);
      }),
  );
  policy.addCommand(
    makeCommand('history', 'list who made which version, newest first')
      .addOption(limitOption(VERSIONS_DEFAULT, VERSIONS_MAX))
      .action(async ({ json, limit }: Options & { limit: number }) => {
        const { items } = await operations.listPolicyVersions({ before: null, limit });
        if (json) return printJson(io, { items: items.map(versionJson) });
        const headings = ['VERSION', 'APPLIED', 'BY', 'DOOR', 'REQUEST', 'DIGEST'];
        printTable(io, headings, items.map(versionRow), 'No policy yet.');
      }),
  );
  policy.addCommand(
    based(makeCommand('rollback', 'make an earlier version the newest again'))
      .argument('<version>', 'its number', integer(1, VERSION_MAX))
      .action((number: number, options: Based) => rollBack(operations, io, number, options)),
  );
  for (const command of trialCommands(operations, io)) policy.addCommand(command);
  return policy;
}

/** A change says which version its author has seen. */
function based(command: Command): Command {
  return command
    .addOption(new Option('--base <version>', 'the version that this was made from').argParser(integer(0, VERSION_MAX)))
    .option('--force', 'apply over whatever is the newest version', false);
}

function baseOf({ base, force }: Based): number | 'any' | 'own' {
  return force ? 'any' : (base ?? 'own');
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

async function planFile(operations: Operations, io: Io, file: string, { json }: Options): Promise<void> {
  const { source, warnings } = await readPolicy(io, file, json);
  const { base, plan, is_widening } = await operations.planPolicy({ source });
  if (json) return printJson(io, { base, plan, is_widening, warnings });
  if (plan.length === 0) return io.out(`Nothing would change: equal to version ${base}.\n`);
  io.out(`Over version ${base}:\n${plan.map((line) => `  ${safe(line)}\n`).join('')}`);
  io.out(is_widening ? 'This widens: by the API a second person must agree.\n' : 'This only narrows.\n');
}

async function applyFile(operations: Operations, io: Io, file: string, options: Based): Promise<void> {
  const { json } = options;
  const { document, source, warnings } = await readPolicy(io, file, json);
  const input = { document, source, operator: io.operator, base: baseOf(options) };
  const applied = await operations.applyPolicy(input).catch((error: unknown) => tellChanged(io, error, json));
  if (json) return printJson(io, { ...appliedJson(applied), warnings });
  printApplied(io, applied);
}

async function rollBack(operations: Operations, io: Io, number: number, options: Based): Promise<void> {
  const { json } = options;
  const input = { number, base: baseOf(options), is_alone_confirmed: false, by: io.operator };
  const changed = await operations.rollbackPolicy(input).catch((error: unknown) => tellChanged(io, error, json));
  if (json) return printJson(io, changedJson(changed));
  for (const line of changed.plan) io.out(`  ${safe(line)}\n`);
  if (changed.kind !== 'proposed') printApplied(io, changed);
}

function printApplied(io: Io, applied: AnswerOf<'applyPolicy'>): void {
  const what = applied.kind === 'applied' ? 'Applied as' : 'Nothing changed: equal to';
  io.out(`${what} version ${applied.number} (${applied.id}, ${applied.digest}).\n`);
}

/** What came in between is said line by line, for whoever has to look at it. */
function tellChanged(io: Io, error: unknown, json: boolean): never {
  if (json || !hasCode(error, 'policy_changed') || !(error instanceof PlacetError)) throw error;
  const { base, newest, changes } = error.details as { base: number; newest: number; changes: readonly string[] };
  io.err(`${error.message} (policy_changed)\n  Since version ${base}, version ${newest}:\n`);
  for (const line of changes) io.err(`    ${safe(line)}\n`);
  io.err(`  remedy: take these into the file and say --base ${newest}, or --force to undo them\n`);
  throw new ExitSignal(EXIT.failure);
}

function versionRow(version: AnswerOf<'listPolicyVersions'>['items'][number]): string[] {
  const { number, applied_at, applied_by, via, request_id, digest } = version;
  return [String(number), time(applied_at), applied_by, via, request_id ?? '-', digest];
}
