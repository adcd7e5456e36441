// The `placet` program: gives the command line its operations, its settings and its terminal, and ends with its exit code.

import { readFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { createInterface } from 'node:readline/promises';
import type { Command } from 'commander';
import type { Io } from '../cli/io.ts';
import { runCli } from '../cli/main.ts';
import type { Operations } from '../cli/operations.ts';
import { operatorPrincipal } from '../domain/people/principal.ts';
import { buildAdmin } from './admin.ts';
import type { Config } from './config.ts';
import { openProject } from './project-folder.ts';
import { saveFile } from './save-file.ts';
import { serve } from './serve.ts';
import { VERSION } from './version.ts';

export type ProgramParts = {
  readonly loadConfig: () => Config;
  /** The built program that each role runs. */
  readonly program: string;
  /** Commands that only some installations have. */
  readonly commands?: (io: Io) => readonly Command[];
};

/** Runs the command of this process's arguments, then ends it with the exit code. */
export async function runProgram({ loadConfig, program, commands = () => [] }: ProgramParts): Promise<void> {
  // A reader that has seen enough, such as `head`, is no error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit();
  });
  const io = openTerminal();
  const operations = buildOperations(loadConfig, program);
  const code = await runCli(process.argv.slice(2), { operations, io, more: commands(io) });
  process.exitCode = process.exitCode || code;
  // What a command that failed had opened, such as a connection, must not keep its process alive.
  if (code !== 0) process.exit();
}

/** What only one command needs is loaded by that command: a role's process is much smaller without it. */
function buildOperations(loadConfig: () => Config, program: string): Operations {
  return {
    ...buildAdmin(loadConfig),
    serve: (role) => serve(loadConfig(), role, program),
    apiUrl: () => loadConfig().public_url,
    doctorChecks: async () => {
      const { doctorChecks, settingsCheck } = await import('./doctor-checks.ts');
      try {
        return doctorChecks(loadConfig());
      } catch (error) {
        return [settingsCheck(error)];
      }
    },
  };
}

function openTerminal(): Io {
  const isTerminal = process.stdin.isTTY && process.stderr.isTTY;
  return {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    confirm: isTerminal ? confirm : null,
    ask: isTerminal ? ask : null,
    project: openProject(process.cwd()),
    readFile,
    saveFile,
    operator: operatorPrincipal(operatorName()),
    version: VERSION,
  };
}

async function confirm(question: string): Promise<boolean> {
  return /^y(es)?$/i.test((await ask(`${question} [y/N]`)).trim());
}

async function ask(question: string): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await terminal.question(`${question} `);
  } finally {
    terminal.close();
  }
}

/** The name of who runs the command; a container may run as a user that no list of the system names. */
function operatorName(): string {
  try {
    return userInfo().username;
  } catch {
    return `user ${process.getuid?.() ?? 'unknown'}`;
  }
}
