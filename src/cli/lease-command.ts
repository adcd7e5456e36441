// `placet lease revoke`: takes back what an approval gave, by its request or by a live lease of it.

import { type Command, InvalidArgumentError } from 'commander';
import { isId } from '../domain/ids.ts';
import { makeCommand, makeGroup } from './command.ts';
import type { Io } from './io.ts';
import type { Operations } from './operations.ts';
import { printJson, time } from './print.ts';

/** The `lease` command. */
export function leaseCommand(operations: Operations, io: Io): Command {
  return makeGroup('lease', 'what approvals gave').addCommand(
    makeCommand('revoke', 'take back what an approval gave, for good: its live lease, and what may still be claimed')
      .argument('<id>', 'of a live lease (lse_…), or of the approval request (apr_…)', leaseOrRequest)
      .action(async (id: string, { json }: { readonly json: boolean }) => {
        const of = isId('lease', id) ? { lease_id: id } : { request_id: id };
        const { kind, request_id, lease_id, revoked_at } = await operations.revokeLease({ of, by: io.operator });
        if (json) return printJson(io, { kind, request_id, lease_id, revoked_at });
        const when = kind === 'revoked' ? 'revoked now' : `was revoked at ${time(revoked_at)}`;
        io.out(`What ${request_id} gave ${kind === 'revoked' ? 'is ' : ''}${when}. Nothing runs under it any more.\n`);
      }),
  );
}

function leaseOrRequest(text: string): string {
  if (isId('lease', text) || isId('request', text)) return text;
  throw new InvalidArgumentError('It is neither the id of a lease nor of an approval request.');
}
