// What an operator's commands do: each opens the database, works in the configured tenant, and closes it again.

import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Operations } from '../cli/operations.ts';
import { openDatabase } from '../db/database.ts';
import { migrate } from '../db/migrate.ts';
import * as tenants from '../db/tenants.ts';
import { PlacetError } from '../domain/errors.ts';
import { adminTokenHint, hashAdminToken, makeAdminToken } from '../identity/admin-token.ts';
import { AGENT_KEY_RANDOM_BYTES, agentKeyHint, hashAgentKey, makeAgentKey } from '../identity/agent-key.ts';
import { BEARER_RANDOM_BYTES } from '../identity/bearer.ts';
import type { CreateAgentDeps } from '../service/admin/agents.ts';
import type { ChangeDeps } from '../service/admin/change-policy.ts';
import type { ExportAuditDeps } from '../service/admin/export.ts';
import type { FindAccount } from '../service/admin/owner.ts';
import type { SecretDeps } from '../service/admin/source-secrets.ts';
import type { TokenDeps } from '../service/admin/tokens.ts';
import type { VerifyDeps } from '../service/admin/verify.ts';
import type { ServiceDeps } from '../service/deps.ts';
import { bindInTenant, OPERATOR_USE_CASES } from '../service/use-cases.ts';
import { fitsCard } from '../slack/draw/card-limits.ts';
import { changeGroup } from './admin-api.ts';
import { openAnchors } from './anchors.ts';
import type { Config } from './config.ts';
import { digestAction, sha256 } from './digests.ts';
import { databaseFault } from './faults.ts';
import { sealSecretWith } from './member-sources.ts';
import { databaseUrl, newId } from './wiring.ts';

type DatabaseOperations = Omit<Operations, 'serve' | 'apiUrl' | 'dev' | 'doctorChecks' | 'openDemo'>;

/** The folder of the numbered SQL files. */
export const MIGRATIONS = fileURLToPath(new URL('../../../migrations', import.meta.url));

/** What checks an export: one file, which goes with it. */
const SCRIPTS = fileURLToPath(new URL('../../../scripts/', import.meta.url));

/** A file of the verifier of exports, to the byte. */
export const readVerifier = (name: string) => readFile(join(SCRIPTS, name));

/** One command at a time needs one connection, and one more when a read meets a write. */
const CONNECTIONS_MAX = 2;

/** The operations that need a database; `loadConfig` is asked when one runs, so that `--help` needs no settings. */
export function buildAdmin(loadConfig: () => Config): DatabaseOperations {
  const operated = bindInTenant(
    (work) => withService(loadConfig(), async (deps, tenant_id) => work(deps, tenant_id)),
    OPERATOR_USE_CASES,
  );
  return {
    ...operated,
    changeGroup: (input) => changeGroup(loadConfig(), input),
    migrate: () => runMigrations(loadConfig()),
  };
}

export type AdminDeps = ServiceDeps &
  CreateAgentDeps &
  TokenDeps &
  ChangeDeps &
  VerifyDeps &
  ExportAuditDeps &
  SecretDeps;

/** Work on the database in the configured tenant: opened for it, and closed after it. */
export async function withService<T>(
  config: Config,
  work: (deps: AdminDeps, tenant_id: string) => Promise<T>,
): Promise<T> {
  const onError = () => undefined; // A connection that dies while idle is replaced; one in use tells its caller.
  const url = databaseUrl(config);
  const database = openDatabase({ url, max: CONNECTIONS_MAX, application_name: 'placet admin', onError });
  try {
    await database
      .transact(config.tenant, (tx) => tenants.ensureTenant(tx))
      .catch((error: unknown) => {
        throw databaseFault(error, 'DATABASE_URL');
      });
    const findAccount = findAccountWith(config);
    const anchors = openAnchors(config);
    const made = {
      sha256,
      digestAction,
      fitsCard,
      makeAgentKey: freshKey,
      makeAdminToken: freshToken,
      sealSecret: sealSecretWith(config),
      verifier: readVerifier,
    };
    const deps = { transact: database.transact, newId, anchors, findAccount, ...made };
    return await work(deps, config.tenant);
  } finally {
    await database.close();
  }
}

/** Brings the schema up with the owner's login. */
export function runMigrations(config: Pick<Config, 'database_url' | 'database_owner_url'>): Promise<readonly string[]> {
  const { database_owner_url } = config;
  if (database_owner_url === undefined) {
    throw new PlacetError('unavailable', { dependency: 'database', remedy: 'set DATABASE_OWNER_URL for migrations' });
  }
  const log = () => undefined; // The command prints the names that come back.
  const options = { owner_url: database_owner_url, app_url: databaseUrl(config), folder: MIGRATIONS, log };
  return migrate(options).catch((error: unknown) => {
    throw databaseFault(error, 'DATABASE_OWNER_URL');
  });
}

/** Who in Slack shows an address, where Slack is configured; its library is loaded once somebody asks. */
export function findAccountWith({ slack, slack_api_url: api_url }: Config): FindAccount {
  let made: Promise<FindAccount> | undefined;
  const make = async () => {
    const { createFindAccount } = await import('../slack/send/find-account.ts');
    return createFindAccount({ token: slack.kind === 'none' ? null : slack.bot_token, api_url });
  };
  return async (address) => {
    made ??= make();
    return (await made)(address);
  };
}

function freshToken(): { token: string; hash: Uint8Array; hint: string } {
  const token = makeAdminToken(randomBytes(BEARER_RANDOM_BYTES)).unwrap();
  const hash = hashAdminToken(token);
  if (hash === null) throw new PlacetError('internal', {}, new Error('a fresh token is no token'));
  return { token, hash, hint: adminTokenHint(token) };
}

/** A fresh agent key with its hash and hint. */
export function freshKey(): { key: string; hash: Uint8Array; hint: string } {
  const key = makeAgentKey(randomBytes(AGENT_KEY_RANDOM_BYTES)).unwrap();
  return { key, hash: hashAgentKey(key), hint: agentKeyHint(key) };
}
