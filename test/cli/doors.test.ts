// Every command stands in the table of doors: one that does not is refused before it does anything.

import { expect, test } from '@jest/globals';
import { Command } from 'commander';
import { CLI_DOORS } from '../../src/cli/doors.ts';
import type { Io } from '../../src/cli/io.ts';
import { buildProgram, commandName } from '../../src/cli/main.ts';
import type { Operations } from '../../src/cli/operations.ts';

const IO = { out: () => undefined, err: () => undefined, version: '1' } as unknown as Io;
const program = buildProgram({} as Operations, IO, []);
const leaves = (command: Command): Command[] =>
  command.commands.length === 0 ? [command] : command.commands.flatMap((child) => leaves(child));

test('each command asks for one permission, or says that it asks for none', () => {
  expect(leaves(program).map(commandName).sort()).toEqual(Object.keys(CLI_DOORS).sort());
});

test('a command that no door lists does not run', async () => {
  let hasRun = false;
  const agent = program.commands.find((command) => command.name() === 'agent');
  agent?.addCommand(
    new Command('steal').action(() => {
      hasRun = true;
    }),
  );
  await expect(program.parseAsync(['agent', 'steal'], { from: 'user' })).rejects.toThrow(
    'no door lets "agent steal" in',
  );
  expect(hasRun).toBe(false);
});
