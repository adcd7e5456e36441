// The `placet` command: parses arguments, runs one operation, prints, and answers with an exit code. Knows no process.

import { Command, CommanderError } from 'commander';
import { mayPass, OPERATOR_PERMISSIONS } from '../domain/people/roles.ts';
import { agentCommand } from './agent-command.ts';
import { auditCommand } from './audit-command.ts';
import { EXIT, type ExitCode, ExitSignal } from './command.ts';
import { CLI_DOORS } from './doors.ts';
import { errorText, factsOf } from './error-text.ts';
import { groupCommand } from './group-command.ts';
import { initCommand } from './init-command.ts';
import type { Io } from './io.ts';
import { leaseCommand } from './lease-command.ts';
import type { Operations } from './operations.ts';
import { ownerCommand } from './owner-command.ts';
import { personCommand } from './person-command.ts';
import { policyCommand } from './policy-command.ts';
import { requestCommand } from './read-commands.ts';
import { runCommands } from './run-commands.ts';
import { secretCommand } from './secret-command.ts';
import { tokenCommand } from './token-command.ts';

const EXIT_CODES_HELP = `
Exit codes: 0 done, 1 failed, 2 wrong usage, 3 the policy has problems.`;

/** Runs one command; `argv` without the interpreter and the script. Answers the exit code and never throws. */
export async function runCli(
  argv: readonly string[],
  {
    operations,
    io,
    more = [],
  }: { readonly operations: Operations; readonly io: Io; readonly more?: readonly Command[] },
): Promise<ExitCode> {
  const program = buildProgram(operations, io, more);
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return EXIT.ok;
  } catch (error) {
    if (error instanceof ExitSignal) return error.exitCode;
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    return printError(io, error, argv.includes('--json'));
  }
}

/** All commands, first those that only a clone has. */
export function buildProgram(operations: Operations, io: Io, more: readonly Command[]): Command {
  const program = new Command('placet')
    .description('Just-in-time approvals for AI agents, in Slack')
    .version(io.version)
    .addHelpText('after', EXIT_CODES_HELP);
  for (const command of [...more, ...runCommands(operations, io)]) program.addCommand(command);
  program
    .addCommand(initCommand(operations, io))
    .addCommand(policyCommand(operations, io))
    .addCommand(agentCommand(operations, io))
    .addCommand(ownerCommand(operations, io))
    .addCommand(tokenCommand(operations, io))
    .addCommand(secretCommand(operations, io))
    .addCommand(groupCommand(operations, io))
    .addCommand(personCommand(operations, io))
    .addCommand(requestCommand(operations, io))
    .addCommand(leaseCommand(operations, io))
    .addCommand(auditCommand(operations, io));
  for (const command of program.commands) if (!more.includes(command)) requireDoors(command);
  everyCommand(program, (command) =>
    command
      .exitOverride()
      .configureOutput({ writeOut: io.out, writeErr: io.err })
      .helpCommand(false)
      .showHelpAfterError('(--help shows what this command takes)'),
  );
  return program;
}

/** A command that no door lists does not run; those that only a clone has are none of the installation's. */
function requireDoors(group: Command): void {
  group.hook('preAction', (_program, action) => {
    const name = commandName(action);
    const gate = Object.hasOwn(CLI_DOORS, name) ? CLI_DOORS[name as keyof typeof CLI_DOORS] : null;
    if (gate === null || !mayPass(gate, OPERATOR_PERMISSIONS)) throw new Error(`no door lets "${name}" in`);
  });
}

/** A command's name with those of its groups: `agent create`. */
export function commandName(command: Command): string {
  const { parent } = command;
  return parent === null || parent.parent === null ? command.name() : `${commandName(parent)} ${command.name()}`;
}

function everyCommand(command: Command, change: (command: Command) => unknown): void {
  change(command);
  for (const child of command.commands) everyCommand(child, change);
}

function printError(io: Io, error: unknown, json: boolean): ExitCode {
  const { code, title, details } = factsOf(error);
  io.err(`${json ? JSON.stringify({ error: { code, title, ...details } }) : errorText(error)}\n`);
  return code === 'policy_invalid' ? EXIT.policy : EXIT.failure;
}
