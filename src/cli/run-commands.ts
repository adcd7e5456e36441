// `placet serve|migrate|doctor`: the commands that run things.

import { type Command, Option } from 'commander';
import { EXIT, ExitSignal, makeCommand } from './command.ts';
import { runDoctor } from './doctor.ts';
import type { Io } from './io.ts';
import { type Operations, ROLES, type Role } from './operations.ts';
import { printJson } from './print.ts';

type Json = { readonly json: boolean };

/** The three commands, in the order of the help. */
export function runCommands(operations: Operations, io: Io): Command[] {
  return [
    makeCommand('serve', 'run a process against real parts')
      .addOption(new Option('--role <role>', 'which part').choices(ROLES).default('all'))
      .action(({ role }: { role: Role }) => operations.serve(role)),
    makeCommand('migrate', 'bring the database to the newest schema').action(async ({ json }: Json) => {
      const ran = await operations.migrate();
      if (json) return printJson(io, { ran });
      io.out(ran.length === 0 ? 'The schema is the newest already.\n' : ran.map((name) => `Ran ${name}\n`).join(''));
    }),
    makeCommand('doctor', 'check every dependency and setting, and say how to mend each').action(
      async ({ json }: Json) => {
        const isHealthy = await runDoctor(await operations.doctorChecks(), io, json);
        if (!isHealthy) throw new ExitSignal(EXIT.failure);
      },
    ),
  ];
}
