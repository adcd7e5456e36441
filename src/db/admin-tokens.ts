// Admin tokens by the hashes of their secrets. A secret itself never comes here.

import type { GivenRole } from '../domain/people/roles.ts';
import { ADMIN_TOKENS, type NewAdminToken, type StoredAdminToken } from './admin-tables.ts';
import type { Tx } from './database.ts';
import { HELD } from './held.ts';

export type AdminTokenRow = StoredAdminToken & {
  readonly owner_person_id: string;
  readonly owner_email: string;
  readonly maker_person_id: string | null;
  /** What its owner holds now; nothing when deactivated. */
  readonly owner_roles: readonly GivenRole[];
};

/** A use is kept once in this time, so that a busy program does not write one row all day. */
const USE_KEPT_SECONDS = 60;

const SELECT = `select ${ADMIN_TOKENS.select('t')}, o.person_id as owner_person_id, o.email as owner_email,
    (select m.person_id from placet.people_now m where m.tenant_id = t.tenant_id and m.id = t.maker_person_id) as maker_person_id,
    array(select h.role from held h where h.person_id = o.person_id order by h.role) as owner_roles
  from placet.admin_tokens t join placet.people_now o on o.tenant_id = t.tenant_id and o.id = t.owner_person_id
  where t.tenant_id = $1`;

/** Adds a token; false when the name is taken, also by a revoked one. */
export async function insertToken(tx: Tx, token: NewAdminToken): Promise<boolean> {
  const sql = `${ADMIN_TOKENS.insert} on conflict (tenant_id, name) do nothing`;
  return (await tx.query(sql, ADMIN_TOKENS.valuesOf(tx, token))).rowCount === 1;
}

/** The live token with this hash, or null. */
export async function findLive(tx: Tx, secret_hash: Uint8Array): Promise<AdminTokenRow | null> {
  const sql = `with ${HELD} ${SELECT} and t.secret_hash = $2 and t.revoked_at is null and t.expires_at > $3`;
  return (await tx.query<AdminTokenRow>(sql, [tx.tenant_id, Buffer.from(secret_hash), tx.now])).rows[0] ?? null;
}

/** All tokens that are neither revoked nor expired. */
export async function listLive(tx: Tx): Promise<AdminTokenRow[]> {
  const sql = `with ${HELD} ${SELECT} and t.revoked_at is null and t.expires_at > $2 order by t.name`;
  return (await tx.query<AdminTokenRow>(sql, [tx.tenant_id, tx.now])).rows;
}

/** All tokens by name, those that are over last. */
export async function listTokens(tx: Tx, limit: number): Promise<AdminTokenRow[]> {
  const sql = `with ${HELD} ${SELECT} order by t.revoked_at is not null or t.expires_at <= $2, t.name limit $3`;
  return (await tx.query<AdminTokenRow>(sql, [tx.tenant_id, tx.now, limit])).rows;
}

/** The id of the token with this name, over or not. */
export async function findIdByName(tx: Tx, name: string): Promise<string | null> {
  const sql = 'select id from placet.admin_tokens where tenant_id = $1 and name = $2';
  return (await tx.query<{ id: string }>(sql, [tx.tenant_id, name])).rows[0]?.id ?? null;
}

/** Ends a token for good; false when it was revoked before. */
export async function revokeToken(tx: Tx, id: string): Promise<boolean> {
  const sql = 'update placet.admin_tokens set revoked_at = $3 where tenant_id = $1 and id = $2 and revoked_at is null';
  return (await tx.query(sql, [tx.tenant_id, id, tx.now])).rowCount === 1;
}

/** Keeps that it was used, to the minute. */
export async function touchToken(tx: Tx, id: string): Promise<void> {
  const sql = `update placet.admin_tokens set last_used_at = $3 where tenant_id = $1 and id = $2
    and (last_used_at is null or last_used_at < $3::timestamptz - make_interval(secs => ${USE_KEPT_SECONDS}))`;
  await tx.query(sql, [tx.tenant_id, id, tx.now]);
}
