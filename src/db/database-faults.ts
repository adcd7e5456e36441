// What PostgreSQL's errors mean to us: each class of SQLSTATE, and each code that differs from its class. Data; knows no SQL.
// https://www.postgresql.org/docs/current/errcodes-appendix.html

import pg from 'pg';

/**
 * Whose fault it is. `ours`: the program is wrong, and the same statement fails again (500). `theirs`: whoever runs the
 * database must act, and then the same succeeds. `again`: it passes by itself, or with another connection. Both are 503.
 */
export type DatabaseFault = 'ours' | 'theirs' | 'again';

const CLASSES: Readonly<Record<string, DatabaseFault>> = {
  '00': 'ours', // Success, warnings and no data are no errors: as such they are none that we know.
  '01': 'ours',
  '02': 'ours',
  '03': 'ours', // A statement that is not complete.
  '08': 'again', // The connection; a pooler says most of its troubles so.
  '09': 'ours',
  '0A': 'theirs', // No PostgreSQL of ours; or a cached plan that a migration has outrun: another connection plans anew.
  '0B': 'ours',
  '0F': 'ours',
  '0L': 'theirs', // Roles that are not what they were when the schema was made.
  '0P': 'theirs',
  '0Z': 'ours',
  '10': 'ours',
  '20': 'ours',
  '21': 'ours',
  '22': 'ours', // Values that do not fit.
  '23': 'ours', // Constraints: what may fail so is answered where it is sent.
  '24': 'ours',
  '25': 'ours',
  '26': 'again', // A prepared statement that this connection has not: a pooler gave us another one, or forgot it.
  '27': 'ours',
  '28': 'theirs', // The login, its password, pg_hba.conf, a certificate.
  '2B': 'theirs',
  '2D': 'ours',
  '2F': 'ours',
  '34': 'ours',
  '38': 'ours',
  '39': 'ours',
  '3B': 'ours',
  '3D': 'theirs', // No such database.
  '3F': 'theirs', // No such schema.
  '40': 'again', // A deadlock, a serialisation that failed, a commit whose end is not known.
  '42': 'ours',
  '44': 'ours',
  '53': 'again', // No disk, no memory, no connection left.
  '54': 'theirs', // A limit; also of transaction ids, when vacuum did not run for long.
  '55': 'again', // A lock that was not got; on a standby also any lock for writing.
  '57': 'again', // Shut down, crashed, starting, cancelled.
  '58': 'again', // The machine below: a disk that fails, a file that is gone.
  '72': 'again',
  F0: 'theirs', // Its configuration.
  HV: 'theirs',
  P0: 'ours',
  XX: 'theirs', // Corruption, or a defect of the server or a pooler.
};

/** Codes that mean something else than their class. */
const CODES: Readonly<Record<string, DatabaseFault>> = {
  '22P05': 'theirs', // A character that the encoding of the database lacks.
  '25006': 'again', // Read-only: a standby, or a primary that is being replaced.
  '25P03': 'again', // The server ended a transaction that stood idle, or lasted too long.
  '25P04': 'again',
  '42501': 'theirs', // A right that the login no longer has.
  '42703': 'theirs', // A schema of another version: no such column, function, table or type.
  '42883': 'theirs',
  '42P01': 'theirs',
  '42704': 'theirs',
  '42P05': 'again', // A prepared statement of that name is there already: a pooler gave us another one's connection.
  '55P02': 'theirs',
  '57P04': 'theirs', // The database was dropped.
};

/** These end a transaction and not more: the connection is as good as before. Any other fault that passes may be its own. */
const OF_TRANSACTION: ReadonlySet<string> = new Set(['40001', '40P01', '40002', '55P03', '55006', '57014']);

/** Where row-level security refuses a row (INV-9); it shares its code with rights that are missing. */
const ROW_CHECK = 'ExecWithCheckOptions';

/** Whose fault a failed statement is. What has no SQLSTATE came from the network or the driver, but for a wrong argument. */
export function faultOf(error: unknown): DatabaseFault {
  if (!(error instanceof pg.DatabaseError)) return error instanceof TypeError ? 'ours' : 'again';
  const { code = '', routine } = error;
  if (routine === ROW_CHECK) return 'ours';
  return CODES[code] ?? CLASSES[code.slice(0, 2)] ?? 'ours';
}

/** True when the connection must not be used again: the fault may be its own, such as being read-only. */
export function endsConnection(error: unknown): boolean {
  if (!(error instanceof pg.DatabaseError)) return faultOf(error) === 'again';
  return faultOf(error) !== 'ours' && !OF_TRANSACTION.has(error.code ?? '');
}
