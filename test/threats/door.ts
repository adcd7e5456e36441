// A real API with one approved story in it, and a signing key whose private half the test holds: the strongest forger.

import { randomUUID } from 'node:crypto';
import { decodeJwt } from 'jose';
import { type ForgedKey, forge, forgeKey, goodHeader } from '../../sdk/test/forge.ts';
import { decide } from '../../src/service/approver/decide.ts';
import { makeKey, type RealApi, type RealApiOptions, startRealApi } from '../http/real-api.ts';
import { makeClick, makeWorld, type World } from '../support/builders.ts';
import { createTestDatabase, TENANT, type TestDatabase } from '../support/database.ts';

export const REQUESTS = '/v1/approval-requests';
export const ASK = {
  action: 'orders.refund',
  resource: 'order/A-1001',
  parameters: { amount: 120, currency: 'EUR' },
  justification: 'The parcel arrived broken.',
};

export type Claims = Readonly<Record<string, unknown>> & { readonly iat: number; readonly exp: number };
export type Claimed = {
  readonly request: { readonly id: string; readonly digest: string };
  readonly lease_id: string;
  readonly token: string;
  readonly claims: Claims;
};

export type Door = {
  readonly database: TestDatabase;
  readonly world: World;
  readonly api: RealApi;
  /** Of the agent that asks. */
  readonly key: string;
  /** Published as if it were ours, so that a forged credential fails only for what is wrong in it. */
  readonly signing: ForgedKey;
  readonly ask: (body?: object, idempotency_key?: string) => Promise<Claimed['request']>;
  readonly approved: (body?: object) => Promise<Claimed['request']>;
  readonly claimed: (body?: object) => Promise<Claimed>;
  readonly leaseState: (lease_id: string) => Promise<string | undefined>;
  readonly close: () => Promise<void>;
};

/** Opens the door on a database of its own. */
export async function openDoor(options: Pick<RealApiOptions, 'is_issuer'> = {}): Promise<Door> {
  const database = await createTestDatabase();
  const world = await makeWorld(database);
  const api = await startRealApi(database, options);
  const key = await makeKey(world.service);
  const signing = forgeKey();
  await publish(database, signing);
  const ask: Door['ask'] = async (body = ASK, idempotency_key = randomUUID()) => {
    const { status, text } = await api.send(key, 'POST', REQUESTS, body, { 'idempotency-key': idempotency_key });
    if (status !== 201) throw new Error(`the ask was answered ${status}: ${text}`);
    return JSON.parse(text);
  };
  const approved: Door['approved'] = async (body) => {
    const request = await ask(body);
    await decide(world.deps, makeClick(request, 'ann'));
    return request;
  };
  return {
    ...{ database, world, api, key, signing, ask, approved },
    claimed: async (body) => {
      const request = await approved(body);
      const { status, text } = await api.send(key, 'POST', `${REQUESTS}/${request.id}/credential`);
      if (status !== 200) throw new Error(`the claim was answered ${status}: ${text}`);
      const { credential, lease } = JSON.parse(text);
      return { request, lease_id: lease.id, token: credential.token, claims: decodeJwt<Claims>(credential.token) };
    },
    leaseState: async (lease_id) =>
      (await database.asSuperuser<{ state: string }>('select state from placet.leases where id = $1', [lease_id]))[0]
        ?.state,
    close: async () => {
      await api.close();
      await database.drop();
    },
  };
}

/** Puts a key among the tenant's public ones, as one that signed until now. */
export async function publish(database: TestDatabase, { jwk }: ForgedKey, tenant = TENANT): Promise<void> {
  await database.asSuperuser(
    `insert into placet.signing_keys (tenant_id, kid, public_jwk, private_sealed, retired_at) values ($1, $2, $3, '', now())`,
    [tenant, jwk.kid, JSON.stringify(jwk)],
  );
}

export const codeOf = ({ text }: { readonly text: string }): string | undefined =>
  (JSON.parse(text) as { code?: string }).code;

/** A credential with changed claims, truly signed by the key; `undefined` removes a claim. */
export function resign(signing: ForgedKey, claims: Claims, changes: Readonly<Record<string, unknown>> = {}): string {
  return forge(signing, goodHeader(signing), { ...claims, ...changes });
}

/** A credential with a changed header, truly signed by the key. */
export function reheader(signing: ForgedKey, claims: Claims, changes: Readonly<Record<string, unknown>>): string {
  return forge(signing, { ...goodHeader(signing), ...changes }, claims);
}
