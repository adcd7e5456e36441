// Admin tokens: create, revoke, list, and who bears one. A token is given out once and stored as a hash. It belongs to a person,
// never may more than that person at this moment, and ends for good once it is seen that the person may less than it.

import { recordEvent } from '../../audit/record.ts';
import * as addresses from '../../db/addresses.ts';
import type { AdminTokenRow } from '../../db/admin-tokens.ts';
import * as adminTokens from '../../db/admin-tokens.ts';
import type { Tx } from '../../db/database.ts';
import * as policies from '../../db/policies.ts';
import * as roles from '../../db/roles.ts';
import { PlacetError } from '../../domain/errors.ts';
import { addressOf } from '../../domain/people/address.ts';
import {
  type AdminTokenPrincipal,
  API,
  type OperatorPrincipal,
  type Principal,
} from '../../domain/people/principal.ts';
import { type Permission, permissionsOfToken, type Role, type TokenRole } from '../../domain/people/roles.ts';
import type { ServiceDeps } from '../deps.ts';

/** More than one screen can show. */
const TOKENS_LISTED_MAX = 1_000;
const DAY_MS = 86_400_000;

export type TokenDeps = ServiceDeps & {
  /** A fresh token with its SHA-256 and the few characters that its holder recognises it by. */
  readonly makeAdminToken: () => { readonly token: string; readonly hash: Uint8Array; readonly hint: string };
};

type Operator = { readonly tenant_id: string; readonly operator: OperatorPrincipal };

export type IssuedToken = {
  readonly id: string;
  readonly name: string;
  readonly role: TokenRole;
  /** Shown this once. */
  readonly token: string;
  readonly expires_at: Date;
};

/**
 * Makes a token. Throws owner_unknown, permission_missing when its owner lacks what the role may do, conflict for a taken name.
 */
export function createToken(
  deps: TokenDeps,
  input: Operator & {
    readonly name: string;
    readonly role: TokenRole;
    readonly owner_email: string;
    readonly days: number;
  },
): Promise<IssuedToken> {
  const { name, role, operator: actor } = input;
  return deps.transact(input.tenant_id, async (begun) => {
    // No role is given or taken meanwhile.
    const tx = await policies.lockPolicies(begun);
    const owner = await addresses.findOwner(tx, addressOf(input.owner_email));
    if (owner === null) throw new PlacetError('owner_unknown', { owner: input.owner_email });
    const missing = lacking(role, await roles.listRolesOf(tx, owner.id));
    if (missing !== undefined)
      throw new PlacetError('permission_missing', { owner: input.owner_email, permission: missing });
    const { token, hash: secret_hash, hint } = deps.makeAdminToken();
    const id = deps.newId('adminToken');
    const expires_at = new Date(tx.now.getTime() + input.days * DAY_MS);
    const row = { id, name, role, owner_person_id: owner.id, maker_person_id: null, secret_hash, hint, expires_at };
    if (!(await adminTokens.insertToken(tx, row))) throw new PlacetError('conflict', { name });
    const facts = { admin_token_id: id, name, role, owner_person_id: owner.id, expires_at: expires_at.toISOString() };
    await recordEvent(deps, tx, { type: 'admin_token.created', outcome: 'success', actor, facts });
    return { id, name, role, token, expires_at };
  });
}

/** Ends a token for good; again changes nothing. Throws not_found. */
export function revokeToken(
  deps: ServiceDeps,
  { tenant_id, name, operator: actor }: Operator & { readonly name: string },
): Promise<{ readonly id: string; readonly name: string; readonly kind: 'revoked' | 'unchanged' }> {
  return deps.transact(tenant_id, async (tx) => {
    const id = await adminTokens.findIdByName(tx, name);
    if (id === null) throw new PlacetError('not_found', { token: name });
    const isNew = await endToken(deps, tx, { id, why: 'asked', actor });
    return { id, name, kind: isNew ? 'revoked' : 'unchanged' };
  });
}

