// `placet dev` and `placet demo`: the commands of a clone, which bring their own parts.

import type { Command } from 'commander';
import { EXIT, ExitSignal, makeCommand } from '../src/cli/command.ts';
import type { Io } from '../src/cli/io.ts';
import type { DemoStack } from './demo/demo-stack.ts';

export type DevOperations = {
  /** Runs until a signal ends it. */
  readonly dev: (options: { readonly fresh: boolean }) => Promise<void>;
  readonly openDemo: () => Promise<DemoStack>;
};

/** The two commands, in the order of the help. */
export function devCommands(io: Io, operations: DevOperations): readonly Command[] {
  return [
    makeCommand('dev', 'run everything here for development: PostgreSQL, Temporal, playground, Placet, a demo agent')
      .option('--fresh', 'forget what an earlier run left', false)
      .action(({ fresh }: { fresh: boolean }) => operations.dev({ fresh })),
    makeCommand('demo', 'play the whole story by itself in a temporary folder').action(
      async ({ json }: { readonly json: boolean }) => {
        const stack = await operations.openDemo();
        const { runDemo } = await import('./demo/run.ts');
        try {
          if (!(await runDemo(stack, io, json))) throw new ExitSignal(EXIT.failure);
        } finally {
          await stack.close();
        }
      },
    ),
  ];
}
