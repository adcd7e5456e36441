// Whose fault an error of PostgreSQL is: every class of SQLSTATE has its answer, and what passes by itself is told so.
import { expect, test } from '@jest/globals';
import pg from 'pg';
import { type DatabaseFault, endsConnection, faultOf } from '../../src/db/database-faults.ts';

const failed = (code: string, more: object = {}) =>
  Object.assign(new pg.DatabaseError('failed', 0, 'error'), { code, ...more });

/** Appendix A of PostgreSQL 18. */
const CLASSES =
  '08 09 0A 0B 0F 0L 0P 0Z 10 20 21 22 23 24 25 26 27 28 2B 2D 2F 34 38 39 3B 3D 3F 40 42 44 53 54 55 57 58 72 F0 HV P0 XX';

test('every class of SQLSTATE is known, and one of the future is not called passing', () => {
  const faults = CLASSES.split(' ').map((name) => faultOf(failed(`${name}000`)));
  expect(new Set(faults)).toEqual(new Set(['ours', 'theirs', 'again']));
  expect(faultOf(failed('ZZ999'))).toBe('ours');
});

const cases: readonly (readonly [what: string, code: string, fault: DatabaseFault, ends: boolean])[] = [
  ['a read-only transaction', '25006', 'again', true],
  ['an administrator ended the session', '57P01', 'again', true],
  ['a crash of another session', '57P02', 'again', true],
  ['a server that starts or recovers', '57P03', 'again', true],
  ['a database that was dropped', '57P04', 'theirs', true],
  ['a statement that took too long', '57014', 'again', false],
  ['a connection that broke', '08006', 'again', true],
  ['a server that refuses connections', '08004', 'again', true],
  ['a pooler that does not know how', '08P01', 'again', true],
  ['a statement that a pooler lost', '26000', 'again', true],
  ['a statement that a pooler has already', '42P05', 'again', true],
  ['a plan that a migration outran', '0A000', 'theirs', true],
  ['a serialisation that failed', '40001', 'again', false],
  ['a deadlock', '40P01', 'again', false],
  ['a commit that nobody knows the end of', '40003', 'again', true],
  ['a full disk', '53100', 'again', true],
  ['no memory', '53200', 'again', true],
  ['no connection left', '53300', 'again', true],
  ['a lock that was not got in time', '55P03', 'again', false],
  ['a lock for writing on a standby', '55000', 'again', true],
  ['a disk that fails', '58030', 'again', true],
  ['a transaction that stood idle', '25P03', 'again', true],
  ['a transaction that lasted too long', '25P04', 'again', true],
  ['a wrong password', '28P01', 'theirs', true],
  ['a login that may not come in', '28000', 'theirs', true],
  ['a right that the login lacks', '42501', 'theirs', true],
  ['a role that is gone', '0P000', 'theirs', true],
  ['a schema of another version', '42P01', 'theirs', true],
  ['a column of another version', '42703', 'theirs', true],
  ['transaction ids that are used up', '54000', 'theirs', true],
  ['an index that is broken', 'XX002', 'theirs', true],
  ['a character that the database lacks', '22P05', 'theirs', true],
  ['a division by zero', '22012', 'ours', false],
  ['a row that is there already', '23505', 'ours', false],
  ['a row that never changes', '23001', 'ours', false],
  ['a wrong statement', '42601', 'ours', false],
  ['a statement after one that failed', '25P02', 'ours', false],
];

test.each(cases)('%s (%s) is %s', (_what, code, fault, ends) => {
  expect([faultOf(failed(code)), endsConnection(failed(code))]).toEqual([fault, ends]);
});

test('a row of another tenant is our fault, although it shares its code with a missing right (INV-9)', () => {
  expect(faultOf(failed('42501', { routine: 'ExecWithCheckOptions' }))).toBe('ours');
});

test.each([
  ['a connection that is refused', Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }), 'again'],
  ['a connection that ended', new Error('Connection terminated unexpectedly'), 'again'],
  ['a server that does not answer', new Error('timeout expired'), 'again'],
  ['a value that cannot be written', new TypeError('Converting circular structure to JSON'), 'ours'],
] as const)('%s is %s', (_what, error, fault) => {
  expect([faultOf(error), endsConnection(error)]).toEqual([fault, fault === 'again']);
});
