// `placet owner add|remove|list`: whoever runs the database names the owners; all other roles come from the policy.

import { type Command, InvalidArgumentError } from 'commander';
import { hasCode } from '../domain/errors.ts';
import { addressFault, addressOf } from '../domain/people/address.ts';
import { makeCommand, makeGroup } from './command.ts';
import { errorText } from './error-text.ts';
import type { Io } from './io.ts';
import { holderJson } from './json.ts';
import type { Operations } from './operations.ts';
import { printJson, printTable } from './print.ts';

type Json = { readonly json: boolean };

/** Parses an e-mail address, and says what is wrong with another text. */
export function emailAddress(text: string): string {
  const fault = addressFault(text);
  if (fault !== null) throw new InvalidArgumentError(`Write an e-mail address: this is ${fault}.`);
  return addressOf(text);
}

/** Asks whoever sits at the terminal whether an owner whom nobody knows is meant; false where nobody does. */
export async function isMeantAsNew(io: Io, error: unknown, json: boolean): Promise<boolean> {
  if (json || io.confirm === null || !hasCode(error, 'owner_unknown')) return false;
  return io.confirm(`${errorText(error)}\nMake a new person of this owner?`);
}

/** The `owner` command with its verbs. */
export function ownerCommand(operations: Operations, io: Io): Command {
  return makeGroup('owner', 'who owns this installation')
    .addCommand(addCommand(operations, io))
    .addCommand(
      makeCommand('remove', 'take the owner role that `owner add` gave; the last owner stays')
        .argument('<email>', 'of the person', emailAddress)
        .action(async (email: string, { json }: Json) => {
          const { kind, person_id } = await operations.removeOwner({ email, operator: io.operator });
          if (json) return printJson(io, { kind, person_id });
          io.out(kind === 'changed' ? `${email} is no owner by an operator any more.\n` : `${email} was none.\n`);
        }),
    )
    .addCommand(
      makeCommand('list', 'list everybody who holds a role').action(async ({ json }: Json) => {
        const holders = await operations.listRoleHolders();
        if (json) return printJson(io, { items: holders.map(holderJson) });
        const rows = holders.map(({ role, email, name, person_id }) => [role, email, name, person_id]);
        printTable(io, ['ROLE', 'ADDRESS', 'NAME', 'PERSON'], rows, 'Nobody holds a role yet.');
      }),
    );
}

function addCommand(operations: Operations, io: Io): Command {
  return makeCommand('add', 'make a person an owner')
    .argument('<email>', 'of the person', emailAddress)
    .option('--new-owner', 'make a new person of an owner whom neither the record nor Slack knows', false)
    .action(async (email: string, { json, newOwner }: Json & { newOwner: boolean }) => {
      const input = { email, is_new_owner: newOwner, operator: io.operator };
      const { kind, person_id } = await operations.addOwner(input).catch(async (error: unknown) => {
        if (!(await isMeantAsNew(io, error, json))) throw error;
        return operations.addOwner({ ...input, is_new_owner: true });
      });
      if (json) return printJson(io, { kind, person_id });
      io.out(kind === 'changed' ? `${email} is an owner.\n` : `${email} was an owner before.\n`);
    });
}