/** All tokens, with what their owners hold now. */
export function listTokens(
  deps: Pick<ServiceDeps, 'transact'>,
  { tenant_id }: { readonly tenant_id: string },
): Promise<readonly AdminTokenRow[]> {
  return deps.transact(tenant_id, (tx) => adminTokens.listTokens(tx, TOKENS_LISTED_MAX));
}

/** Whoever bears the token with this hash, or null. One whose owner may less than it by now ends with this. */
export function findTokenBearer(
  deps: ServiceDeps,
  { tenant_id, hash }: { readonly tenant_id: string; readonly hash: Uint8Array },
): Promise<Omit<AdminTokenPrincipal, 'kind' | 'via'> | null> {
  return deps.transact(tenant_id, async (tx) => {
    const row = await adminTokens.findLive(tx, hash);
    if (row === null) return null;
    const { id, name, role, owner_person_id, maker_person_id, owner_roles } = row;
    if (lacking(role, owner_roles) !== undefined) {
      await endToken(deps, tx, { id, why: 'owner_lost_role', actor: API });
      return null;
    }
    await adminTokens.touchToken(tx, id);
    const permissions = permissionsOfToken(role, owner_roles);
    return { id, tenant_id, name, role, owner_person_id, maker_person_id, permissions };
  });
}

/** Keeps that a token was refused for want of a permission. */
export function recordTokenRefused(
  deps: ServiceDeps,
  caller: AdminTokenPrincipal,
  permission: Permission,
): Promise<void> {
  const facts = { admin_token_id: caller.id, permission };
  return deps.transact(caller.tenant_id, (tx) =>
    recordEvent(deps, tx, { type: 'admin_token.refused', outcome: 'failure', actor: caller, facts }),
  );
}

/**
 * Throws unless the token may do this now, whatever was established at the door: from here on, until the transaction ends, no
 * role is taken. Throws admin_token_invalid, permission_missing.
 */
export async function requireStill(tx: Tx, { id }: AdminTokenPrincipal, permission: Permission): Promise<void> {
  await policies.holdPolicies(tx);
  const row = (await adminTokens.listLive(tx)).find((token) => token.id === id);
  if (row === undefined) throw new PlacetError('admin_token_invalid');
  if (!permissionsOfToken(row.role, row.owner_roles).includes(permission))
    throw new PlacetError('permission_missing', { permission });
}

/** Whoever is behind a token: they never count for what it brings about. */
export function peopleOf({ owner_person_id, maker_person_id }: AdminTokenPrincipal): readonly string[] {
  return [owner_person_id, ...(maker_person_id === null ? [] : [maker_person_id])];
}

/** After roles were taken: ends every token whose owner may less than it now. */
export async function endTokens(deps: ServiceDeps, tx: Tx, actor: Principal): Promise<void> {
  for (const { id, role, owner_roles } of await adminTokens.listLive(tx)) {
    if (lacking(role, owner_roles) !== undefined) await endToken(deps, tx, { id, why: 'owner_lost_role', actor });
  }
}

/** What a token of this role may do and somebody with these roles may not; undefined when there is nothing. */
function lacking(role: TokenRole, owner_roles: readonly Role[]): Permission | undefined {
  const held = permissionsOfToken(role, owner_roles);
  return permissionsOfToken(role, [role]).find((permission) => !held.includes(permission));
}

async function endToken(
  deps: ServiceDeps,
  tx: Tx,
  { id, why, actor }: { readonly id: string; readonly why: 'asked' | 'owner_lost_role'; readonly actor: Principal },
): Promise<boolean> {
  if (!(await adminTokens.revokeToken(tx, id))) return false;
  const facts = { admin_token_id: id, why };
  await recordEvent(deps, tx, { type: 'admin_token.revoked', outcome: 'success', actor, facts });
  return true;
}
