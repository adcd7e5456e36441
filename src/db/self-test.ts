// Tries each forbidden verb as the app's role and refuses to go on if one works. Changes nothing: it rolls back.

import pg from 'pg';
import { PlacetError } from '../domain/errors.ts';

/** PostgreSQL's code for "permission denied", the only answer that counts as refused here. */
const DENIED = '42501';

/** Each is a statement that must be refused. They are tried in savepoints and rolled back whatever happens. */
export const FORBIDDEN: readonly string[] = [
  ...['decisions', 'audit_events', 'policy_versions', 'results', 'content_views'].flatMap((table) => [
    `update placet.${table} set tenant_id = tenant_id`,
    `delete from placet.${table}`,
    `truncate placet.${table}`,
    `alter table placet.${table} disable trigger all`,
    `drop table placet.${table}`,
  ]),
  'delete from placet.approval_requests',
  'update placet.approval_requests set digest = digest',
  'update placet.approval_requests set canonical = canonical',
  'update placet.approval_requests set requirement = requirement',
  'update placet.approval_requests set credential = credential',
  'update placet.approval_requests set excluded_people = excluded_people',
  'update placet.approval_requests set expires_at = expires_at',
  'delete from placet.grants',
  'update placet.grants set credential = credential',
  'update placet.grants set digest = digest',
  'delete from placet.leases',
  'update placet.leases set digest = digest',
  'update placet.leases set expires_at = expires_at',
  'delete from placet.agent_keys',
  'update placet.agent_keys set secret_hash = secret_hash',
  'delete from placet.people',
  'update placet.people set email = email',
  'alter table placet.approval_requests disable row level security',
  'alter table placet.approval_requests no force row level security',
  'drop policy one_tenant on placet.approval_requests',
  'create table placet.intruder (id integer)',
  'set session_replication_role = replica',
  'set role placet_owner',
  "copy (select 1) to program 'true'",
  "select pg_read_file('PG_VERSION')",
];

const ROLE_FACTS = `
select rolsuper or rolbypassrls or rolcreaterole as is_too_strong,
  exists (select from pg_class where relnamespace = 'placet'::regnamespace and pg_has_role(current_user, relowner, 'member')) as is_owner
from pg_roles where rolname = current_user`;

/** Throws database_unsafe, naming what worked, when the login of `url` can do what it must not. */
export async function assertSafeRole(url: string): Promise<void> {
  const client = new pg.Client({
    connectionString: url,
    application_name: 'placet self-test',
    connectionTimeoutMillis: 5_000,
  });
  await client.connect();
  try {
    const { rows } = await client.query<{ is_too_strong: boolean; is_owner: boolean }>(ROLE_FACTS);
    const worked: string[] = [];
    if (rows[0]?.is_too_strong !== false)
      worked.push('the login is a superuser, bypasses row-level security or creates roles');
    if (rows[0]?.is_owner !== false) worked.push('the login owns the tables');
    for (const statement of FORBIDDEN) if (await works(client, statement)) worked.push(statement);
    if (worked.length > 0) throw new PlacetError('database_unsafe', { worked });
  } finally {
    await client.end();
  }
}

async function works(client: pg.Client, statement: string): Promise<boolean> {
  await client.query('begin');
  try {
    await client.query(statement);
    return true;
  } catch (error) {
    return !(error instanceof pg.DatabaseError && error.code === DENIED);
  } finally {
    await client.query('rollback');
  }
}
