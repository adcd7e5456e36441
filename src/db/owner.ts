// May this login migrate this database? Three roles are the whole cluster's, so a second installation in it meets those of the
// first; and a database belongs to the login that migrated it first.

import type pg from 'pg';
import { PlacetError } from '../domain/errors.ts';

/** Since this version whoever makes roles may not give out those that another one made. */
const OWN_ROLES_SINCE = 160_000;

const ROLES_OF_OTHERS = `select r.rolname as role, current_user as login,
  array(select m.rolname::text from pg_auth_members a join pg_roles m on m.oid = a.member
    where a.roleid = r.oid and a.admin_option order by m.rolname) as holders
from pg_roles r
where r.rolname in ('placet_owner', 'placet_app') and not pg_has_role(r.oid, 'member with admin option')
  and not (current_setting('server_version_num')::integer < ${OWN_ROLES_SINCE}
    and (select rolcreaterole from pg_roles where rolname = current_user))
order by r.rolname desc`;

const SCHEMAS_OF_OTHERS = `select nspowner::regrole::text as holder, current_user as login
from pg_namespace where nspname = 'placet_migrations' and not pg_has_role(nspowner, 'usage')`;

type RoleOfOthers = { readonly role: string; readonly login: string; readonly holders: readonly string[] };

/** Throws when the roles or the database are another login's, naming that login and the two ways out. */
export async function requireOwner(client: pg.Client): Promise<void> {
  const [database] = (await client.query<{ holder: string; login: string }>(SCHEMAS_OF_OTHERS)).rows;
  if (database !== undefined) {
    const { holder, login } = database;
    const remedy = `name ${holder} in DATABASE_OWNER_URL, or as ${holder}: grant ${holder} to ${login}`;
    throw refusal(`this database was migrated by the login ${holder}, and ${login} is another one`, remedy);
  }
  const { rows: roles } = await client.query<RoleOfOthers>(ROLES_OF_OTHERS);
  const [first] = roles;
  if (first === undefined) return;
  const names = roles.map(({ role }) => role).join(' and ');
  const { login, holders } = first;
  const holder = holders[0] ?? 'a superuser';
  throw refusal(
    `the whole cluster shares ${names}, which another installation in it made with the login ${holder}`,
    `as ${holder}: grant ${roles.map(({ role }) => role).join(', ')} to ${login} with admin option; ` +
      `or name ${holder} in DATABASE_OWNER_URL; or give this installation a cluster of its own`,
  );
}

function refusal(reason: string, remedy: string): PlacetError {
  return new PlacetError('unavailable', { dependency: 'database', reason, remedy });
}
