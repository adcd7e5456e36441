// `placet secret set|remove|list`: what sources of members are shown by whoever asks them. Read from a file, printed nowhere.

import { type Command, InvalidArgumentError } from 'commander';
import { makeCommand, makeGroup } from './command.ts';
import type { Io } from './io.ts';
import type { Operations } from './operations.ts';
import { printJson, printTable, time } from './print.ts';

type Json = { readonly json: boolean };

const SECRET_CHARACTERS_MAX = 4_000;

/** The `secret` command with its three verbs. */
export function secretCommand(operations: Operations, io: Io): Command {
  return makeGroup('secret', 'secrets of sources that say who is on call')
    .addCommand(setCommand(operations, io))
    .addCommand(
      makeCommand('remove', 'forget the secret of a host')
        .argument('<host>', 'as in the address, with its port where it has one', hostName)
        .action(async (host: string, { json }: Json) => {
          await operations.removeSourceSecret({ host, operator: io.operator });
          if (json) return printJson(io, { host, kind: 'removed' });
          io.out(`${host} has no secret any more.\n`);
        }),
    )
    .addCommand(
      makeCommand('list', 'list the hosts that have a secret').action(async ({ json }: Json) => {
        const items = await operations.listSourceSecrets();
        if (json) return printJson(io, { items });
        printTable(
          io,
          ['HOST', 'SET'],
          items.map(({ host, set_at }) => [host, time(set_at)]),
          'No host has a secret.',
        );
      }),
    );
}

function setCommand(operations: Operations, io: Io): Command {
  return makeCommand('set', 'keep a bearer secret, sealed, that is sent to one host alone')
    .argument('<host>', 'as in the address, with its port where it has one', hostName)
    .requiredOption('--file <path>', 'the file that holds it and nothing else; /dev/stdin to pipe it')
    .action(async (host: string, { file, json }: Json & { file: string }) => {
      const secret = new TextDecoder().decode(await io.readFile(file)).trim();
      if (!/^[\x21-\x7e]+$/.test(secret) || secret.length > SECRET_CHARACTERS_MAX)
        throw new InvalidArgumentError('The file must hold one word of visible ASCII characters.');
      await operations.setSourceSecret({ host, secret, operator: io.operator });
      if (json) return printJson(io, { host, kind: 'set' });
      io.out(`Sealed: it is sent to ${host} alone, and shown nowhere.\n`);
    });
}

function hostName(text: string): string {
  const url = `https://${text}/`;
  if (URL.canParse(url) && new URL(url).host === text) return text;
  throw new InvalidArgumentError('Write a host as in an address, such as oncall.example or oncall.example:8443.');
}
