// Says in one error for people why a part cannot be had at the start: the reason as it was told, and what to do about it.

import { hasCode, PlacetError } from '../domain/errors.ts';
import { type DatabaseSetting, databaseRemedy } from './database-remedies.ts';
import { authorityOf } from './host.ts';

/** The first of several addresses that were tried in vain speaks for all; its own message is empty. */
export function reasonOf(error: unknown): string {
  const first = error instanceof AggregateError ? error.errors[0] : error;
  return first instanceof Error ? first.message : String(first);
}

/** The error of a part that cannot be had, with what is to be done. */
export function unavailable(dependency: string, reason: string, remedy: string, cause: unknown): PlacetError {
  return new PlacetError('unavailable', { dependency, reason, remedy }, cause);
}

/** Why the database cannot be used; what has its words already is passed on. */
export function databaseFault(error: unknown, variable: DatabaseSetting): unknown {
  const isBare = hasCode(error, 'unavailable') && (error as PlacetError).details['remedy'] === undefined;
  const cause = isBare ? (error as PlacetError).cause : error;
  if (cause instanceof PlacetError) return cause;
  const first = cause instanceof AggregateError ? cause.errors[0] : cause;
  return unavailable('database', reasonOf(cause), databaseRemedy(first, variable), cause);
}

/** Names the setting when a port is taken or an address is not this machine's; any other error is passed on. */
export function portFault(error: unknown, at: { host: string; port: number; variable: string }): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const where = authorityOf(at.host, at.port);
  switch (code) {
    case 'EADDRINUSE':
      return unavailable(
        'port',
        `${where} is taken`,
        `end what listens there, or set ${at.variable} to another port`,
        error,
      );
    case 'EADDRNOTAVAIL':
    case 'EAFNOSUPPORT':
    case 'ENOTFOUND':
    case 'EAI_AGAIN': {
      const remedy = 'set PLACET_HOST to an address of this machine: 127.0.0.1, ::1, 0.0.0.0 or ::';
      return unavailable('port', `this machine cannot listen on ${at.host} (${code})`, remedy, error);
    }
    case 'EACCES': {
      const remedy = `set ${at.variable} to a port from 1024 on: lower ones need rights that Placet should not have`;
      return unavailable('port', `this user may not listen on ${where}`, remedy, error);
    }
    default:
      return error;
  }
}
