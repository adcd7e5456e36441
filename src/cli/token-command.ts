// `placet token create|revoke|list`. A token is printed once, here, and is nowhere to be read again.

import { type Command, Option } from 'commander';
import { TOKEN_ROLES, type TokenRole } from '../domain/people/roles.ts';
import { duration, makeCommand, makeGroup, named } from './command.ts';
import type { Io } from './io.ts';
import { tokenJson } from './json.ts';
import type { AnswerOf, Operations } from './operations.ts';
import { emailAddress } from './owner-command.ts';
import { printJson, printTable, time } from './print.ts';

const DAY_SECONDS = 86_400;
const DAYS_DEFAULT = 90;
/** As for an agent's key: one that lives longer is one that nobody rotates. */
const DAYS_MAX = 365;

type Json = { readonly json: boolean };
type Create = Json & { readonly role: TokenRole; readonly owner: string; readonly expires: number };

/** The `token` command with its three verbs. */
export function tokenCommand(operations: Operations, io: Io): Command {
  return makeGroup('token', 'admin tokens, for programs that administer')
    .addCommand(createCommand(operations, io))
    .addCommand(
      makeCommand('revoke', 'end an admin token for good')
        .argument('<name>')
        .action(async (name: string, { json }: Json) => {
          const { id, kind } = await operations.revokeToken({ name, operator: io.operator });
          if (json) return printJson(io, { id, name, kind });
          io.out(kind === 'revoked' ? `Revoked token ${name}.\n` : `Token ${name} was revoked before.\n`);
        }),
    )
    .addCommand(
      makeCommand('list', 'list the admin tokens').action(async ({ json }: Json) => {
        const tokens = await operations.listTokens();
        if (json) return printJson(io, { items: tokens.map(tokenJson) });
        const headings = ['NAME', 'ROLE', 'OWNER', 'TOKEN', 'EXPIRES', 'LAST USED', 'STATE'];
        printTable(io, headings, tokens.map(toRow), 'No admin tokens yet.');
      }),
    );
}

function createCommand(operations: Operations, io: Io): Command {
  return makeCommand('create', 'make an admin token and print it, once')
    .argument('<name>', 'unique, a-z, 0-9, dot, dash and underscore', named('agent'))
    .addOption(new Option('--role <role>', 'what it may do').choices(TOKEN_ROLES).makeOptionMandatory())
    .requiredOption('--owner <email>', 'whose it is; it never may more than that person', emailAddress)
    .addOption(
      new Option('--expires <duration>', 'life of the token, in whole days')
        .default(DAYS_DEFAULT * DAY_SECONDS, `${DAYS_DEFAULT}d`)
        .argParser(duration(DAYS_MAX * DAY_SECONDS)),
    )
    .action(async (name: string, { role, owner: owner_email, expires, json }: Create) => {
      const days = Math.max(1, Math.ceil(expires / DAY_SECONDS));
      const issued = await operations.createToken({ name, role, owner_email, days, operator: io.operator });
      const { id, token, expires_at } = issued;
      if (json) return printJson(io, { id, name, role, token, expires_at });
      io.out(`Admin token ${name} (${role}), valid until ${time(expires_at)}.\n`);
      io.out(`Keep the token now, it is not shown again:\n  ${token}\n`);
    });
}

function toRow(token: AnswerOf<'listTokens'>[number]): string[] {
  const { name, role, owner_email, hint, expires_at, last_used_at, revoked_at } = token;
  const state = revoked_at === null ? 'active' : `revoked ${time(revoked_at)}`;
  return [name, role, owner_email, `${hint}…`, time(expires_at), time(last_used_at), state];
}
