// Says in one error for people why a part cannot be had at the start: the reason as it was told, and what to do about it.

import { WebAPIPlatformError } from '@slack/web-api';
import { hasCode, PlacetError } from '../domain/errors.ts';

type DatabaseVariable = 'DATABASE_URL' | 'DATABASE_OWNER_URL';

/** What PostgreSQL and Node answer, and where to look then: https://www.postgresql.org/docs/current/errcodes-appendix.html */
function databaseMend(code: unknown, variable: DatabaseVariable): string {
  switch (code) {
    case 'ECONNREFUSED':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'ETIMEDOUT':
    case 'EHOSTUNREACH':
      return `start PostgreSQL, or correct the host and port in ${variable}`;
    case '28P01':
    case '28000':
      return `correct the login and the password in ${variable}`;
    case '3D000':
      return `create this database, or correct its name in ${variable}`;
    case '3F000':
    case '42P01':
      return `this database has no schema of Placet: run placet migrate with DATABASE_OWNER_URL, or correct ${variable}`;
    case '42501':
      return variable === 'DATABASE_URL'
        ? 'run placet migrate with DATABASE_OWNER_URL: it gives the login of DATABASE_URL its role'
        : 'let DATABASE_OWNER_URL be a login that may create roles and schemas';
    default:
      return `start PostgreSQL, run placet migrate, or correct ${variable}`;
  }
}

/** The first of several addresses that were tried in vain speaks for all; its own message is empty. */
function reasonOf(error: unknown): string {
  const first = error instanceof AggregateError ? error.errors[0] : error;
  return first instanceof Error ? first.message : String(first);
}

function unavailable(dependency: string, reason: string, mend: string, cause: unknown): PlacetError {
  return new PlacetError('unavailable', { dependency, reason, mend }, cause);
}

/** Why the database cannot be used; what has its words already is passed on. */
export function databaseFault(error: unknown, variable: DatabaseVariable): unknown {
  const isBare = hasCode(error, 'unavailable') && (error as PlacetError).details['mend'] === undefined;
  const cause = isBare ? (error as PlacetError).cause : error;
  if (cause instanceof PlacetError) return cause;
  return unavailable('database', reasonOf(cause), databaseMend((cause as { code?: unknown })?.code, variable), cause);
}

/** Why Temporal cannot be used. */
export function temporalFault(error: unknown, { address, namespace }: { address: string; namespace: string }): unknown {
  const isNamespace = /namespace/i.test(reasonOf(error));
  const reason = isNamespace
    ? `Temporal at ${address} has no namespace ${namespace}`
    : `no Temporal answers at ${address}`;
  const mend = isNamespace
    ? 'create this namespace, or correct TEMPORAL_NAMESPACE'
    : 'start a Temporal server, or correct TEMPORAL_ADDRESS';
  return unavailable('temporal', reason, mend, error);
}

/** Names the setting when a port is taken; any other error is passed on. */
export function portFault(error: unknown, at: { host: string; port: number; variable: string }): unknown {
  const isTaken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
  if (!isTaken) return error;
  const mend = `end what listens there, or set ${at.variable} to another port`;
  return unavailable('port', `${at.host}:${at.port} is taken`, mend, error);
}

/** Why Slack cannot be used with the bot token, or with the app-level token. */
export function slackFault(error: unknown, variable: 'SLACK_BOT_TOKEN' | 'SLACK_APP_TOKEN', apiUrl: string): unknown {
  if (error instanceof PlacetError) return error;
  if (error instanceof WebAPIPlatformError) {
    const mend = `copy the token of the installed app into ${variable} once more: docs/slack-setup.md`;
    return unavailable('slack', `Slack answers ${error.data.error} to ${variable}`, mend, error);
  }
  const mend = `let this machine reach ${apiUrl}: look at its network, its proxy and SLACK_API_URL`;
  return unavailable('slack', reasonOf(error), mend, error);
}
