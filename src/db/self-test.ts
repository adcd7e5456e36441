// Tries each forbidden verb as the app's role and refuses to go on if one works. Changes nothing: it rolls back.

import pg from 'pg';
import { PlacetError } from '../domain/errors.ts';
import { withConnection } from './connect.ts';
import { faultOf } from './database-faults.ts';
import { requireServer } from './server.ts';

/** A statement that runs longer waits for a lock, so it was not refused. */
const STATEMENT_TIMEOUT_MS = 5_000;
const REMEDY = 'use the login that placet migrate made, never the owner or a superuser';
/** PostgreSQL's code for "permission denied", the only answer that counts as refused here. */
const DENIED = '42501';
/** And for a statement that took too long. */
const TIMED_OUT = '57014';

/** All that the app may change of a row; every other column of every table must be refused, also those of later tables. */
const MAY_UPDATE: Readonly<Record<string, readonly string[]>> = {
  admin_tokens: ['revoked_at', 'last_used_at'],
  agent_keys: ['revoked_at', 'expires_at'],
  agents: ['labels', 'revoked_at', 'behind_people'],
  approval_requests: ['state', 'revision', 'closed_at'],
  approver_groups: ['slack_user_group', 'source', 'channel', 'retired_at'],
  grants: ['redeemed_at', 'redemptions', 'uses'],
  logs: ['size', 'settled', 'sequenced_at', 'signer', 'signer_until'],
  leases: ['state', 'used_at', 'ended_at'],
  outbox: ['attempts', 'next_attempt_at'],
  people: ['name', 'deactivated_at', 'merged_into'],
  person_emails: ['until_at'],
  person_roles: ['until_at'],
  person_identities: ['linked_by', 'until_at'],
  policy_proposals: ['outcome', 'ended_at'],
  signing_keys: ['retired_at'],
  slack_messages: [
    ...['state', 'team_id', 'channel_id', 'ts', 'revision', 'error', 'updated_at'],
    ...['attempts', 'next_attempt_at', 'undelivered_at', 'tried_at', 'posted_at', 'queue'],
  ],
  source_secrets: ['secret_sealed', 'set_at'],
  slack_queues: ['not_before', 'pace_ms', 'held_by', 'held_until'],
};

/** Rows that the app may remove: they say how things are, and each change of them has its audit event. */
const MAY_DELETE: readonly string[] = [
  'absences',
  'approver_group_members',
  'approver_group_parts',
  'dpop_proofs',
  'source_secrets',
  'outbox',
];

const ELSEWHERE: readonly string[] = [
  'create table placet.intruder (id integer)',
  'create or replace function placet.current_tenant() returns text language sql return null',
  'set session_replication_role = replica',
  'set role placet_owner',
  "copy (select 1) to program 'true'",
  "select pg_read_file('PG_VERSION')",
];

type TableColumns = { readonly table: string; readonly columns: readonly string[] };

/** Statements that must be refused. None finds a row, so that nothing is locked or changed should one be allowed. */
function forbiddenStatements(tables: readonly TableColumns[]): readonly string[] {
  const onTables = tables.flatMap(({ table, columns }) => [
    ...columns
      .filter((column) => !(MAY_UPDATE[table] ?? []).includes(column))
      .map((column) => `update placet.${table} set ${column} = default where false`),
    ...(MAY_DELETE.includes(table) ? [] : [`delete from placet.${table} where false`]),
    `truncate placet.${table}`,
    `alter table placet.${table} disable trigger all`,
    `alter table placet.${table} no force row level security`,
    `drop table placet.${table}`,
  ]);
  return [...onTables, ...ELSEWHERE];
}

const TABLES = `
select c.relname as "table", array_agg(a.attname::text order by a.attnum) as columns
from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
where c.relnamespace = 'placet'::regnamespace and c.relkind = 'r' group by c.relname order by c.relname`;

const ROLE_FACTS = `
select rolsuper or rolbypassrls or rolcreaterole as is_too_strong,
  exists (select from pg_class where relnamespace = 'placet'::regnamespace and pg_has_role(current_user, relowner, 'member')) as is_owner
from pg_roles where rolname = current_user`;

/** Throws database_unsafe, naming what worked, when the login of `url` can do what it must not; first what no login cures. */
export function assertSafeRole(url: string): Promise<void> {
  return withConnection(url, 'placet self-test', async (client) => {
    await requireServer(client);
    const { rows } = await client.query<{ is_too_strong: boolean; is_owner: boolean }>(ROLE_FACTS);
    const worked: string[] = [];
    if (rows[0]?.is_too_strong !== false)
      worked.push('the login is a superuser, bypasses row-level security or creates roles');
    if (rows[0]?.is_owner !== false) worked.push('the login owns the tables');
    // A role as strong as that could do all of it: nothing is tried with it.
    if (worked.length === 0) worked.push(...(await listWorking(client)));
    if (worked.length > 0) throw new PlacetError('database_unsafe', { worked, remedy: REMEDY });
  });
}

async function listWorking(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<TableColumns>(TABLES);
  const worked: string[] = [];
  for (const statement of forbiddenStatements(rows)) if (await works(client, statement)) worked.push(statement);
  return worked;
}

async function works(client: pg.Client, statement: string): Promise<boolean> {
  await client.query(`begin; set local statement_timeout = ${STATEMENT_TIMEOUT_MS}`);
  try {
    await client.query(statement);
    return true;
  } catch (error) {
    const code = error instanceof pg.DatabaseError ? error.code : undefined;
    // A server that goes away meanwhile, or becomes a standby, has not said that the login may.
    if (code !== TIMED_OUT && faultOf(error) === 'again') throw error;
    return code !== DENIED;
  } finally {
    await client.query('rollback').catch(() => undefined);
  }
}
